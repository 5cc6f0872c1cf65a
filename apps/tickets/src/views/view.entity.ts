import type { TicketSort } from '@parley/contracts/tickets';
import type { View, ViewCount, ViewFilter } from '@parley/contracts/views';

/** A saved view's row. */
export type ViewEntity = { id: string; accountId: string; ownerId: string; name: string; shared: boolean; filter: ViewFilter; sort: TicketSort; createdAt: Date; version: number };

export const toView = (view: ViewEntity, count: ViewCount | null): View => ({
  id: view.id,
  name: view.name,
  shared: view.shared,
  ownerId: view.ownerId,
  filter: view.filter,
  sort: view.sort,
  createdAt: view.createdAt.toISOString(),
  version: view.version,
  count,
});
