import { Injectable } from '@nestjs/common';
import type { Keyword } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';
import type { Raw } from '../adapter.js';

export type Numbered = { id: string; seq: number; partition: number };
/** One message to be numbered. */
export type Entry = { id: string; channelId: string; providerMessageId: string; key: string; rawId: string | null; fingerprint: Buffer | null; keyword: Keyword | null };
/** A piece of a delivery that is no message of its own. */
export type Item = { id: string; channelId: string; rawId: string | null; outcome: 'duplicate' | 'quarantined'; inboundId: string | null; reason: string | null };
export type Bytes = { id: string; channelId: string; raw: Raw; items: number };

const LOCK = `SELECT conv_key FROM conversation WHERE account_id = $1 AND conv_key = ANY ($2) ORDER BY conv_key FOR UPDATE`;

/** Locks those that exist, makes those that do not; a conversation that somebody else makes at this moment is in neither. */
const LOCK_OR_MAKE = `
  WITH locked AS (${LOCK}),
  made AS (
    INSERT INTO conversation (account_id, conv_key, channel_id, partition, seq)
    SELECT $1, n.conv_key, n.channel_id, n.partition, 0 FROM unnest($2::text[], $3::uuid[], $4::smallint[]) n (conv_key, channel_id, partition)
    WHERE n.conv_key NOT IN (SELECT conv_key FROM locked) ORDER BY n.conv_key
    ON CONFLICT DO NOTHING RETURNING conv_key)
  SELECT conv_key FROM locked UNION ALL SELECT conv_key FROM made`;

/** Numbers what is new, in the order given, and moves the conversations on: run only under their locks, so that it sees all that was numbered before. */
const NUMBER = `
  WITH m AS (
    SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::bytea[], $8::text[])
      WITH ORDINALITY AS m (id, channel_id, provider_id, conv_key, raw_id, fingerprint, keyword, place)),
  fresh AS (
    SELECT m.*, row_number() OVER (PARTITION BY m.conv_key ORDER BY m.place) AS n FROM m
    WHERE NOT EXISTS (SELECT 1 FROM m e WHERE e.place < m.place AND ((e.channel_id, e.provider_id) = (m.channel_id, m.provider_id) OR e.fingerprint = m.fingerprint))
      AND NOT EXISTS (SELECT 1 FROM inbound_message i WHERE i.channel_id = m.channel_id AND i.provider_message_id = m.provider_id)
      AND NOT EXISTS (SELECT 1 FROM inbound_message i WHERE i.account_id = $1 AND i.fingerprint = m.fingerprint)),
  moved AS (
    UPDATE conversation c SET seq = c.seq + f.count FROM (SELECT conv_key, count(*) FROM fresh GROUP BY conv_key) f
    WHERE c.account_id = $1 AND c.conv_key = f.conv_key RETURNING c.conv_key, c.partition, c.seq - f.count AS base)
  INSERT INTO inbound_message (id, account_id, channel_id, provider_message_id, conv_key, conv_seq, raw_id, fingerprint, keyword, received_at)
  SELECT f.id, $1, f.channel_id, f.provider_id, f.conv_key, moved.base + f.n, f.raw_id, f.fingerprint, f.keyword, $9
  FROM fresh f JOIN moved USING (conv_key)
  RETURNING id, conv_seq AS seq, (SELECT partition FROM moved WHERE moved.conv_key = inbound_message.conv_key) AS partition`;

/** The note on a mail that could not be parsed stands in a thread, and the mail itself in quarantine (MAIL-6). */
const DECIDE = `
  WITH d AS (SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[]) d (id, outcome, reason, profile_id)),
  done AS (
    UPDATE inbound_message i SET profile_id = coalesce(d.profile_id, i.profile_id), reason = d.reason,
      outcome = CASE WHEN d.outcome = 'thread' AND i.provider_message_id LIKE 'unread:%' THEN 'quarantined' ELSE d.outcome END
    FROM d WHERE i.id = d.id AND i.account_id = $1 RETURNING i.id, i.channel_id, i.raw_id, i.received_at, d.outcome, i.reason),
  aside AS (
    INSERT INTO quarantine (id, account_id, channel_id, kind, raw_id, reason, at)
    SELECT id, $1, channel_id, CASE outcome WHEN 'blocked' THEN 'blocked' ELSE 'message' END, raw_id, reason, received_at FROM done WHERE outcome IN ('quarantined', 'blocked')
    ON CONFLICT (id) DO UPDATE SET state = 'waiting', reason = excluded.reason WHERE quarantine.state = 'retrying'),
  landed AS (
    UPDATE quarantine q SET state = 'settled', resolution = 'landed' FROM done
    WHERE q.id = done.id AND q.account_id = $1 AND q.kind = 'message' AND q.state <> 'settled' AND done.outcome NOT IN ('quarantined', 'blocked') RETURNING q.channel_id)
  SELECT DISTINCT channel_id AS channel FROM done WHERE outcome = 'quarantined' UNION SELECT channel_id FROM landed`;

