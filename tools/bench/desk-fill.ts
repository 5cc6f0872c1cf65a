import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Brand } from '../faults/brands.js';
import type { System } from '../launcher/system.js';

const PER_TICKET = 5;
const SYLLABLES = ['ba', 'ce', 'di', 'fo', 'gu', 'ka', 'le', 'mi', 'no', 'pu', 'ra', 'se', 'ti', 'vo', 'zu'];
/** 3,000 words, the most common first. */
export const WORDS = Array.from({ length: 3000 }, (_, nth) => [225, 15, 1].map((place) => SYLLABLES[Math.floor(nth / place) % 15]).join('') + (nth % 2 ? 'k' : 'x'));
/** Ids in order, as ours are, that nobody else has: by what it is of, and its number. */
type Ids = (kind: number, n: string) => string;
const idsOf = (account: string): Ids => (kind, n) => `('${account.slice(24, 32)}-${account.slice(32)}-700${kind}-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/**
 * Straight into the database, as an administrator, past triggers: tickets with five messages each, and what search keeps of them.
 * The account's channels must be known to tickets first. Resolves to the milliseconds it took.
 */
export async function fillDesk({ databases }: System, { account, sms, mail }: Brand, count: number): Promise<number> {
  const client = new pg.Client({ connectionString: databases.admin.tickets });
  await client.connect();
  const from = performance.now();
  const id = idsOf(account);
  const run = (text: string, values: unknown[] = []) => client.query(text, values);
  try {
    while ((await run('SELECT FROM channel WHERE id IN ($1, $2)', [sms.id, mail.id])).rowCount !== 2) await pause(50);
    await run(`SET session_replication_role = replica`);
    await run(`SET synchronous_commit = off`);
    await run(`SET maintenance_work_mem = '1GB'`);
    // Texts of twelve words, few of which are common: the nth word stands about as often as 1 / n^(2/3).
    await run('CREATE TEMP TABLE phrase (k int PRIMARY KEY, text text, words tsvector)');
    await run(
      `INSERT INTO phrase SELECT n, t, to_tsvector('parley_english', t) FROM (
         SELECT n, (SELECT string_agg(($1::text[])[1 + floor(3000 * random() ^ 3)::int], ' ') FROM generate_series(1, 12) g WHERE n > 0) AS t FROM generate_series(1, 20000) n) p`,
      [WORDS],
    );
    await run('ANALYZE phrase');
    await run(`INSERT INTO profile (id, account_id, name, created_at) SELECT ${id(1, 'n')}, $1, 'Customer ' || n, now() FROM generate_series(1, $2::int) n`, [account, count]);
    await run(
      `INSERT INTO ticket (id, account_id, number, partition, channel_type, channel_id, profile_id, email_thread_key, customer, subject, language, status, unread, tags, preview, last_seq, last_inbound_seq,
         last_message_at, last_inbound_at, open_since, created_at, waiting_since)
       SELECT ${id(2, 'n')}, $1, n, n % 16, CASE n % 2 WHEN 0 THEN 'sms' ELSE 'email' END, CASE n % 2 WHEN 0 THEN $2::uuid ELSE $3::uuid END, ${id(1, 'n')}, CASE n % 2 WHEN 1 THEN ${id(3, 'n')} END,
         '{"type": "email", "value": "customer@example.com", "verified": true}', NULL, 'en', CASE WHEN n % 3 = 0 THEN 'closed' ELSE 'open' END, n % 7 = 0,
         CASE WHEN hashint8(n) % 20 = 0 THEN '{vip}'::text[] ELSE '{}' END, 'Where is my parcel?', ${PER_TICKET}, ${PER_TICKET}, at, at, at, at, CASE WHEN n % 3 > 0 THEN at END
       FROM generate_series(1, $4::bigint) n CROSS JOIN LATERAL (SELECT now() - make_interval(secs => ($4 - n) * 10) AS at) a`,
      [account, sms.id, mail.id, count],
    );
    await run('INSERT INTO ticket_counter (account_id, number) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET number = excluded.number', [account, count]);
    await fillMessages(run, id, account, count * PER_TICKET);
    await run(`INSERT INTO search_language (account_id, stemmer, n) SELECT $1, stemmer, last_value FROM search_number, unnest('{english,simple}'::text[]) stemmer ON CONFLICT (account_id, stemmer) DO UPDATE SET n = excluded.n`, [account]);
    await run('DROP TABLE phrase');
    for (const table of ['ticket', 'profile', 'message', 'search_document']) await run(`VACUUM ANALYZE ${table}`);
    await run('CHECKPOINT');
  } finally {
    await client.end();
  }
  return performance.now() - from;
}

async function fillMessages(run: (text: string, values?: unknown[]) => Promise<unknown>, id: Ids, account: string, count: number): Promise<void> {
  await run(
    `INSERT INTO message (id, account_id, ticket_id, seq, direction, author_type, text, occurred_at, received_at)
     SELECT ${id(4, 'n')}, $1, ${id(2, `((n - 1) / ${PER_TICKET} + 1)`)}, (n - 1) % ${PER_TICKET} + 1, 'inbound', 'customer', p.text || ' ref' || n, at, at
     FROM generate_series(1, $2::bigint) n JOIN phrase p ON p.k = (n * 7919) % 20000 + 1 CROSS JOIN LATERAL (SELECT now() - make_interval(secs => ($2 - n) * 2) AS at) a`,
    [account, count],
  );
  // Built at once where there is much: adding to it one by one takes several times as long.
  if (count > 100_000) await run('DROP INDEX search_document_words');
  await run(
    `INSERT INTO search_document (account_id, kind, subject_id, n, words)
     SELECT $1::uuid, 'message', ${id(4, 'n')}, b.base + n, p.words || to_tsvector('parley_simple', 'ref' || n)
       || array_to_tsvector(ARRAY['@' || $1::uuid, '@in english', '@12 ' || ((b.base + n) >> 12), '@15 ' || ((b.base + n) >> 15), '@18 ' || ((b.base + n) >> 18), '@21 ' || ((b.base + n) >> 21), '@24 ' || ((b.base + n) >> 24)])
     FROM (SELECT last_value AS base FROM search_number) b CROSS JOIN generate_series(1, $2::bigint) n JOIN phrase p ON p.k = (n * 7919) % 20000 + 1 ORDER BY n`,
    [account, count],
  );
  await run(`SELECT setval('search_number', last_value + $1) FROM search_number`, [count]);
  if (count > 100_000) await run('CREATE INDEX search_document_words ON search_document USING gin (words) WITH (gin_pending_list_limit = 1024)');
}
