import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';

export type NewLink = { code: string; url: string };
export type LinkedMessage = { messageId: string; channelId: string; ticketId: string | null; profileId: string };
export type Link = LinkedMessage & { url: string; expireAt: Date; visits: number };

@Injectable()
export class LinksRepository {
  constructor(private readonly source: DataSource) {}

  /** Whose code is it? Asked before the account is known. */
  async owner(code: string): Promise<string | null> {
    const rows = await this.source.query<{ account: string }[]>('SELECT account_id AS account FROM short_link_key WHERE code = $1', [code]);
    return rows[0]?.account ?? null;
  }

  /** Keeps the links of a message; of those that it has already the codes stay. Answers all of them by address. */
  async keep({ sql, by }: Tx, { messageId, channelId, ticketId, profileId }: LinkedMessage, links: NewLink[], expireAt: string): Promise<Map<string, string>> {
    const made = await sql<{ code: string }>(
      `WITH made AS (
         INSERT INTO short_link (account_id, code, message_id, channel_id, ticket_id, profile_id, url, expire_at)
         SELECT $1, l.code, $2, $3, $4, $5, l.url, $6 FROM unnest($7::text[], $8::text[]) l (code, url) ON CONFLICT DO NOTHING RETURNING code)
       INSERT INTO short_link_key (code, account_id) SELECT code, $1 FROM made RETURNING code`,
      [by.account, messageId, channelId, ticketId, profileId, expireAt, links.map(({ code }) => code), links.map(({ url }) => url)],
    );
    const fresh = new Set(made.map(({ code }) => code));
    if (fresh.size === links.length) return new Map(links.map(({ url, code }) => [url, code]));
    const all = await sql<NewLink>('SELECT url, code FROM short_link WHERE account_id = $1 AND message_id = $2', [by.account, messageId]);
    return new Map(all.map(({ url, code }) => [url, code]));
  }

  async find({ sql, by }: Tx, code: string): Promise<Link | null> {
    const rows = await sql<Link>(
      'SELECT message_id AS "messageId", channel_id AS "channelId", ticket_id AS "ticketId", profile_id AS "profileId", url, expire_at AS "expireAt", visits FROM short_link WHERE account_id = $1 AND code = $2',
      [by.account, code],
    );
    return rows[0] ?? null;
  }

  async forget({ sql, by, at }: Tx, days: number): Promise<number> {
    const gone = await sql(
      `WITH gone AS (DELETE FROM short_link WHERE account_id = $1 AND code IN (
         SELECT code FROM short_link WHERE account_id = $1 AND expire_at < $2::timestamptz - make_interval(days => $3) LIMIT 1000) RETURNING code)
       DELETE FROM short_link_key k USING gone WHERE k.code = gone.code RETURNING k.code`,
      [by.account, at, days],
    );
    return gone.length;
  }

  /** How many visits there have been, with this one. */
  async visited({ sql, by }: Tx, code: string): Promise<number> {
    const rows = await sql<{ visits: number }>('UPDATE short_link SET visits = visits + 1 WHERE account_id = $1 AND code = $2 RETURNING visits', [by.account, code]);
    return rows[0]?.visits ?? 0;
  }
}
