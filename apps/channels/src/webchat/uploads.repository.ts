import { Injectable } from '@nestjs/common';
import type { Attachment } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';

/** A file of the visitor's, whose bytes are in the store. */
export type Uploaded = Attachment & { sha256: string };

const FILE = `id, name, content_type AS "contentType", size_bytes AS "sizeBytes", false AS inline, sha256`;

/** Files that visitors have uploaded and not sent yet. */
@Injectable()
export class UploadsRepository {
  async keep({ sql, by, at }: Tx, sessionId: string, file: Uploaded) {
    await sql(
      `INSERT INTO chat_upload (account_id, id, session_id, name, content_type, size_bytes, sha256, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [by.account, file.id, sessionId, file.name, file.contentType, file.sizeBytes, file.sha256, at],
    );
  }

  async count({ sql, by }: Tx, sessionId: string): Promise<number> {
    const [row] = await sql<{ count: number }>('SELECT count(*) FROM chat_upload WHERE account_id = $1 AND session_id = $2', [by.account, sessionId]);
    return row!.count;
  }

  async find({ sql, by }: Tx, sessionId: string, id: string): Promise<Uploaded | null> {
    const [file] = await sql<Uploaded>(`SELECT ${FILE} FROM chat_upload WHERE account_id = $1 AND session_id = $2 AND id = $3`, [by.account, sessionId, id]);
    return file ?? null;
  }

  /** Those of them that there are; they wait no longer. Whoever comes late gets none: after a day their bytes are forgotten. */
  take({ sql, by, at }: Tx, sessionId: string, ids: string[]): Promise<Uploaded[]> {
    return sql<Uploaded>(`DELETE FROM chat_upload WHERE account_id = $1 AND session_id = $2 AND id = ANY ($3) AND created_at > $4::timestamptz - interval '23 hours' RETURNING ${FILE}`, [by.account, sessionId, ids, at]);
  }

  async handOver({ sql, by }: Tx, from: string, to: string) {
    await sql('UPDATE chat_upload SET session_id = $3 WHERE account_id = $1 AND session_id = $2', [by.account, from, to]);
  }

  /** Gives up on up to 500 that have waited longer than a day: their ids. */
  async abandon({ sql, by, at }: Tx): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      `DELETE FROM chat_upload WHERE account_id = $1 AND id IN (SELECT id FROM chat_upload WHERE account_id = $1 AND created_at < $2::timestamptz - interval '1 day' LIMIT 500) RETURNING id`,
      [by.account, at],
    );
    return rows.map(({ id }) => id);
  }
}
