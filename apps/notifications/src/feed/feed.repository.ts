import { Injectable } from '@nestjs/common';
import type { Envelope } from '@parley/contracts/events';
import type { Tx } from '@parley/service/tx';

/** Numbers are looked through at most this many at a time, so that a page of rare types costs no more than another. */
const WINDOW = 10_000;

export type FeedRow = { sequence: number; envelope: Omit<Envelope, 'sequence'> };
export type FeedState = { head: number; oldest: number };

@Injectable()
export class FeedRepository {
  /**
   * Gives facts their places in the account's feed: one statement, on the hottest path there is. A fact that stands there
   * already is left alone and takes no number. Answers the places by event id, in order.
   */
  async append(tx: Tx, facts: readonly Envelope[]): Promise<{ sequence: number; eventId: string }[]> {
    return tx.sql(
      `WITH fresh AS (
         SELECT f.*, row_number() OVER (ORDER BY f.place) AS nth
         FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::json[]) WITH ORDINALITY AS f(event_id, type, ticket_id, envelope, place)
         WHERE NOT EXISTS (SELECT FROM feed_event e WHERE e.account_id = $1 AND e.event_id = f.event_id)),
       taken AS (SELECT count(*) AS n FROM fresh),
       counter AS (
         INSERT INTO feed_counter (account_id, sequence) SELECT $1, n FROM taken WHERE n > 0
         ON CONFLICT (account_id) DO UPDATE SET sequence = feed_counter.sequence + excluded.sequence RETURNING sequence)
       INSERT INTO feed_event (account_id, sequence, event_id, type, ticket_id, envelope)
       SELECT $1, counter.sequence - taken.n + fresh.nth, fresh.event_id, fresh.type, fresh.ticket_id, fresh.envelope FROM fresh, taken, counter ORDER BY fresh.nth
       RETURNING sequence, event_id AS "eventId"`,
      [tx.by.account, facts.map((fact) => fact.id), facts.map((fact) => fact.type), facts.map((fact) => fact.ticket), facts.map(({ sequence: _, ...said }) => JSON.stringify(said))],
    );
  }

  /** The newest number that was given, and the oldest that is still kept; `oldest` is `head + 1` where none is. */
  async state(tx: Tx): Promise<FeedState> {
    const [state] = await tx.sql<FeedState>(
      `SELECT c.sequence AS head, coalesce((SELECT e.sequence FROM feed_event e WHERE e.account_id = $1 ORDER BY e.sequence LIMIT 1), c.sequence + 1) AS oldest
       FROM feed_counter c WHERE c.account_id = $1`,
      [tx.by.account],
    );
    return state ?? { head: 0, oldest: 1 };
  }

  /** What stands after a number, up to `head`; `end` is the last number that was looked at. */
  async page(tx: Tx, after: number, head: number, types: string[] | null, limit: number): Promise<{ rows: FeedRow[]; end: number }> {
    const end = Math.min(head, after + WINDOW);
    const rows = await tx.sql<FeedRow>(
      `SELECT sequence, envelope FROM feed_event
       WHERE account_id = $1 AND sequence > $2 AND sequence <= $3 AND ($4::text[] IS NULL OR type = ANY ($4)) ORDER BY sequence LIMIT $5`,
      [tx.by.account, after, end, types, limit],
    );
    return { rows, end: rows.length === limit ? rows.at(-1)!.sequence : end };
  }

  /** Events about a ticket or a message below a number, in one window of the feed; `end` is where the next one begins, null behind the oldest that is wanted. */
  async about(tx: Tx, { ticketId, messageId, since }: { ticketId: string; messageId: string; since: Date }, below: number): Promise<{ rows: FeedRow[]; end: number | null }> {
    const from = Math.max(0, below - WINDOW);
    const rows = await tx.sql<FeedRow>(
      `SELECT sequence, envelope FROM feed_event WHERE account_id = $1 AND sequence >= $2 AND sequence < $3 AND (ticket_id = $4 OR position($5 IN envelope::text) > 0) ORDER BY sequence`,
      [tx.by.account, from, below, ticketId, messageId],
    );
    const [older] = await tx.sql<{ at: Date }>('SELECT at FROM feed_event WHERE account_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT 1', [tx.by.account, from]);
    return { rows, end: older && older.at >= since ? from : null };
  }

  /** Writes what events say now; their places stay. */
  async rewrite(tx: Tx, rows: readonly FeedRow[]): Promise<void> {
    await tx.sql('UPDATE feed_event f SET envelope = n.envelope FROM unnest($2::bigint[], $3::json[]) n (sequence, envelope) WHERE f.account_id = $1 AND f.sequence = n.sequence', [
      tx.by.account, rows.map(({ sequence }) => sequence), rows.map(({ envelope }) => JSON.stringify(envelope)),
    ]);
  }

  /** Removes the oldest events of the account that stand there longer than `days`; answers how many. */
  async expire(tx: Tx, days: number, limit: number): Promise<number> {
    const removed = await tx.sql(
      `DELETE FROM feed_event WHERE account_id = $1 AND sequence <= (
         SELECT max(sequence) FROM (SELECT sequence, at FROM feed_event WHERE account_id = $1 ORDER BY sequence LIMIT $3) oldest WHERE at < now() - make_interval(days => $2))
       RETURNING 1`,
      [tx.by.account, days, limit],
    );
    return removed.length;
  }
}
