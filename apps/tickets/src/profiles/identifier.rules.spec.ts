import { describe, expect, it } from '@jest/globals';
import type { Identifier } from '@parley/contracts/channels';
import { spelled, toLearn } from './identifier.rules.js';

describe('identifiers', () => {
  it.each<{ type: Identifier['type']; written: string; kept: string }>`
    rule       | type         | written                  | kept
    ${'PRO-1'} | ${'email'}   | ${' Mia@Example.COM '}   | ${'mia@example.com'}
    ${'PRO-1'} | ${'phone'}   | ${'+33 6 12 34-56.78'}   | ${'+33612345678'}
    ${'PRO-1'} | ${'phone'}   | ${'+33 (0)6 12 34 56 78'} | ${'+33612345678'}
    ${'PRO-1'} | ${'phone'}   | ${'8 22 33'}             | ${'82233'}
    ${'PRO-1'} | ${'wa_id'}   | ${'+33612345678'}        | ${'33612345678'}
    ${'PRO-1'} | ${'visitor'} | ${'User_7'}              | ${'User_7'}
    ${'PRO-1'} | ${'igsid'}   | ${'178414'}              | ${'178414'}
    ${'PRO-1'} | ${'bsuid'}   | ${'US.Ab12'}             | ${'US.Ab12'}
    ${'PRO-1'} | ${'alnum'}   | ${'Bank'}                | ${'BANK'}
    ${'PRO-1'} | ${'phone'}   | ${'anonymous'}           | ${'anonymous'}
  `('$rule $type $written is kept as $kept', ({ type, written, kept }) => {
    expect(spelled({ type, value: written, verified: true }).value).toBe(kept);
  });

  it('PRO-1 only further, proven and unknown identifiers are learnt', () => {
    const visitor = { type: 'visitor', value: 'u1', verified: true } as const;
    const email = { type: 'email', value: 'Mia@example.com', verified: true } as const;
    const claimed = { type: 'phone', value: '+33612345678', verified: false } as const;
    expect(toLearn([visitor, email, claimed], [visitor])).toEqual([{ ...email, value: 'mia@example.com' }]);
    expect(toLearn([visitor, email], [visitor, spelled(email)])).toEqual([]);
  });
});
