import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';

/** A mail that was answered with 250 and not yet parsed. Its bytes are raw_inbound's. */
export type Waiting = { rawId: string; account: string; channelId: string; starts: number; lease: string };

export type Kept = { body: Buffer; sender: string; recipient: string; receivedAt: Date };

/** The queue names no person and is read across accounts, so it has no row-level security: the raw mail itself has. */
@Injectable()
export class MailboxRepository {
  constructor(private readonly db: DataSource) {}

  async put({ sql, by }: Tx, rawId: string, channelId: string, lane: Buffer) {
    await sql('INSERT INTO mail_waiting (raw_id, account_id, channel_id, lane) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [rawId, by.account, channelId, lane]);
  }

  /** Is this mark of a mail new? Remembered for a day. */
  async isFirst({ sql, by, at }: Tx, channelId: string, once: string): Promise<boolean> {
    await sql(`DELETE FROM mail_once WHERE account_id = $1 AND channel_id = $2 AND seen_at < $3::timestamptz - interval '1 day'`, [by.account, channelId, at]);
    return (await sql('INSERT INTO mail_once (account_id, channel_id, mark, seen_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING mark', [by.account, channelId, once.slice(0, 200), at])).length > 0;
  }

  /** The kept mail and its envelope. */
  async bytes({ sql, by }: Tx, rawId: string): Promise<Kept> {
    const [kept] = await sql<Kept>(
      `SELECT body, headers ->> 'sender' AS sender, headers ->> 'recipient' AS recipient, received_at AS "receivedAt" FROM raw_inbound WHERE account_id = $1 AND id = $2`,
      [by.account, rawId],
    );
    if (!kept) throw new Error(`the bytes of mail ${rawId} are gone`);
    return kept;
  }

  /** The books of this channel count it (OPS-6). */
  async moveTo({ sql, by }: Tx, rawId: string, channelId: string) {
    await sql('UPDATE raw_inbound SET channel_id = $3 WHERE account_id = $1 AND id = $2', [by.account, rawId, channelId]);
  }

  /** The oldest mail of each lane that nobody is busy with; counted as started before anything is done (MAIL-6). Several replicas share. */
  async claim(most: number): Promise<Waiting[]> {
    const [rows] = (await this.db.query(
      `UPDATE mail_waiting SET starts = starts + 1, lease = gen_random_uuid(), lease_until = now() + interval '30 seconds'
       WHERE raw_id IN (
         SELECT raw_id FROM mail_waiting h WHERE (lease_until IS NULL OR lease_until < now())
           AND NOT EXISTS (SELECT 1 FROM mail_waiting o WHERE o.lane = h.lane AND o.seq < h.seq)
         ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING raw_id AS "rawId", account_id AS account, channel_id AS "channelId", starts, lease`,
      [most],
    )) as [Waiting[], number];
    return rows;
  }

  /** Done with, if nobody else has taken over meanwhile. */
  async finish({ sql }: Tx, { rawId, lease }: Waiting): Promise<boolean> {
    return (await sql('DELETE FROM mail_waiting WHERE raw_id = $1 AND lease = $2 RETURNING raw_id', [rawId, lease])).length === 1;
  }

  /** To be taken up again after a while. `counted`: whether this start may have been the mail's own fault. */
  async giveBack({ rawId, lease }: Waiting, afterSeconds: number, counted: boolean) {
    await this.db.query(
      `UPDATE mail_waiting SET lease_until = now() + make_interval(secs => $3), starts = starts - $4 WHERE raw_id = $1 AND lease = $2`,
      [rawId, lease, afterSeconds, counted ? 0 : 1],
    );
  }
}
