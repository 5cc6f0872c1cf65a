import { Injectable } from '@nestjs/common';
import type { QuarantineItem } from '@parley/contracts/quarantine';
import type { Tx } from '@parley/service/tx';
import type { Raw } from '../adapter.js';

export type QuarantineRow = Pick<QuarantineItem, 'id' | 'channelId' | 'kind' | 'reason' | 'state' | 'resolution' | 'attempts'> & { rawId: string | null; at: Date; triedAt: Date | null };
export type NewItem = { id: string; channelId: string; rawId: string | null; reason: string };
export type KeptBytes = Raw & { id: string };

const ROW = `id, channel_id AS "channelId", kind, reason, state, resolution, attempts, raw_id AS "rawId", at, tried_at AS "triedAt"`;

/** Messages have their lines here from inbound.repository.ts, in the statement that enters their outcome. */
@Injectable()
export class QuarantineRepository {
  /** What a provider posted is a piece of that; everything else came as a mail. */
  async put({ sql, by, at }: Tx, items: NewItem[]) {
    const column = <K extends keyof NewItem>(name: K) => items.map((item) => item[name]);
    await sql(
      `INSERT INTO quarantine (id, account_id, channel_id, kind, raw_id, reason, at)
       SELECT i.id, $1, i.channel_id, CASE WHEN r.method IN ('GET', 'POST') THEN 'piece' ELSE 'mail' END, i.raw_id, i.reason, $2
       FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[]) i (id, channel_id, raw_id, reason) LEFT JOIN raw_inbound r ON r.id = i.raw_id AND r.account_id = $1`,
      [by.account, at, column('id'), column('channelId'), column('rawId'), column('reason')],
    );
  }

  /** Unsettled ones, newest first; `before`: time and id of the last one of the page before. */
  page({ sql, by }: Tx, channelId: string, limit: number, before: readonly string[] | null) {
    return sql<QuarantineRow>(
      `SELECT ${ROW} FROM quarantine WHERE account_id = $1 AND channel_id = $2 AND state <> 'settled' AND ($4::timestamptz IS NULL OR (at, id) < ($4, $5::uuid)) ORDER BY at DESC, id DESC LIMIT $3`,
      [by.account, channelId, limit, before?.[0] ?? null, before?.[1] ?? null],
    );
  }

  async find({ sql, by }: Tx, channelId: string, id: string, lock: '' | 'FOR UPDATE' = ''): Promise<QuarantineRow | null> {
    const [row] = await sql<QuarantineRow>(`SELECT ${ROW} FROM quarantine WHERE account_id = $1 AND channel_id = $2 AND id = $3 ${lock}`, [by.account, channelId, id]);
    return row ?? null;
  }

  /** All that waits of these bytes: nobody else decides on them until the transaction ends. */
  ofBytes({ sql, by }: Tx, rawId: string) {
    return sql<QuarantineRow>(`SELECT ${ROW} FROM quarantine WHERE account_id = $1 AND raw_id = $2 AND state <> 'settled' ORDER BY id FOR UPDATE`, [by.account, rawId]);
  }

  async save({ sql, by }: Tx, row: QuarantineRow) {
    await sql('UPDATE quarantine SET reason = $3, state = $4, resolution = $5, attempts = $6, tried_at = $7 WHERE id = $1 AND account_id = $2', [row.id, by.account, row.reason, row.state, row.resolution, row.attempts, row.triedAt]);
  }

  /** Null: no longer kept, or erased. */
  async bytes({ sql, by }: Tx, rawId: string): Promise<KeptBytes | null> {
    const [row] = await sql<KeptBytes>(`SELECT id, method, url, headers, body, received_at AS "receivedAt" FROM raw_inbound WHERE account_id = $1 AND id = $2 AND (length(body) > 0 OR method = 'GET') FOR UPDATE`, [by.account, rawId]);
    return row ?? null;
  }

  /** The provider's ids of messages that were read from these bytes, one for each line in the books: of the message itself, or of a duplicate. */
  async standing({ sql, by }: Tx, channelId: string, { id, receivedAt }: KeptBytes): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      `SELECT provider_message_id AS id FROM inbound_message WHERE account_id = $1 AND channel_id = $2 AND received_at = $4 AND raw_id = $3
       UNION ALL SELECT m.provider_message_id FROM inbound_item i JOIN inbound_message m ON m.id = i.inbound_id
       WHERE i.account_id = $1 AND i.channel_id = $2 AND i.received_at = $4 AND i.raw_id = $3 AND i.outcome = 'duplicate'`,
      [by.account, channelId, id, receivedAt],
    );
    return rows.map((row) => row.id);
  }

  /** What the books say of unreadable pieces of these bytes is no longer true. A notice that stood for a mail stands for nothing now. */
  async strike({ sql, by }: Tx, rawId: string, ids: string[]) {
    await sql(`DELETE FROM inbound_item WHERE id = ANY ($2) AND account_id = $1 AND outcome = 'quarantined'`, [by.account, ids]);
    await sql(`UPDATE inbound_message SET raw_id = NULL, outcome = 'retried', reason = NULL WHERE id = ANY ($2) AND account_id = $1 AND raw_id = $3`, [by.account, ids, rawId]);
  }
}
