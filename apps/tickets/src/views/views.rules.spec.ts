import { describe, expect, it } from '@jest/globals';
import { placeOf, scopeOf, type Narrowing, type SortName, type ViewName } from './views.rules.js';

describe('views', () => {
  it.each<{ view: ViewName; narrowings: Narrowing[]; assignee: string | null | undefined; statuses: string[]; spam: boolean }>`
    rule        | view            | narrowings                                        | assignee     | statuses                         | spam
    ${'TKT-15'} | ${'mine'}       | ${[]}                                             | ${'me'}      | ${['open']}                      | ${false}
    ${'TKT-15'} | ${'mine'}       | ${[{ status: 'closed' }]}                         | ${'me'}      | ${['closed']}                    | ${false}
    ${'TKT-15'} | ${'mine'}       | ${[{ assigneeId: 'me' }]}                         | ${'me'}      | ${['open']}                      | ${false}
    ${'TKT-15'} | ${'unassigned'} | ${[]}                                             | ${null}      | ${['open']}                      | ${false}
    ${'TKT-15'} | ${'all'}        | ${[]}                                             | ${undefined} | ${['open', 'snoozed', 'closed']} | ${false}
    ${'TKT-15'} | ${'all'}        | ${[{ assigneeId: 'ada' }]}                        | ${'ada'}     | ${['open', 'snoozed', 'closed']} | ${false}
    ${'TKT-15'} | ${'all'}        | ${[{ status: 'open' }, { status: 'snoozed' }]}    | ${undefined} | ${['snoozed']}                   | ${false}
    ${'TKT-15'} | ${'all'}        | ${[{ assigneeId: 'ada' }, { status: 'snoozed' }]} | ${'ada'}     | ${['snoozed']}                   | ${false}
    ${'TKT-15'} | ${'spam'}       | ${[]}                                             | ${undefined} | ${['open', 'snoozed', 'closed']} | ${true}
  `('$rule $view, narrowed by $narrowings, shows $statuses of $assignee', ({ view, narrowings, assignee, statuses, spam }) => {
    expect(scopeOf(view, narrowings, 'me')).toEqual({ assignee, statuses, spam });
  });

  it('TKT-15 a view that contradicts the filter is empty', () => {
    expect(scopeOf('mine', [{ assigneeId: 'ada' }], 'me')).toBeNull();
    expect(scopeOf('mine', [], null)).toBeNull();
    expect(scopeOf('unassigned', [{ assigneeId: 'ada' }], 'me')).toBeNull();
    expect(scopeOf('all', [{ assigneeId: 'ada' }, { assigneeId: 'bo' }], 'me')).toBeNull();
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
