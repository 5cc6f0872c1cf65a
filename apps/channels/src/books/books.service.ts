import { Injectable } from '@nestjs/common';
import type { channels } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ChannelsService } from '../channel/channels.service.js';
import { BooksRepository } from './books.repository.js';
import { dayIn } from './days.rules.js';

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
      return { channelId, day, timezone, inbound, outbound, balanced };
    });
  }
}

const counts = (rows: { name: string; count: number }[]): Record<string, number> => Object.fromEntries(rows.map(({ name, count }) => [name, count]));
