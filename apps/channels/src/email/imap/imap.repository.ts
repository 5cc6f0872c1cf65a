import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { Cursor } from './imap.rules.js';

/** A mailbox that this process alone reads, until the lease ends. */
export type Claimed = Cursor & { channelId: string; account: string; since: Date; lease: string };

/** Reading a mailbox is a lease on its row: no two replicas read one (MAIL-1). */
@Injectable()
export class ImapRepository {
  constructor(private readonly db: DataSource) {}

  /** Mailboxes that nobody reads and whose time has come. */
  async claim(most: number): Promise<Claimed[]> {
    const [rows] = (await this.db.query(
      `UPDATE imap_cursor SET lease = gen_random_uuid(), lease_until = now() + interval '60 seconds'
       WHERE channel_id IN (SELECT channel_id FROM imap_cursor WHERE next_at <= now() AND (lease_until IS NULL OR lease_until < now()) ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING channel_id AS "channelId", account_id AS account, since, uid_validity AS "uidValidity", uid, lease`,
      [most],
    )) as [Claimed[], number];
    return rows;
  }

  /** False: the lease was lost. */
  async renew({ channelId, lease }: Claimed): Promise<boolean> {
    const [rows] = (await this.db.query(`UPDATE imap_cursor SET lease_until = now() + interval '60 seconds' WHERE channel_id = $1 AND lease = $2 RETURNING channel_id`, [channelId, lease])) as [object[], number];
    return rows.length > 0;
  }

  /** Read up to here. False: somebody else reads it meanwhile, or it is another mailbox by now. */
  async advance({ sql, by }: Tx, { channelId, lease }: Claimed, { uidValidity, uid }: Cursor): Promise<boolean> {
    return (await sql('UPDATE imap_cursor SET uid_validity = $4, uid = $5 WHERE channel_id = $2 AND account_id = $1 AND lease = $3 RETURNING 1', [by.account, channelId, lease, uidValidity, uid])).length > 0;
  }

  async giveBack({ channelId, lease }: Claimed, afterSeconds: number) {
    await this.db.query('UPDATE imap_cursor SET lease = NULL, lease_until = NULL, next_at = now() + make_interval(secs => $3) WHERE channel_id = $1 AND lease = $2', [channelId, lease, afterSeconds]);
  }
}
