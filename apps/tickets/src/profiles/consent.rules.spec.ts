import { describe, expect, it } from '@jest/globals';
import type { ChannelType, ConsentKind, Keyword } from '@parley/contracts/channels';
import type { ConsentState } from '@parley/contracts/profiles';
import { changesOf, type Entry } from './consent.rules.js';

const entry = (kind: ConsentKind, state: ConsentState, source = 'keyword'): Entry => ({ kind, state, source });
const marketing = entry('sms_marketing', 'granted', 'checkout');
const noMarketing = entry('sms_marketing', 'revoked');
const noTransactional = entry('sms_transactional', 'revoked');
const told = (changes: { kind: string; state: string }[]) => changes.map(({ kind, state }) => `${kind} ${state}`).join(', ');

describe('keywords', () => {
  it.each<{ keyword: Keyword; ledger: Entry[]; channel: ChannelType; changes: string }>`
    rule        | keyword    | ledger                                           | channel       | changes
    ${'SMS-2'}  | ${'stop'}  | ${[]}                                            | ${'sms'}      | ${'sms_marketing revoked, sms_transactional revoked'}
    ${'SMS-2'}  | ${'stop'}  | ${[marketing]}                                   | ${'sms'}      | ${'sms_marketing revoked, sms_transactional revoked'}
    ${'SMS-2'}  | ${'stop'}  | ${[noMarketing, noTransactional]}                | ${'sms'}      | ${''}
    ${'SMS-2'}  | ${'start'} | ${[]}                                            | ${'sms'}      | ${'sms_transactional granted'}
    ${'SMS-2'}  | ${'start'} | ${[marketing, noMarketing, noTransactional]}     | ${'sms'}      | ${'sms_marketing granted'}
    ${'SMS-2'}  | ${'start'} | ${[noMarketing, noTransactional]}                | ${'sms'}      | ${'sms_transactional granted'}
    ${'SMS-2'}  | ${'start'} | ${[marketing]}                                   | ${'sms'}      | ${'sms_transactional granted'}
    ${'SMS-2'}  | ${'join'}  | ${[]}                                            | ${'sms'}      | ${'sms_marketing granted'}
    ${'SMS-2'}  | ${'join'}  | ${[marketing]}                                   | ${'sms'}      | ${''}
    ${'SMS-2'}  | ${'help'}  | ${[marketing]}                                   | ${'sms'}      | ${''}
    ${'META-3'} | ${'stop'}  | ${[]}                                            | ${'whatsapp'} | ${'whatsapp revoked'}
    ${'META-3'} | ${'start'} | ${[entry('whatsapp', 'revoked')]}                | ${'whatsapp'} | ${'whatsapp granted'}
    ${'SMS-2'}  | ${'stop'}  | ${[]}                                            | ${'email'}    | ${''}
  `('$rule $keyword by $channel changes: $changes', ({ keyword, ledger, channel, changes }) => {
    expect(told(changesOf(keyword, channel, ledger))).toBe(changes);
  });

  it('SMS-2 START does not give back what somebody else took', () => {
    const byAgent = entry('sms_marketing', 'revoked', 'api');
    expect(told(changesOf('start', 'sms', [marketing, byAgent]))).toBe('sms_transactional granted');
  });
});
