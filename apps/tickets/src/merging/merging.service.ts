import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { mergingEvents, type Merge, type merging } from '@parley/contracts/merging';
import { ticketEvents } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { preview } from '../conversation/preview.rules.js';
import { HistoryService } from '../explain/history.service.js';
import { TaggingService } from '../tagging/tagging.service.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { toMerge, type MergeEntity } from './merge.entity.js';
import { MergingRepository } from './merging.repository.js';
import { mergeObstacle, refuseWith, splitObstacle } from './merging.rules.js';

type Both = { from: TicketEntity; into: TicketEntity };

/** Two tickets become one, or one becomes two, and back (TKT-22). */
@Injectable()
export class MergingService {
  constructor(
    private readonly db: DataSource,
    private readonly repository: MergingRepository,
    private readonly tickets: TicketsService,
    private readonly history: HistoryService,
    private readonly tagging: TaggingService,
  ) {}

  merge({ id, intoId }: Input<typeof merging.merge>, by: Actor) {
    return this.once(by, async (tx) => {
      const { from, into } = await this.lockBoth(tx, id, intoId);
      refuseWith(mergeObstacle(from, into));
      const { status, closedAt, snoozedUntil, unread } = from;
      const restore = { status, closedAt: closedAt?.toISOString() ?? null, snoozedUntil: snoozedUntil?.toISOString() ?? null, unread, intoSplitFrom: into.splitFrom };
      const moved = await this.repository.interleave(tx, from.id, into.id);
      await this.repository.redirect(tx, from.id, into.id);
      // Whoever survives the holder of a thread holds it.
      if (from.splitFrom === null && into.splitFrom !== null) await this.repository.setSplitFrom(tx, into.id, null);
      await this.sleep(tx, from);
      Object.assign(into, { assigneeId: into.assigneeId ?? from.assigneeId, teamId: into.teamId ?? from.teamId, unread: into.unread || unread, lastSeq: Math.max(into.lastSeq, from.lastSeq) });
      await this.resume(tx, into);
      const tags = await this.tagging.share(tx, from, into);
      return this.tell(tx, await this.repository.insert(tx, { kind: 'merge', fromId: from.id, intoId: into.id, moved, restore: { ...restore, tags } }), { from, into });
    });
  }

  split({ id, fromMessageId }: Input<typeof merging.split>, by: Actor) {
    return this.once(by, async (tx) => {
      const from = await this.tickets.lock(tx, id);
      const place = await this.repository.placeOf(tx, from.id, fromMessageId);
      if (!place) throw new ContractError('MESSAGE_NOT_FOUND', `No message ${fromMessageId} in this ticket`);
      refuseWith(splitObstacle(from, place.isFirst));
      const into = await this.tickets.lockExactly(tx, await this.repository.openBeside(tx, from));
      const moved = await this.repository.moveFrom(tx, from.id, into.id, place.seq);
      into.lastSeq = from.lastSeq - place.seq + 1;
      into.unread = from.unread;
      await this.tickets.tell(tx, into, undefined, [ticketEvents.created]);
      await this.tagging.share(tx, from, into);
      await this.resume(tx, into);
      await this.resume(tx, from);
      return this.tell(tx, await this.repository.insert(tx, { kind: 'split', fromId: from.id, intoId: into.id, moved, restore: {} }), { from, into });
    });
  }

  undo({ id }: Input<typeof merging.undo>, by: Actor): Promise<Merge> {
    return within(this.db, by, async (tx) => {
      const merge = await this.repository.lock(tx, id);
      if (!merge) throw new ContractError('MERGE_NOT_FOUND', `No merge ${id}`);
      refuseWith(merge.undoneAt && 'already_undone');
      const both = await this.lockBoth(tx, merge.fromId, merge.intoId);
      refuseWith(merge.kind === 'merge' ? unmergeObstacle(both) : unsplitObstacle(both));
      await this.repository.moveBack(tx, merge.intoId, merge.fromId, merge.moved);
      await (merge.kind === 'merge' ? this.part(tx, merge, both) : this.join(tx, both));
      await this.repository.setUndone(tx, id);
      return this.tell(tx, { ...merge, undoneAt: tx.at }, both);
    });
  }

