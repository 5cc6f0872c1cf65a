import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

type Count = { name: string; count: number };
export type Span = { channelId: string; from: Date; to: Date };

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
       FROM delivery WHERE account_id = $1 AND channel_id = $2 AND created_at >= $3 AND created_at < $4 GROUP BY 1`,
      [by.account, channelId, from, to],
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
