import { Injectable } from '@nestjs/common';
import { type channels, DeliveryState } from '@parley/contracts/channels';
import { type Actor, type Input, Instant } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { reconciliation, UnmatchedStatus } from '@parley/contracts/reconciliation';
import { type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { ChannelsService } from '../channel/channels.service.js';
import { BooksRepository, type UnmatchedRow } from './books.repository.js';
import { dayIn } from './days.rules.js';

const Place = z.tuple([Instant, z.string(), DeliveryState]);
const INBOUND = { thread: 0, duplicate: 0, keyword: 0, blocked: 0, spam: 0, quarantined: 0, pending: 0 };
const OUTBOUND = { delivered: 0, failed: 0, pending: 0 };

@Injectable()
export class BooksService {
  constructor(
    private readonly db: DataSource,
    private readonly books: BooksRepository,
    private readonly channels: ChannelsService,
  ) {}

  /** OPS-6: balanced means that everything found in the deliveries stands for exactly one outcome and nothing is on its way. */
  balance({ channelId, day, timezone }: Input<typeof channels.books>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.channels.demand(tx, channelId);
      const span = { channelId, ...dayIn(day, timezone) };
      const inbound = { ...INBOUND, ...counts(await this.books.inbound(tx, span)) };
      const outbound = { ...OUTBOUND, ...counts(await this.books.outbound(tx, span)) };
      const { missing, surplus, misnumbered } = await this.books.differences(tx, span);
      inbound.pending += missing;
      const balanced = inbound.pending === 0 && surplus === 0 && misnumbered === 0;
      return { channelId, day, timezone, inbound, outbound, ...(await this.books.beside(tx, span)), balanced };
    });
  }

  /** Callbacks that nobody waits for any more. */
  unmatched({ id, limit, cursor }: Input<typeof reconciliation.unmatched>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.channels.demand(tx, id);
      const rows = await this.books.unmatched(tx, id, limit + 1, cursor ? placeIn(cursor) : null);
      const shown = rows.slice(0, limit);
      return { items: shown.map(toUnmatched), nextCursor: rows.length > limit ? cursorOf(shown.at(-1)!) : null };
    });
  }

  /** An answer in a chat stands in the books like one that a provider delivers. */
  async chatAnswered(tx: Tx, answer: { id: string; channelId: string; sessionId: string | null; seq: number }) {
    if (answer.sessionId) await this.books.enterChatAnswer(tx, { ...answer, sessionId: answer.sessionId });
  }
}

const counts = (rows: { name: string; count: number }[]): Record<string, number> => Object.fromEntries(rows.map(({ name, count }) => [name, count]));

const toUnmatched = (row: UnmatchedRow): UnmatchedStatus => ({ ...row, occurredAt: row.occurredAt.toISOString(), receivedAt: row.receivedAt.toISOString() });

const cursorOf = ({ receivedAt, providerMessageId, state }: UnmatchedRow) => Buffer.from(JSON.stringify([receivedAt.toISOString(), providerMessageId, state])).toString('base64url');

function placeIn(cursor: string): string[] {
  try {
    return Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw new ContractError('VALIDATION_FAILED', 'No cursor of this list');
  }
}