  /** The ticket that was merged away is there again, as it was; what can never reopen stays closed. */
  private async part(tx: Tx, { restore }: MergeEntity, { from, into }: Both): Promise<void> {
    await this.repository.setSplitFrom(tx, into.id, restore.intoSplitFrom ?? null);
    await this.repository.redirect(tx, from.id, null);
    const isFinal = from.channelType === 'webchat' || from.channelType === 'instagram';
    if (!isFinal) Object.assign(from, { status: restore.status, closedAt: at(restore.closedAt), snoozedUntil: at(restore.snoozedUntil) });
    if (from.status === 'snoozed' && (!from.snoozedUntil || from.snoozedUntil <= tx.at)) Object.assign(from, { status: 'open', snoozedUntil: null });
    from.unread = restore.unread ?? false;
    await this.resume(tx, from);
    for (const tag of restore.tags ?? []) await this.tagging.take(tx, into, tag, 'person');
    await this.resume(tx, into);
  }

  /** Nothing left of what was split off: then it redirects; what was written there since stays. */
  private async join(tx: Tx, { from, into }: Both): Promise<void> {
    const { messages } = await this.repository.thread(tx, into.id);
    if (messages) await this.resume(tx, into);
    else {
      await this.repository.redirect(tx, into.id, from.id);
      await this.sleep(tx, into);
    }
    from.unread ||= into.unread;
    await this.resume(tx, from);
  }

  /** In one order everywhere, so that two never wait for each other. */
  private async lockBoth(tx: Tx, fromId: string, intoId: string): Promise<Both> {
    const found = new Map<string, TicketEntity>();
    for (const id of [fromId, intoId].sort()) found.set(id, await this.tickets.lockExactly(tx, id));
    return { from: found.get(fromId)!, into: found.get(intoId)! };
  }

  /** A ticket that another one answers for: closed, and without timers. */
  private async sleep(tx: Tx, ticket: TicketEntity): Promise<void> {
    const before = toSnapshot(ticket);
    Object.assign(ticket, { status: 'closed', closedAt: ticket.closedAt ?? tx.at, snoozedUntil: null, waitingSince: null, unread: false });
    await this.tickets.settle(tx, ticket, before, []);
  }

  /** Everything that a ticket says of its thread, said anew. */
  private async resume(tx: Tx, ticket: TicketEntity): Promise<void> {
    const before = toSnapshot(ticket);
    const { messages, lastMessageAt, lastInboundAt, waitingSince, text, attachments, ...thread } = await this.repository.thread(tx, ticket.id);
    const last = lastMessageAt ?? ticket.lastMessageAt;
    Object.assign(ticket, thread, {
      lastSeq: Math.max(ticket.lastSeq, messages), lastMessageAt: last, lastInboundAt: lastInboundAt ?? ticket.lastInboundAt,
      waitingSince: ticket.status === 'closed' ? null : waitingSince, preview: text === null ? null : preview({ text, attachments: attachments ?? [] }),
    });
    await this.tickets.settle(tx, ticket, before, []);
  }

  private async tell(tx: Tx, merge: MergeEntity, { from, into }: Both): Promise<Merge> {
    const stays = merge.kind === 'merge' ? into : from;
    const data = { merge: toMerge(merge), from: toSnapshot(from), into: toSnapshot(into) };
    const { id } = announce(tx, mergingEvents.merged, { key: stays.id, partition: stays.partition, ticket: stays.id, data });
    const entry = { type: mergingEvents.merged.type, actorType: tx.by.type, actorId: tx.by.id, changes: { [merge.kind]: { from: merge.undoneAt ? merge.id : null, to: merge.undoneAt ? null : merge.id } } };
    await this.history.keep(tx, stays.id, [{ id, ...entry }]);
    await this.history.keep(tx, stays === into ? from.id : into.id, [{ id: newId(), ...entry }]);
    return data.merge;
  }

  private once(by: Actor, work: (tx: Tx) => Promise<Merge>): Promise<Merge> {
    return within(this.db, by, work, async (tx, id) => toMerge((await this.repository.find(tx, id))!));
  }
}

const unmergeObstacle = ({ from, into }: Both) => (from.mergedInto !== into.id || into.mergedInto ? 'merged_again' : null);
const unsplitObstacle = ({ from, into }: Both) => (from.mergedInto || into.mergedInto ? 'merged_again' : null);
const at = (instant: string | null | undefined) => (instant ? new Date(instant) : null);
