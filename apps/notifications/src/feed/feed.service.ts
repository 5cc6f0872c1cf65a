import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Envelope } from '@parley/contracts/events';
import type { feed } from '@parley/contracts/feed';
import type { Message } from '@parley/contracts/messages';
import { Broker } from '@parley/service/broker';
import { madeAt, withoutMessage } from '@parley/service/taken-back';
import { system, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { FeedRepository, type FeedRow } from './feed.repository.js';
import { hints, publicFacts, visible } from './feed.rules.js';

/** Events can be read this long (messaging.md section 4). */
const KEPT_DAYS = 30;
const REMOVED_AT_ONCE = 5000;

/** NTF-3: the feed of an account, in which everything that is public stands once, in one order, without a gap. */
@Injectable()
export class FeedService {
  constructor(
    private readonly db: DataSource,
    private readonly feed: FeedRepository,
    private readonly broker: Broker,
  ) {}

  /** The only way in: facts of the transaction's account, heard or announced here. Pushed to the gateways after the commit. */
  async append(tx: Tx, facts: readonly Envelope[]) {
    const open = publicFacts(facts);
    if (!open.length) return;
    const { account } = tx.by;
    const places = new Map((await this.feed.append(tx, open)).map(({ eventId, sequence }) => [eventId, sequence]));
    const placed = open.filter((fact) => places.has(fact.id)).map((fact) => ({ ...fact, sequence: places.get(fact.id)! }));
    tx.after(() => {
      for (const hint of hints(placed)) this.broker.publish(`feed.${account}`, hint);
    });
  }

  /** What happened after a sequence. @throws FEED_EXPIRED when that is no longer, or not yet, in the feed: `more` tells the head. */
  read({ after, types, limit }: Input<typeof feed.read>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const { head, oldest } = await this.feed.state(tx);
      if (after < oldest - 1 || after > head) throw new ContractError('FEED_EXPIRED', `The feed holds ${oldest} to ${head}`, { oldest, head });
      const { rows, end } = await this.feed.page(tx, after, head, types ? types.split(',').map((type) => type.trim()) : null, limit);
      return { items: rows.map(({ sequence, envelope }) => visible({ ...envelope, sequence }, by.scopes)), nextAfter: end, head };
    });
  }

  /** META-2: a message was taken back. What the feed said of its content is gone from it, at its places. */
  async forget(tx: Tx, { id, ticketId }: Pick<Message, 'id' | 'ticketId'>): Promise<void> {
    const found: FeedRow[] = [];
    const { head } = await this.feed.state(tx);
    for (let below: number | null = head + 1; below !== null; ) {
      const window: { rows: FeedRow[]; end: number | null } = await this.feed.about(tx, { ticketId, messageId: id, since: madeAt(id) }, below);
      found.unshift(...window.rows);
      below = window.end;
    }
    const cleaned = withoutMessage(found.map(({ envelope, sequence }) => ({ ...envelope, place: sequence })), id);
    if (cleaned.length) await this.feed.rewrite(tx, cleaned.map(({ place, ...envelope }) => ({ sequence: place, envelope })));
  }

  /** Removes what is older than 30 days, in small steps; answers how many events. */
  async expire(): Promise<number> {
    const accounts = (await this.db.query('SELECT account_id FROM feed_counter')) as { account_id: string }[];
    let removed = 0;
    for (const { account_id } of accounts) {
      for (let step = REMOVED_AT_ONCE; step === REMOVED_AT_ONCE; removed += step) {
        step = await within(this.db, system(account_id), (tx) => this.feed.expire(tx, KEPT_DAYS, REMOVED_AT_ONCE));
      }
    }
    return removed;
  }
}
