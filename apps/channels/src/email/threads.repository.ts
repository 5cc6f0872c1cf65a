import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { Clue, Match } from './threading.rules.js';

/** `hops`: how often machines had answered each other before the customer's last mail. */
export type MailThread = { id: string; channelId: string; customer: string | null; hops: number };
/** `mentioned`: named by another mail and not seen itself. */
export type KnownMail = { messageId: string; threadId: string; kind: 'customer' | 'ours' | 'mentioned'; fingerprint: Buffer | null };

@Injectable()
export class ThreadsRepository {
  /** Which of the clues are ours or known in this account, and whose they are. */
  async known({ sql, by }: Tx, clues: readonly Clue[]): Promise<Match[]> {
    const of = (kind: Clue['by']) => clues.filter((clue) => clue.by === kind).map(({ value }) => value);
    return sql<Match>(
      `SELECT 'token' AS by, token AS value, thread_id AS "threadId" FROM mail_token WHERE account_id = $1 AND token = ANY($2::text[])
       UNION ALL SELECT 'header', id::text, id FROM mail_thread WHERE account_id = $1 AND id = ANY($3::uuid[])
       UNION ALL SELECT 'id', message_id, thread_id FROM mail_message WHERE account_id = $1 AND message_id = ANY($4::text[])`,
      [by.account, of('token'), of('header'), of('id')],
    );
  }

  async mail({ sql, by }: Tx, messageId: string): Promise<KnownMail | null> {
    const [found] = await sql<KnownMail>(
      `SELECT message_id AS "messageId", thread_id AS "threadId", kind, fingerprint FROM mail_message WHERE account_id = $1 AND message_id = $2`,
      [by.account, messageId],
    );
    return found ?? null;
  }

  async thread({ sql, by }: Tx, id: string): Promise<MailThread | null> {
    const [found] = await sql<MailThread>('SELECT id, channel_id AS "channelId", customer, hops FROM mail_thread WHERE account_id = $1 AND id = $2', [by.account, id]);
    return found ?? null;
  }

  async hop({ sql, by }: Tx, id: string, hops: number) {
    await sql('UPDATE mail_thread SET hops = $3 WHERE account_id = $1 AND id = $2', [by.account, id, hops]);
  }

  /** Waits for whoever is claiming one of these ids at this moment; the ids that were free are this thread's. Sorted, so that two cannot wait for each other. */
  async claim({ sql, by }: Tx, threadId: string, ids: readonly string[]) {
    await sql(
      `INSERT INTO mail_message (account_id, message_id, thread_id, kind) SELECT $1, id, $2, 'mentioned' FROM unnest($3::text[]) WITH ORDINALITY u(id, o) ORDER BY o
       ON CONFLICT DO NOTHING`,
      [by.account, threadId, [...new Set(ids)].sort()],
    );
  }

  /** What was claimed for one thread belongs to another, which was there first. */
  async join({ sql, by }: Tx, from: string, to: string) {
    await sql('UPDATE mail_message SET thread_id = $3 WHERE account_id = $1 AND thread_id = $2', [by.account, from, to]);
  }

  async create({ sql, by, at }: Tx, thread: MailThread, token: string) {
    await sql('INSERT INTO mail_thread (account_id, id, channel_id, customer, created_at) VALUES ($1, $2, $3, $4, $5)', [by.account, thread.id, thread.channelId, thread.customer, at]);
    await sql('INSERT INTO mail_token (token, account_id, channel_id, thread_id) VALUES ($1, $2, $3, $4)', [token, by.account, thread.channelId, thread.id]);
  }

  /** The mail itself has been seen. The first one under its id stays. */
  async seen({ sql, by }: Tx, mail: KnownMail) {
    await sql(
      `INSERT INTO mail_message (account_id, message_id, thread_id, kind, fingerprint) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (account_id, message_id) DO UPDATE SET kind = excluded.kind, fingerprint = excluded.fingerprint, seq = nextval('mail_message_seq')
       WHERE mail_message.kind = 'mentioned'`,
      [by.account, mail.messageId, mail.threadId, mail.kind, mail.fingerprint],
    );
  }

  /** The mails of a thread that were really exchanged, oldest first. */
  async chain({ sql, by }: Tx, threadId: string): Promise<KnownMail[]> {
    return sql<KnownMail>(
      `SELECT message_id AS "messageId", thread_id AS "threadId", kind, fingerprint FROM mail_message
       WHERE account_id = $1 AND thread_id = $2 AND kind <> 'mentioned' ORDER BY seq`,
      [by.account, threadId],
    );
  }
}
