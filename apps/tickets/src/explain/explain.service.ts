import { Injectable } from '@nestjs/common';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import type { explain } from '@parley/contracts/explain';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ThreadService } from '../conversation/thread.service.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { toDecision } from './history.entity.js';
import { HistoryRepository, type TimelineRow } from './history.repository.js';

type Entry = Output<typeof explain.timeline>['items'][number];
/** Who stands behind an author. */
const ACTORS: Record<string, Entry['actor']['type']> = { campaign: 'automation', flow: 'automation' };

/** Why a ticket is as it is (TKT-21), and what happened to it. A merged ticket tells of those that were merged into it, too. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly db: DataSource,
    private readonly history: HistoryRepository,
    private readonly tickets: TicketsService,
    private readonly thread: ThreadService,
  ) {}

  explain({ id, limit, cursor }: Input<typeof explain.explain>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const ticket = await this.tickets.find(tx, id);
      const found = await this.history.decisions(tx, await this.history.family(tx, ticket.id), placeIn(cursor, 1), limit + 1);
      return pageOf(found, limit, placeOf, toDecision);
    });
  }

  timeline({ id, limit, cursor }: Input<typeof explain.timeline>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const ticket = await this.tickets.find(tx, id);
      const found = await this.history.timeline(tx, await this.history.family(tx, ticket.id), placeIn(cursor, 1), limit + 1);
      const shown = await this.thread.shown(tx, found.flatMap((row) => (row.message ? [row.id] : [])), found.flatMap((row) => (row.note ? [row.id] : [])));
      return pageOf(found, limit, placeOf, (row) => toEntry(row, shown));
    });
  }
}

const placeOf = ({ at, id }: { at: Date; id: string }) => [at.toISOString(), id];

const toEntry = (row: TimelineRow, shown: Awaited<ReturnType<ThreadService['shown']>>): Entry => ({
  id: row.id, at: row.at.toISOString(), type: row.type,
  actor: { type: ACTORS[row.actorType] ?? (row.actorType as Entry['actor']['type']), id: row.actorId },
  changes: row.changes as Entry['changes'], message: shown.messages.get(row.id) ?? null, note: shown.notes.get(row.id) ?? null,
});
