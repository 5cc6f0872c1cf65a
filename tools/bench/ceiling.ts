import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../launcher/migrate.js';
import type { System } from '../launcher/system.js';
import { findPgbench, runClients, runPgbench, type Ceiling } from './pgbench.js';

const DATABASE = 'parley_ceiling';
const CONVERSATIONS = 200;
const CLIENTS = 8;

/** As long as the envelope of a text message in the log. */
const ENVELOPE = JSON.stringify({ type: 'message.received', data: { padding: 'x'.repeat(1500) } });
const TEXT = 'Where is my parcel? It was to come on Monday.';

/** $1: which conversation. The least that a message costs: its ticket, itself, one fact in the log, durable. */
const STATEMENTS = {
  ticket: `UPDATE ticket SET last_seq = last_seq + 1, last_inbound_seq = last_seq + 1, last_inbound_at = now(), last_message_at = now(), unread = true, preview = '${TEXT}', version = version + 1 WHERE number = $1 AND account_id = (SELECT id FROM account)`,
  message: `INSERT INTO message (id, account_id, ticket_id, seq, direction, author_type, text, occurred_at, received_at, source_event_id)
    SELECT gen_random_uuid(), account_id, id, last_seq, 'inbound', 'customer', '${TEXT}', now(), now(), gen_random_uuid() FROM ticket WHERE number = $1 AND account_id = (SELECT id FROM account)`,
  log: `WITH h AS (UPDATE log_head SET seq = seq + 1 WHERE partition = $1 % 16 RETURNING partition, seq)
    INSERT INTO log (partition, seq, event_id, account_id, key, type, envelope) SELECT h.partition, h.seq, gen_random_uuid(), a.id, 'key', 'message.received', '${ENVELOPE}' FROM h, account a`,
};

/** (a) What this Postgres can do at best: one message + ticket + log transaction, 8 clients, synchronous commit on, in the real tables of an empty database. */
export async function measureCeiling({ servers }: System, { appsDir, folder, seconds, say }: { appsDir: string; folder: string; seconds: number; say: (line: string) => void }): Promise<Ceiling> {
  const url = servers.postgres.urlOf(DATABASE);
  await once(servers.postgres.url, `DROP DATABASE IF EXISTS ${DATABASE}`, `CREATE DATABASE ${DATABASE}`);
  await migrate(join(appsDir, 'tickets', 'dist', 'main.js'), { ...process.env, ...serviceEnv(url) });
  await once(url, ...FILL, 'VACUUM ANALYZE');
  const program = await findPgbench(say);
  try {
    if (program) return await runPgbench(program, url, scriptOf(), { file: join(folder, 'ceiling.sql'), clients: CLIENTS, seconds });
    const values = (random: (from: number, to: number) => number) => [random(1, CONVERSATIONS)];
    return await runClients(url, Object.values(STATEMENTS).map((text) => ({ text, values })), { clients: CLIENTS, seconds });
  } finally {
    await once(servers.postgres.url, `DROP DATABASE ${DATABASE} WITH (FORCE)`);
  }
}

const FILL = [
  `INSERT INTO account (id, name, timezone, locale, version) VALUES (gen_random_uuid(), 'Ceiling', 'UTC', 'en', 1)`,
  `INSERT INTO profile (id, account_id, created_at) SELECT gen_random_uuid(), a.id, now() FROM account a, generate_series(1, ${CONVERSATIONS})`,
  `INSERT INTO ticket (id, account_id, number, partition, channel_type, channel_id, profile_id, customer, open_since, last_message_at, last_inbound_at, created_at)
   SELECT gen_random_uuid(), p.account_id, row_number() OVER (), 0, 'sms', p.id, p.id, '{}', now(), now(), now(), now() FROM profile p`,
];

/** Each client meets each conversation; the random number becomes the parameter of every statement. */
function scriptOf(): string {
  const lines = Object.values(STATEMENTS).map((text) => `${text.replaceAll('$1', ':n').replace(/\s+/g, ' ')};`);
  return ['\\set n random(1, 200)', 'BEGIN;', ...lines, 'COMMIT;', ''].join('\n');
}

/** Migrations need nothing but the database; the other variables only have to be there. */
const serviceEnv = (url: string) => ({
  DATABASE_URL: url, PARLEY_ACTOR_PUBLIC_KEY: 'none', PARLEY_SECRET_KEY: Buffer.alloc(32).toString('base64'), PARLEY_LOG_LEVEL: 'warn',
});

async function once(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
