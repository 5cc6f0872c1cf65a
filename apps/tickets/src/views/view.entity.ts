import type { TicketSort } from '@parley/contracts/tickets';
import type { View, ViewCount, ViewFilter } from '@parley/contracts/views';
import { withoutWords } from '../tickets.audit.js';

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

/** As the audit log may keep it, and null where it is nobody's business but its owner's. The text that it looks for may be somebody's name. */
export const toAudited = ({ id, name, shared, ownerId, filter, sort, version }: ViewEntity) => (shared ? { id, name, shared, ownerId, filter: withoutWords(filter, ['q']), sort, version } : null);