@Injectable()
export class InboundRepository {
  /** Keeps the bytes of deliveries. */
  async keep({ sql, by, at }: Tx, rows: Bytes[]) {
    await sql(
      `INSERT INTO raw_inbound (id, account_id, channel_id, received_at, method, url, headers, body, items)
       SELECT r.id, $1, r.channel_id, $2, r.method, r.url, r.headers, r.body, r.items
       FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::jsonb[], $8::bytea[], $9::int[]) r (id, channel_id, method, url, headers, body, items)`,
      [by.account, at, column(rows, 'id'), column(rows, 'channelId'), rows.map(({ raw }) => raw.method), rows.map(({ raw }) => raw.url),
        rows.map(({ raw }) => JSON.stringify(raw.headers)), rows.map(({ raw }) => raw.body), column(rows, 'items')],
    );
  }

  /** Deletes up to a thousand of each kind that are older; how many there were. */
  async forget({ sql, by, at }: Tx, days: number): Promise<number> {
    const [row] = await sql<{ gone: number }>(
      `WITH raw AS (DELETE FROM raw_inbound WHERE id IN (
         SELECT id FROM raw_inbound WHERE account_id = $1 AND received_at < $2::timestamptz - make_interval(days => $3) LIMIT 1000) RETURNING 1),
       parked AS (DELETE FROM parked_status WHERE (channel_id, provider_message_id, state) IN (
         SELECT channel_id, provider_message_id, state FROM parked_status WHERE account_id = $1 AND parked_at < $2::timestamptz - make_interval(days => $3) LIMIT 1000) RETURNING 1),
       amendments AS (DELETE FROM parked_amendment WHERE (channel_id, provider_message_id, n) IN (
         SELECT channel_id, provider_message_id, n FROM parked_amendment WHERE account_id = $1 AND parked_at < $2::timestamptz - make_interval(days => $3) LIMIT 1000) RETURNING 1)
       SELECT (SELECT count(*) FROM raw) + (SELECT count(*) FROM parked) + (SELECT count(*) FROM amendments) AS gone`,
      [by.account, at, days],
    );
    return row!.gone;
  }

  async recount({ sql, by }: Tx, rawId: string, items: number) {
    await sql('UPDATE raw_inbound SET items = $3 WHERE id = $1 AND account_id = $2', [rawId, by.account, items]);
  }

  /** Nobody else can number a message in these conversations until the transaction ends. */
  async lock({ sql, by }: Tx, conversations: Map<string, { channelId: string; partition: number }>) {
    const keys = [...conversations.keys()];
    const values = [...conversations.values()];
    const held = await sql(LOCK_OR_MAKE, [by.account, keys, column(values, 'channelId'), column(values, 'partition')]);
    if (held.length < keys.length) await sql(LOCK, [by.account, keys]);
  }

