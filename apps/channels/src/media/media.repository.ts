import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Attachment } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { RemoteFile } from '../adapter.js';

/** A file at a provider, and the message it stands in. `wanted`: false once that was taken back. */
export type MediaRow = { id: string; channelId: string; messageId: string; key: string; remote: RemoteFile; attachment: Attachment; wanted: boolean; /** Of its conversation in the log. */ partition: number | null };
/** A file that this process may work on, and nobody else until the lease ends. `attempt` counts from 1. */
export type MediaJob = { id: string; account: string; channelId: string; task: 'fetch' | 'discard'; attempt: number; lease: string };
export type Leaving = { account: string; sha256: string };

/** Of all accounts, what came first; the lease outlasts three calls of 30 seconds. */
const CLAIM = `
  WITH due AS (
    SELECT id FROM media_waiting WHERE next_at <= now() AND (lease_until IS NULL OR lease_until < now()) ORDER BY next_at, n LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE media_waiting w SET lease = $1, lease_until = now() + interval '120 seconds', attempt = w.attempt + 1 FROM due WHERE w.id = due.id
  RETURNING w.id, w.account_id AS account, w.channel_id AS "channelId", w.task, w.attempt, w.lease`;

@Injectable()
export class MediaRepository {
  constructor(private readonly source: DataSource) {}

  async add({ sql, by }: Tx, rows: Omit<MediaRow, 'wanted' | 'partition'>[]) {
    for (const { id, channelId, messageId, key, remote, attachment } of rows) {
      await sql(
        `WITH kept AS (INSERT INTO inbound_media (id, account_id, channel_id, message_id, conv_key, remote, attachment) VALUES ($1, $2, $3, $4, $5, $6, $7))
         INSERT INTO media_waiting (id, account_id, channel_id, task, next_at) VALUES ($1, $2, $3, 'fetch', now())`,
        [id, by.account, channelId, messageId, key, JSON.stringify(remote), JSON.stringify(attachment)],
      );
    }
  }

  /** Nobody needs the files of this message any more. */
  async unwant({ sql, by }: Tx, messageId: string) {
    await sql('UPDATE inbound_media SET wanted = false WHERE account_id = $1 AND message_id = $2', [by.account, messageId]);
  }

  async claim(most: number): Promise<MediaJob[]> {
    const [jobs] = await this.source.query<[MediaJob[], number]>(CLAIM, [randomUUID(), most]);
    return jobs;
  }

  async find({ sql, by }: Tx, id: string, how: '' | 'FOR UPDATE' = ''): Promise<MediaRow | null> {
    const rows = await sql<MediaRow>(
      `SELECT id, channel_id AS "channelId", message_id AS "messageId", conv_key AS key, remote, attachment, wanted,
         (SELECT c.partition FROM conversation c WHERE c.account_id = $2 AND c.conv_key = inbound_media.conv_key) AS partition
       FROM inbound_media WHERE id = $1 AND account_id = $2 ${how}`,
      [id, by.account],
    );
    return rows[0] ?? null;
  }

  /** Nothing is left to do. */
  async done({ sql, by }: Tx, id: string) {
    await sql('DELETE FROM inbound_media WHERE id = $1 AND account_id = $2', [id, by.account]);
    await sql('DELETE FROM media_waiting WHERE id = $1', [id]);
  }

  /** The bytes are here; what is at the provider is to be deleted. */
  async toDiscard({ sql }: Tx, id: string) {
    await sql(`UPDATE media_waiting SET task = 'discard', attempt = 0, next_at = now(), lease = NULL, lease_until = NULL WHERE id = $1`, [id]);
  }

  /** Once more after a while. Does nothing where the lease was lost: somebody else is at it. */
  async again({ sql }: Tx, { id, lease }: MediaJob, seconds: number) {
    await sql('UPDATE media_waiting SET next_at = now() + make_interval(secs => $3), lease = NULL, lease_until = NULL WHERE id = $1 AND lease = $2', [id, lease, seconds]);
  }

  async leave({ sql, by }: Tx, hashes: string[]) {
    await sql('INSERT INTO file_leaving (account_id, sha256) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING', [by.account, hashes]);
  }

  leaving(): Promise<Leaving[]> {
    return this.source.query('SELECT account_id AS account, sha256 FROM file_leaving LIMIT 100');
  }

  async left({ account, sha256 }: Leaving) {
    await this.source.query('DELETE FROM file_leaving WHERE account_id = $1 AND sha256 = $2', [account, sha256]);
  }
}
