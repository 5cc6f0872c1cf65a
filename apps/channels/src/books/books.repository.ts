import { Injectable } from '@nestjs/common';
import type { UnmatchedStatus } from '@parley/contracts/reconciliation';
import type { Tx } from '@parley/service/tx';

type Count = { name: string; count: number };
export type UnmatchedRow = Pick<UnmatchedStatus, 'providerMessageId' | 'state' | 'failure'> & { occurredAt: Date; receivedAt: Date };
export type Span = { channelId: string; from: Date; to: Date };

/** A callback may be faster than the answer to our own call; after ten minutes it is about nothing of ours. */
const UNMATCHED_SINCE = (at: string) => `(${at}::timestamptz - interval '10 minutes')`;
/** Seen by the visitor: read, or there while they were. An answer that a closed chat hides from them has failed. */
const CHAT_STATE = `CASE WHEN s.read_seq >= a.seq OR s.online OR s.since >= a.at THEN 'delivered' WHEN s.id IS NULL OR NOT s.open THEN 'failed' ELSE 'sent' END`;

@Injectable()
export class BooksRepository {
  /** Inbound messages of the span by outcome; what tickets has not decided yet is pending. */
  inbound({ sql, by }: Tx, { channelId, from, to }: Span) {
    return sql<Count>(
      `SELECT name, count(*) FROM (
         SELECT coalesce(outcome, 'pending') AS name FROM inbound_message WHERE account_id = $1 AND channel_id = $2 AND received_at >= $3 AND received_at < $4 AND outcome IS DISTINCT FROM 'retried'
         UNION ALL SELECT outcome FROM inbound_item WHERE account_id = $1 AND channel_id = $2 AND received_at >= $3 AND received_at < $4) o GROUP BY name`,
      [by.account, channelId, from, to],
    );
  }

  outbound({ sql, by }: Tx, { channelId, from, to }: Span) {
    return sql<Count>(
      `SELECT CASE state WHEN 'read' THEN 'delivered' WHEN 'delivered' THEN 'delivered' WHEN 'failed' THEN 'failed' ELSE 'pending' END AS name, count(*)
       FROM (
         SELECT state FROM delivery WHERE account_id = $1 AND channel_id = $2 AND created_at >= $3 AND created_at < $4
         UNION ALL SELECT ${CHAT_STATE} FROM chat_answer a LEFT JOIN chat_session s ON s.account_id = a.account_id AND s.id = a.session_id
         WHERE a.account_id = $1 AND a.channel_id = $2 AND a.at >= $3 AND a.at < $4) o GROUP BY 1`,
      [by.account, channelId, from, to],
    );
  }

  /** An answer in a chat, which no provider delivers. */
  async enterChatAnswer({ sql, by, at }: Tx, { id, channelId, sessionId, seq }: { id: string; channelId: string; sessionId: string; seq: number }) {
    await sql('INSERT INTO chat_answer (id, account_id, channel_id, session_id, seq, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING', [id, by.account, channelId, sessionId, seq, at]);
  }

  /** What stands beside the sums: what the brand wrote elsewhere, and callbacks that found no message. */
  async beside({ sql, by, at }: Tx, { channelId, from, to }: Span) {
    const [row] = await sql<{ echoes: number; unmatched: number }>(
      `SELECT (SELECT count(*) FROM echo WHERE account_id = $1 AND channel_id = $2 AND received_at >= $3 AND received_at < $4) AS echoes,
         (SELECT count(*) FROM parked_status WHERE account_id = $1 AND channel_id = $2 AND parked_at >= $3 AND parked_at < least($4, ${UNMATCHED_SINCE('$5')})) AS unmatched`,
      [by.account, channelId, from, to, at],
    );
    return row!;
  }

  /** `before`: time, id and state of the last one of the page before. */
  unmatched({ sql, by, at }: Tx, channelId: string, limit: number, before: readonly string[] | null) {
    return sql<UnmatchedRow>(
      `SELECT provider_message_id AS "providerMessageId", state, failure, occurred_at AS "occurredAt", parked_at AS "receivedAt" FROM parked_status
       WHERE account_id = $1 AND channel_id = $2 AND parked_at < ${UNMATCHED_SINCE('$3')} AND ($5::timestamptz IS NULL OR (parked_at, provider_message_id, state) < ($5, $6, $7))
       ORDER BY parked_at DESC, provider_message_id DESC, state DESC LIMIT $4`,
      [by.account, channelId, at, limit, before?.[0] ?? null, before?.[1] ?? null, before?.[2] ?? null],
    );
  }

  /**
   * What was counted elsewhere against the rows: pieces found in the bytes of the span's deliveries that stand for nothing yet (`missing`), those
   * that stand for more than was found (`surplus`), and conversations of the channel whose number is not that of their messages (`misnumbered`).
   */
  async differences({ sql, by }: Tx, { channelId, from, to }: Span) {
    const [row] = await sql<{ missing: number; surplus: number; misnumbered: number }>(
      `WITH siblings AS (SELECT id FROM channel WHERE account_id = $1 AND type = (SELECT type FROM channel WHERE id = $2)),
       standing AS (
         SELECT raw_id FROM inbound_message WHERE account_id = $1 AND channel_id IN (SELECT id FROM siblings) AND received_at >= $3
         UNION ALL SELECT raw_id FROM inbound_item WHERE account_id = $1 AND channel_id IN (SELECT id FROM siblings) AND received_at >= $3),
       pieces AS (
         SELECT r.items, count(s.raw_id) AS found FROM raw_inbound r LEFT JOIN standing s ON s.raw_id = r.id
         WHERE r.account_id = $1 AND r.channel_id = $2 AND r.received_at >= $3 AND r.received_at < $4 GROUP BY r.id)
       SELECT coalesce(sum(greatest(items - found, 0)), 0)::int AS missing, coalesce(sum(greatest(found - items, 0)), 0)::int AS surplus,
         (SELECT count(*) FROM conversation c WHERE c.account_id = $1 AND c.channel_id = $2 AND c.seq - c.moved <>
           (SELECT count(*) FROM inbound_message m WHERE m.account_id = $1 AND m.conv_key = c.conv_key)) AS misnumbered
       FROM pieces`,
      [by.account, channelId, from, to],
    );
    return row!;
  }
}
