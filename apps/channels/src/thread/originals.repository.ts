import { Injectable } from '@nestjs/common';
import { partitionOf } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';

/** A message that we know by its provider's id. `key`: its conversation, where it has one of its own. */
export type Original = { providerMessageId: string; id: string; key: string | null; /** False: it was sent outside every thread. */ stands: boolean };

/** Which of our messages a provider means. */
@Injectable()
export class OriginalsRepository {
  /** Whatever is said of these messages and whatever records them happen one after the other: neither overlooks the other. */
  async alone({ sql }: Tx, names: string[]) {
    await sql('SELECT pg_advisory_xact_lock(h) FROM (SELECT DISTINCT hashtextextended(k, 0) AS h FROM unnest($1::text[]) k ORDER BY 1) o', [names]);
  }

  /** Customers' messages, ours, pieces of ours, and what the brand wrote elsewhere. */
  async find({ sql, by }: Tx, channelId: string, providerIds: string[]): Promise<Map<string, Original>> {
    const rows = await sql<Original>(
      `SELECT provider_message_id AS "providerMessageId", id, conv_key AS key, true AS stands FROM inbound_message WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3)
       UNION ALL SELECT provider_message_id, id, NULL, ticket_id IS NOT NULL FROM delivery WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3)
       UNION ALL SELECT provider_message_id, delivery_id, NULL, true FROM delivery_piece WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3)
       UNION ALL SELECT provider_message_id, id, conv_key, true FROM echo WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3) AND waiting IS NULL`,
      [by.account, channelId, providerIds],
    );
    return new Map(rows.map((row) => [row.providerMessageId, row]));
  }

  /** The log’s partition of a conversation: that of its messages. */
  async partition({ sql, by }: Tx, key: string): Promise<number> {
    const [row] = await sql<{ partition: number }>('SELECT partition FROM conversation WHERE account_id = $1 AND conv_key = $2', [by.account, key]);
    return row?.partition ?? partitionOf(by.account, key);
  }

  /** The bytes by which a message came, unless they hold others, too: it was taken back. */
  async forgetBytes({ sql, by }: Tx, messageId: string) {
    await sql(
      `UPDATE raw_inbound SET headers = '{}', body = '' WHERE account_id = $1 AND items <= 1 AND id = (SELECT raw_id FROM inbound_message WHERE id = $2 AND account_id = $1)`,
      [by.account, messageId],
    );
  }
}
