import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Client } from 'undici';
import { openBrand, type Brand } from '../faults/brands.js';
import type { System } from '../launcher/system.js';
import { percentiles, type Latencies } from './inbound.js';

const SIZES = [1_000, 100_000] as const;
const REQUESTS = 300;
const WARM_UP = 50;

/** (d) The first page of the inbox over HTTP, in an account with few and in one with many tickets, asked in turn. */
export async function measureInbox(system: System): Promise<{ sizes: (Latencies & { tickets: number })[]; ratio: number }> {
  const url = system.gatewayUrls[0] ?? '';
  const brands = [await openBrand('small', '+15005550008', [url]), await openBrand('large', '+15005550009', [url])];
  for (const [nth, brand] of brands.entries()) await fill(system, brand, SIZES[nth]!);
  const client = new Client(url);
  const took: number[][] = [[], []];
  for (let round = 0; round < REQUESTS + WARM_UP; round++) {
    for (const [nth, brand] of brands.entries()) {
      const ms = await page(client, brand);
      if (round >= WARM_UP) took[nth]!.push(ms);
    }
  }
  await client.close();
  const sizes = took.map((values, nth) => ({ tickets: SIZES[nth]!, ...percentiles(values) }));
  return { sizes, ratio: sizes[1]!.p50 / sizes[0]!.p50 };
}

async function page(client: Client, brand: Brand): Promise<number> {
  const authorization = `Bearer ${await brand.token()}`;
  const from = performance.now();
  const { statusCode, body } = await client.request({ method: 'GET', path: '/v1/tickets', headers: { authorization } });
  const { items } = (await body.json()) as { items: unknown[] };
  if (statusCode !== 200 || items.length !== 25) throw new Error(`the inbox answered ${statusCode} with ${items.length} tickets`);
  return performance.now() - from;
}

/** Straight into the database, as an administrator; the account's channel must be known to tickets first. */
async function fill({ databases }: System, { account, sms }: Brand, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databases.admin.tickets });
  await client.connect();
  try {
    while (!(await client.query('SELECT 1 FROM channel WHERE id = $1', [sms.id])).rowCount) await pause(50);
    await client.query(
      `WITH p AS (INSERT INTO profile (id, account_id, name, created_at) SELECT gen_random_uuid(), $1, 'Customer ' || n, now() FROM generate_series(1, $3::int) n RETURNING id),
         c AS (SELECT id, row_number() OVER () n FROM p)
       INSERT INTO ticket (id, account_id, number, partition, channel_type, channel_id, profile_id, customer, status, unread, preview, last_seq, last_message_at, last_inbound_seq, last_inbound_at, open_since, created_at, waiting_since)
       SELECT gen_random_uuid(), $1, n, n % 16, 'sms', $2, id, '{"type": "phone", "value": "+12065550000", "verified": true}', CASE WHEN n % 3 = 0 THEN 'closed' ELSE 'open' END, n % 2 = 0, 'Where is my parcel?', 1,
         now() - make_interval(secs => n), 1, now() - make_interval(secs => n), now() - make_interval(secs => n), now() - make_interval(secs => n), now() FROM c`,
      [account, sms.id, count],
    );
    await client.query('VACUUM ANALYZE ticket, profile');
  } finally {
    await client.end();
  }
}
