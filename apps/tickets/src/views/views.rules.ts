import type { TicketStatus } from '@parley/contracts/tickets';

type View = { assignee?: 'me' | 'nobody'; statuses: readonly TicketStatus[]; spam: boolean };

/** TKT-15. A filter for a status takes the place of the view's own. */
export const VIEWS = {
  mine:       { assignee: 'me',     statuses: ['open'],                      spam: false },
  unassigned: { assignee: 'nobody', statuses: ['open'],                      spam: false },
  all:        {                     statuses: ['open', 'snoozed', 'closed'], spam: false },
  spam:       {                     statuses: ['open', 'snoozed', 'closed'], spam: true },
} as const satisfies Record<string, View>;
export type ViewName = keyof typeof VIEWS;

/** The keys of each order, before the id; all in one direction, so that an index reads them (TKT-15). */
export const SORTS = {
  last_message: { keys: ['last_message_at'],             direction: 'DESC' },
  created:      { keys: ['created_at'],                  direction: 'DESC' },
  waiting:      { keys: ['waiting'],                     direction: 'ASC' },
  priority:     { keys: ['priority', 'last_message_at'], direction: 'DESC' },
} as const satisfies Record<string, { keys: readonly SortKey[]; direction: 'ASC' | 'DESC' }>;
export type SortName = keyof typeof SORTS;
export type SortKey = 'last_message_at' | 'created_at' | 'waiting' | 'priority';

/** What narrows a view: its own saved filter, or what is asked for beside it. */
export type Narrowing = { status?: TicketStatus; assigneeId?: string };
/** Whose tickets: somebody's, nobody's (null), or anybody's (undefined); and in which states. */
export type Scope = { assignee: string | null | undefined; statuses: readonly TicketStatus[]; spam: boolean };

/**
 * Which tickets a view shows to somebody, narrowed by its saved filter and then by what is asked for; null where it can only be
 * empty, as these contradict each other. The last status that is named takes the place of the ones before it.
 */
export function scopeOf(view: ViewName, narrowings: readonly Narrowing[], me: string | null): Scope | null {
  const { assignee, statuses, spam }: View = VIEWS[view];
  if (assignee === 'me' && me === null) return null;
  const named = narrowings.flatMap(({ assigneeId }) => (assigneeId === undefined ? [] : [assigneeId]));
  const whose = [...(assignee === 'me' ? [me] : assignee === 'nobody' ? [null] : []), ...named];
  if (new Set(whose).size > 1) return null;
  const status = narrowings.findLast((narrowing) => narrowing.status)?.status;
  return { assignee: whose[0], statuses: status ? [status] : statuses, spam };
}

/** Where a ticket stands in an order, as a cursor says it. Who does not wait stands behind all who do. */
export const placeOf = (sort: SortName, ticket: { id: string; lastMessageAt: Date; createdAt: Date; waitingSince: Date | null; priority: number }): string[] => [
  ...SORTS[sort].keys.map((key) => PLACES[key](ticket)),
  ticket.id,
];

const PLACES: Record<SortKey, (ticket: Parameters<typeof placeOf>[1]) => string> = {
  last_message_at: (ticket) => ticket.lastMessageAt.toISOString(),
  created_at: (ticket) => ticket.createdAt.toISOString(),
  waiting: (ticket) => ticket.waitingSince?.toISOString() ?? 'infinity',
  priority: (ticket) => String(ticket.priority),
};

/** Does one place of an order come before another? */
export function isBefore(sort: SortName, a: readonly string[], b: readonly string[]): boolean {
  const at = a.findIndex((part, n) => part !== b[n]);
  if (at < 0) return false;
  // Instants, ids and one-digit priorities stand in order as they are written; "infinity" stands behind every year.
  const isLess = a[at]! < b[at]!;
  return SORTS[sort].direction === 'ASC' ? isLess : !isLess;
}