  /** The new ones among them, by id. */
  async number({ sql, by, at }: Tx, entries: Entry[]): Promise<Map<string, Numbered>> {
    const rows = await sql<Numbered>(NUMBER, [
      by.account, column(entries, 'id'), column(entries, 'channelId'), column(entries, 'providerMessageId'), column(entries, 'key'),
      column(entries, 'rawId'), column(entries, 'fingerprint'), column(entries, 'keyword'), at,
    ]);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Its new place in another conversation, which is locked; null: it stands there already. The old one remembers that a number is gone. */
  async move({ sql, by }: Tx, id: string, key: string): Promise<Numbered | null> {
    const rows = await sql<Numbered>(
      `WITH old AS (SELECT conv_key FROM inbound_message WHERE id = $2 AND account_id = $1 AND conv_key <> $3 FOR UPDATE),
       left_behind AS (UPDATE conversation SET moved = moved + 1 WHERE account_id = $1 AND conv_key = (SELECT conv_key FROM old)),
       next AS (UPDATE conversation SET seq = seq + 1 WHERE account_id = $1 AND conv_key = $3 AND EXISTS (SELECT FROM old) RETURNING seq, partition)
       UPDATE inbound_message m SET conv_key = $3, conv_seq = next.seq, outcome = NULL, reason = NULL FROM next WHERE m.id = $2
       RETURNING m.id, next.seq, next.partition`,
      [by.account, id, key],
    );
    return rows[0] ?? null;
  }

  /** The one that was first, for each of these duplicates, in their order. */
  async originals({ sql, by }: Tx, entries: Entry[]) {
    return sql<{ id: string; key: string; seq: number }>(
      `SELECT i.id, i.conv_key AS key, i.conv_seq AS seq
       FROM unnest($2::uuid[], $3::text[], $4::bytea[]) WITH ORDINALITY AS m (channel_id, provider_id, fingerprint, place)
       CROSS JOIN LATERAL (
         SELECT * FROM inbound_message i
         WHERE (i.channel_id = m.channel_id AND i.provider_message_id = m.provider_id) OR (i.account_id = $1 AND i.fingerprint = m.fingerprint)
         ORDER BY i.received_at LIMIT 1) i
       ORDER BY m.place`,
      [by.account, column(entries, 'channelId'), column(entries, 'providerMessageId'), column(entries, 'fingerprint')],
    );
  }

  /** For the books. */
  async record({ sql, by, at }: Tx, items: Item[]) {
    await sql(
      `INSERT INTO inbound_item (id, account_id, channel_id, raw_id, received_at, outcome, inbound_id, reason)
       SELECT i.id, $1, i.channel_id, i.raw_id, $2, i.outcome, i.inbound_id, i.reason
       FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::text[]) i (id, channel_id, raw_id, outcome, inbound_id, reason)`,
      [by.account, at, column(items, 'id'), column(items, 'channelId'), column(items, 'rawId'), column(items, 'outcome'), column(items, 'inboundId'), column(items, 'reason')],
    );
  }

  /**
   * What became of accepted messages. A later word wins: what was quarantined may be retried into a thread. Those that nobody will see in a thread stand in
   * quarantine until then. Answers the channels of messages that are in quarantine now.
   */
  async decide({ sql, by }: Tx, decided: { id: string; outcome: string; reason: string | null; profileId: string | null }[]): Promise<string[]> {
    const rows = await sql<{ channel: string }>(DECIDE, [by.account, column(decided, 'id'), column(decided, 'outcome'), column(decided, 'reason'), column(decided, 'profileId')]);
    return rows.map(({ channel }) => channel);
  }

  /** What somebody last said by keyword in this conversation, and what tickets knows of the profile behind it. */
  async consentIn({ sql, by }: Tx, key: string) {
    const rows = await sql<{ keyword: string | null; revoked: boolean }>(
      `SELECT (SELECT keyword FROM inbound_message WHERE account_id = $1 AND conv_key = $2 AND keyword IN ('stop', 'start', 'join') ORDER BY conv_seq DESC LIMIT 1) AS keyword,
         coalesce((SELECT bool_or(c.state = 'revoked') AND NOT bool_or(c.state = 'granted') FROM person_consent c
           WHERE c.account_id = $1 AND c.kind IN ('sms_marketing', 'sms_transactional') AND c.profile_id = (
             SELECT profile_id FROM inbound_message WHERE account_id = $1 AND conv_key = $2 AND profile_id IS NOT NULL ORDER BY conv_seq DESC LIMIT 1)), false) AS revoked`,
      [by.account, key],
    );
    return rows[0]!;
  }

  async known({ sql, by }: Tx, channelId: string, ids: string[]): Promise<Set<string>> {
    const rows = await sql<{ id: string }>('SELECT provider_message_id AS id FROM inbound_message WHERE account_id = $1 AND channel_id = $2 AND provider_message_id = ANY ($3)', [by.account, channelId, ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** What this person had said by keyword before, and whether they are blocked. */
  async saidBefore({ sql, by }: Tx, key: string, seq: number) {
    const rows = await sql<{ keyword: Keyword | null; blocked: boolean }>(
      `SELECT (SELECT keyword FROM inbound_message WHERE account_id = $1 AND conv_key = $2 AND conv_seq < $3 AND keyword IN ('stop', 'start', 'join') ORDER BY conv_seq DESC LIMIT 1) AS keyword,
         EXISTS (SELECT FROM blocked_person b WHERE b.account_id = $1 AND b.profile_id = (
           SELECT profile_id FROM inbound_message WHERE account_id = $1 AND conv_key = $2 AND profile_id IS NOT NULL ORDER BY conv_seq DESC LIMIT 1)) AS blocked`,
      [by.account, key, seq],
    );
    return rows[0]!;
  }
}

const column = <T, K extends keyof T>(rows: T[], name: K): T[K][] => rows.map((row) => row[name]);
