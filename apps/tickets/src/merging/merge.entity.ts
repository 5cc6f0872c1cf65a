import type { Merge } from '@parley/contracts/merging';
import type { TicketRow } from '../ticket/ticket.entity.js';

/** Where a message or note stood before it moved. */
export type Moved = { messages: { id: string; seq: number }[]; notes: { id: string; afterSeq: number }[] };
/** What undoing needs of the ticket that was merged away, whether the other one took over its thread, and which tags it got from it. */
export type Restore = { status?: TicketRow['status']; closedAt?: string | null; snoozedUntil?: string | null; unread?: boolean; intoSplitFrom?: string | null; tags?: string[] };
export type MergeEntity = { id: string; kind: 'merge' | 'split'; fromId: string; intoId: string; moved: Moved; restore: Restore; by: string | null; at: Date; undoneAt: Date | null };

export const toMerge = ({ id, kind, fromId, intoId, moved, by, at, undoneAt }: MergeEntity): Merge => ({
  id, kind, fromId, intoId, messages: moved.messages.length, by, at: at.toISOString(), undoneAt: undoneAt?.toISOString() ?? null,
});
