import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { Confirmation } from './setup-mail.rules.js';

export type SenderRow = { id: string; address: string; code: string; tries: number; askedAt: Date; verifiedAt: Date | null };
export type ConfirmationRow = Confirmation & { id: string; from: string; subject: string | null; receivedAt: Date };

const SENDER = 'id, address, code, tries, asked_at AS "askedAt", verified_at AS "verifiedAt"';

@Injectable()
export class SendersRepository {
  all({ sql, by }: Tx, channelId: string): Promise<SenderRow[]> {
    return sql<SenderRow>(`SELECT ${SENDER} FROM mail_sender WHERE account_id = $1 AND channel_id = $2 ORDER BY address`, [by.account, channelId]);
  }

  /** Locked until the transaction ends. */
  async lock({ sql, by }: Tx, channelId: string, id: string): Promise<SenderRow | null> {
    const [row] = await sql<SenderRow>(`SELECT ${SENDER} FROM mail_sender WHERE account_id = $1 AND channel_id = $2 AND id = $3 FOR UPDATE`, [by.account, channelId, id]);
    return row ?? null;
  }

  /** The channel's senders are changed by one at a time. */
  async alone({ sql }: Tx, channelId: string) {
    await sql(`SELECT pg_advisory_xact_lock(hashtextextended('mail_sender ' || $1, 0))`, [channelId]);
  }

  async save({ sql, by }: Tx, channelId: string, { id, address, code, tries, askedAt, verifiedAt }: SenderRow) {
    await sql(
      `INSERT INTO mail_sender (id, account_id, channel_id, address, code, tries, asked_at, verified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (id) DO UPDATE SET code = excluded.code, tries = excluded.tries, asked_at = excluded.asked_at, verified_at = excluded.verified_at`,
      [id, by.account, channelId, address, code, tries, askedAt, verifiedAt],
    );
  }

  async remove({ sql, by }: Tx, id: string) {
    await sql('DELETE FROM mail_sender WHERE account_id = $1 AND id = $2', [by.account, id]);
  }

  /** Which verified address of the channel a customer wrote to last. */
  async writtenTo({ sql, by }: Tx, threadId: string, channelId: string, recipients: readonly string[]) {
    await sql(
      `UPDATE mail_thread SET written_to = s.address FROM mail_sender s
       WHERE mail_thread.account_id = $1 AND mail_thread.id = $2 AND s.account_id = $1 AND s.channel_id = $3 AND s.address = ANY ($4::text[]) AND s.verified_at IS NOT NULL`,
      [by.account, threadId, channelId, recipients],
    );
  }

  /** The verified address to answer from: the one that was written to, or this one. Null: neither is verified. */
  async from({ sql, by }: Tx, threadId: string | null, channelId: string, address: string): Promise<string | null> {
    const [found] = await sql<{ address: string }>(
      `SELECT s.address FROM mail_sender s LEFT JOIN mail_thread t ON t.account_id = $1 AND t.id = $2 AND t.written_to = s.address
       WHERE s.account_id = $1 AND s.channel_id = $3 AND s.verified_at IS NOT NULL AND (t.id IS NOT NULL OR s.address = $4) ORDER BY t.id NULLS LAST LIMIT 1`,
      [by.account, threadId, channelId, address],
    );
    return found?.address ?? null;
  }

  async confirmation({ sql, by, at }: Tx, channelId: string, { id, from, subject, code, link }: Omit<ConfirmationRow, 'receivedAt'>) {
    await sql('INSERT INTO mail_confirmation (id, account_id, channel_id, author, subject, code, link, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING', [id, by.account, channelId, from, subject, code, link, at]);
  }

  confirmations({ sql, by, at }: Tx, channelId: string): Promise<ConfirmationRow[]> {
    return sql<ConfirmationRow>(
      `SELECT id, author AS from, subject, code, link, received_at AS "receivedAt" FROM mail_confirmation
       WHERE account_id = $1 AND channel_id = $2 AND received_at > $3::timestamptz - interval '30 days' ORDER BY received_at DESC, id DESC LIMIT 20`,
      [by.account, channelId, at],
    );
  }
}
