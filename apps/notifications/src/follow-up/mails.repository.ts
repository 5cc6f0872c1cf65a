import { Injectable } from '@nestjs/common';
import type { Account } from '@parley/contracts/access';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { StaffMail } from '../staff-mail/staff-mail.rules.js';
import type { Brand, FollowUp } from './follow-up-mail.rules.js';

/** A mail that this process may try to send until the lease ends. `attempt` counts from 1. */
export type Claim = { id: string; account: string; attempt: number; token: string };
type Stored = { id: string; recipient: string; state: 'queued' | 'sent' | 'failed' | 'cancelled'; createdAt: Date };
export type StoredFollowUp = Stored & { kind: 'follow_up'; request: FollowUp };
export type StoredMail = StoredFollowUp | (Stored & { kind: 'news' | 'mention'; request: StaffMail });

const FORGOTTEN = `request = CASE kind WHEN 'follow_up' THEN jsonb_set(request, '{recap}', '[]') ELSE '{}' END`;

@Injectable()
export class MailsRepository {
  constructor(private readonly db: DataSource) {}

  /** Follow-ups that went, or may yet go, to this recipient since then. Nobody else counts for them until the transaction ends. */
  async countSince(tx: Tx, recipient: string, since: Date): Promise<number> {
    await tx.sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${tx.by.account} ${recipient}`]);
    const [row] = await tx.sql<{ count: number }>(
      `SELECT count(*) AS count FROM mail WHERE account_id = $1 AND recipient = $2 AND created_at > $3 AND state IN ('queued', 'sent') AND kind = 'follow_up'`,
      [tx.by.account, recipient, since],
    );
    return row!.count;
  }

  /** False where the timer has its mail already. */
  async add(tx: Tx, recipient: string, request: FollowUp): Promise<boolean> {
    const added = await tx.sql(
      `INSERT INTO mail (account_id, id, ticket_id, session_id, recipient, request, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`,
      [tx.by.account, request.timerId, request.ticketId, request.sessionId, recipient, JSON.stringify(request), tx.at],
    );
    return added.length > 0;
  }

  /** Null where this recipient has a mail about it already. */
  async addStaff(tx: Tx, { ticketId, aboutId, recipient, request }: { ticketId: string; aboutId: string; recipient: string; request: StaffMail }): Promise<string | null> {
    const [added] = await tx.sql<{ id: string }>(
      `INSERT INTO mail (account_id, id, kind, ticket_id, about_id, recipient, request, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
      [tx.by.account, newId(), request.news === 'mention' ? 'mention' : 'news', ticketId, aboutId, recipient, JSON.stringify(request), tx.at],
    );
    return added?.id ?? null;
  }

  async isToldOf(tx: Tx, ticketId: string): Promise<boolean> {
    return (await tx.sql(`SELECT FROM mail WHERE account_id = $1 AND ticket_id = $2 AND kind = 'news' LIMIT 1`, [tx.by.account, ticketId])).length > 0;
  }

  async makeDue(tx: Tx, id: string) {
    await tx.sql('INSERT INTO mail_due (mail_id, account_id) VALUES ($1, $2)', [id, tx.by.account]);
  }

  async find(tx: Tx, id: string): Promise<StoredMail | undefined> {
    const [mail] = await tx.sql<StoredMail>('SELECT id, kind, recipient, request, state, created_at AS "createdAt" FROM mail WHERE account_id = $1 AND id = $2', [tx.by.account, id]);
    return mail;
  }

  /** The mail is over: what was said in it is not kept. */
  async end(tx: Tx, id: string, state: 'sent' | 'failed' | 'cancelled', reason: string | null = null) {
    await tx.sql(`UPDATE mail SET state = $3, reason = $4, ${FORGOTTEN} WHERE account_id = $1 AND id = $2`, [tx.by.account, id, state, reason]);
  }

  /** Calls off what was queued for a chat before then. */
  async cancel(tx: Tx, sessionId: string, before: Date) {
    await tx.sql(`UPDATE mail SET state = 'cancelled', ${FORGOTTEN} WHERE account_id = $1 AND session_id = $2 AND state = 'queued' AND created_at < $3`, [tx.by.account, sessionId, before]);
  }

  /** Takes due mails of any account for a minute; other replicas pass over them. */
  async claim(limit: number): Promise<Claim[]> {
    const [claims] = (await this.db.query(
      `UPDATE mail_due SET lease_token = $1, lease_until = now() + interval '1 minute', attempt = attempt + 1
       WHERE mail_id IN (SELECT mail_id FROM mail_due WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < now()) ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING mail_id AS id, account_id AS account, attempt, lease_token AS token`,
      [newId(), limit],
    )) as [Claim[], number];
    return claims;
  }

  /** Ends the work on a mail. False where the lease has gone to somebody else: then it is theirs to tell. */
  async finish(tx: Tx, { id, token }: Claim): Promise<boolean> {
    return (await tx.sql('DELETE FROM mail_due WHERE mail_id = $1 AND lease_token = $2 RETURNING 1', [id, token])).length > 0;
  }

  async postpone(tx: Tx, { id, token }: Claim, seconds: number) {
    await tx.sql('UPDATE mail_due SET due_at = now() + make_interval(secs => $3), lease_until = NULL WHERE mail_id = $1 AND lease_token = $2', [id, token, seconds]);
  }

  async brand(tx: Tx): Promise<Brand | undefined> {
    const [brand] = await tx.sql<Brand>(
      `SELECT name, sender_email AS "senderEmail", logo_url AS "logoUrl", brand_color AS "brandColor", accent_color AS "accentColor", privacy_url AS "privacyUrl", terms_url AS "termsUrl", version
       FROM brand WHERE account_id = $1`,
      [tx.by.account],
    );
    return brand;
  }

  /** The newest version wins, in whatever order they come. */
  async saveBrand(tx: Tx, account: Account) {
    await tx.sql(
      `INSERT INTO brand (account_id, name, sender_email, logo_url, brand_color, accent_color, privacy_url, terms_url, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (account_id) DO UPDATE SET name = excluded.name, sender_email = excluded.sender_email, logo_url = excluded.logo_url, brand_color = excluded.brand_color,
         accent_color = excluded.accent_color, privacy_url = excluded.privacy_url, terms_url = excluded.terms_url, version = excluded.version
       WHERE brand.version < excluded.version`,
      [tx.by.account, account.name, account.senderEmail, account.logoUrl, account.brandColor, account.accentColor, account.privacyUrl, account.termsUrl, account.version],
    );
  }
}
