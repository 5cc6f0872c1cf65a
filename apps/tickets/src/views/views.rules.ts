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

type Wish = { view: ViewName; status?: TicketStatus; assigneeId?: string };
/** Whose tickets: somebody's, nobody's (null), or anybody's (undefined); and in which states. */
export type Scope = { assignee: string | null | undefined; statuses: readonly TicketStatus[]; spam: boolean };

/** Which tickets a view shows to somebody; null where it can only be empty, as a view contradicts the filter. */
export function scopeOf({ view, status, assigneeId }: Wish, me: string | null): Scope | null {
  const { assignee, statuses, spam }: View = VIEWS[view];
  const whose = assignee === 'me' ? me : assignee === 'nobody' ? null : undefined;
  if (assignee === 'me' && me === null) return null;
  if (assigneeId !== undefined && whose !== undefined && whose !== assigneeId) return null;
  return { assignee: whose === undefined ? assigneeId : whose, statuses: status ? [status] : statuses, spam };
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
