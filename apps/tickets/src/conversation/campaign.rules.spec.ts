import { describe, expect, it } from '@jest/globals';
import { isAnswer } from './campaign.rules.js';

const sentAt = '2026-11-20T10:00:00.000Z';

describe('attribution', () => {
  it.each<{ at: string; answeredBy: string | null; is: boolean }>`
    rule       | at                            | answeredBy | is
    ${'SMS-5'} | ${'2026-11-20T10:00:00.000Z'} | ${null}    | ${true}
    ${'SMS-5'} | ${'2026-11-21T10:00:00.000Z'} | ${null}    | ${true}
    ${'SMS-5'} | ${'2026-11-21T10:00:00.001Z'} | ${null}    | ${false}
    ${'SMS-5'} | ${'2026-11-20T09:59:59.999Z'} | ${null}    | ${false}
    ${'SMS-5'} | ${'2026-11-20T10:01:00.000Z'} | ${'m1'}    | ${false}
  `('$rule a message at $at, answered before by $answeredBy, is the answer: $is', ({ at, answeredBy, is }) => {
    expect(isAnswer({ sentAt, answeredBy }, new Date(at), 86_400)).toBe(is);
  });
});
