import { describe, expect, it } from '@jest/globals';
import { placeOf, scopeOf, type SortName } from './views.rules.js';

describe('views', () => {
  it.each<{ wish: Parameters<typeof scopeOf>[0]; assignee: string | null | undefined; statuses: string[]; spam: boolean }>`
    rule        | wish                                          | assignee     | statuses                         | spam
    ${'TKT-15'} | ${{ view: 'mine' }}                           | ${'me'}      | ${['open']}                      | ${false}
    ${'TKT-15'} | ${{ view: 'mine', status: 'closed' }}         | ${'me'}      | ${['closed']}                    | ${false}
    ${'TKT-15'} | ${{ view: 'unassigned' }}                     | ${null}      | ${['open']}                      | ${false}
    ${'TKT-15'} | ${{ view: 'all' }}                            | ${undefined} | ${['open', 'snoozed', 'closed']} | ${false}
    ${'TKT-15'} | ${{ view: 'all', assigneeId: 'ada' }}         | ${'ada'}     | ${['open', 'snoozed', 'closed']} | ${false}
    ${'TKT-15'} | ${{ view: 'spam' }}                           | ${undefined} | ${['open', 'snoozed', 'closed']} | ${true}
  `('$rule $wish shows $statuses of $assignee', ({ wish, assignee, statuses, spam }) => {
    expect(scopeOf(wish, 'me')).toEqual({ assignee, statuses, spam });
  });

  it('TKT-15 a view that contradicts the filter is empty', () => {
    expect(scopeOf({ view: 'mine', assigneeId: 'ada' }, 'me')).toBeNull();
    expect(scopeOf({ view: 'mine' }, null)).toBeNull();
    expect(scopeOf({ view: 'unassigned', assigneeId: 'ada' }, 'me')).toBeNull();
  });

  it.each<{ sort: SortName; place: string[] }>`
    rule        | sort              | place
    ${'TKT-15'} | ${'last_message'} | ${['2026-11-20T10:00:00.000Z', 'id']}
    ${'TKT-15'} | ${'created'}      | ${['2026-11-20T09:00:00.000Z', 'id']}
    ${'TKT-15'} | ${'waiting'}      | ${['infinity', 'id']}
    ${'TKT-15'} | ${'priority'}     | ${['2', '2026-11-20T10:00:00.000Z', 'id']}
  `('$rule by $sort a ticket stands at $place', ({ sort, place }) => {
    const ticket = { id: 'id', lastMessageAt: new Date('2026-11-20T10:00:00Z'), createdAt: new Date('2026-11-20T09:00:00Z'), waitingSince: null, priority: 2 };
    expect(placeOf(sort, ticket)).toEqual(place);
  });
});
