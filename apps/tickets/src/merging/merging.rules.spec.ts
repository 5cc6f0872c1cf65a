import { describe, expect, it } from '@jest/globals';
import { mergeObstacle, refuseWith, splitObstacle, type Mergeable } from './merging.rules.js';

const ONE: Mergeable = { id: 'a', profileId: 'mia', channelType: 'email', channelId: 'support@', status: 'open', mergedInto: null };
const TWO: Mergeable = { ...ONE, id: 'b' };

describe('merging and splitting', () => {
  it.each<{ from: Partial<Mergeable>; into: Partial<Mergeable>; reason: string | null }>`
    rule        | from                                             | into                                             | reason
    ${'TKT-22'} | ${{}}                                            | ${{}}                                            | ${null}
    ${'TKT-22'} | ${{ status: 'closed' }}                          | ${{}}                                            | ${null}
    ${'TKT-22'} | ${{ status: 'closed' }}                          | ${{ status: 'closed' }}                          | ${null}
    ${'TKT-22'} | ${{}}                                            | ${{ status: 'closed' }}                          | ${'into_closed'}
    ${'TKT-22'} | ${{}}                                            | ${{ id: 'a' }}                                   | ${'same_ticket'}
    ${'TKT-22'} | ${{ mergedInto: 'c' }}                           | ${{}}                                            | ${'already_merged'}
    ${'TKT-22'} | ${{}}                                            | ${{ mergedInto: 'c' }}                           | ${'already_merged'}
    ${'TKT-22'} | ${{ profileId: 'bob' }}                          | ${{}}                                            | ${'other_person'}
    ${'TKT-22'} | ${{ channelType: 'sms' }}                        | ${{}}                                            | ${'other_channel'}
    ${'TKT-22'} | ${{ channelId: 'sales@' }}                       | ${{}}                                            | ${'other_channel'}
    ${'TKT-22'} | ${{ channelType: 'webchat', status: 'closed' }}  | ${{ channelType: 'webchat' }}                    | ${'chat_live'}
    ${'TKT-22'} | ${{ channelType: 'webchat', status: 'closed' }}  | ${{ channelType: 'webchat', status: 'closed' }}  | ${null}
  `('$rule $from into $into: $reason', ({ from, into, reason }) => {
    expect(mergeObstacle({ ...ONE, ...from }, { ...TWO, ...into })).toBe(reason);
  });

  it('TKT-22 something is left of a ticket that is split, and no living chat is', () => {
    expect([splitObstacle(ONE, false), splitObstacle(ONE, true), splitObstacle({ ...ONE, channelType: 'webchat' }, false)]).toEqual([null, 'nothing_left', 'chat_live']);
  });

  it('TKT-22 a refusal carries its reason', () => {
    expect(() => refuseWith('other_person')).toThrow(expect.objectContaining({ code: 'MERGE_NOT_ALLOWED', more: { reason: 'other_person' } }));
    expect(() => refuseWith(null)).not.toThrow();
  });
});
