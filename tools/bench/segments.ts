import { profiles } from '@parley/contracts/profiles';
import { segments, type Condition, type Segment } from '@parley/contracts/segments';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { openBrand, type Brand } from '../faults/brands.js';
import type { System } from '../launcher/system.js';
import { percentiles, type Latencies } from './inbound.js';

const PAGES = 200;
const CHANGES = 20;
const LOOK_MS = 20;

/** Each is asked of every customer: about a tenth, a third, and an eighth of them. */
const CONDITIONS: Record<string, Condition> = {
  'a property': { all: [{ of: 'property', name: 'tier', is: 'equals', value: 'gold' }] },
  'orders of 30 days': { all: [{ of: 'orders', measure: 'count', atLeast: 1, withinDays: 30 }] },
  'a property, a consent and orders': { all: [{ of: 'consent', kind: 'sms_marketing', state: 'granted' }, { any: [{ of: 'property', name: 'visits', is: 'greater', value: 7 }, { of: 'orders', measure: 'total', currency: 'EUR', atLeast: 150 }] }] },
};

/** PRO-8: how long a new segment of all customers takes, its pages, and a changed customer until they are in. Milliseconds, but for `computedSeconds`. */
export interface SegmentFigures {
  profiles: number;
  events: number;
  rows: { condition: string; members: number; computedSeconds: number; page: Latencies }[];
  changed: Latencies;
}

/** (g) Segments in an account of so many customers with three events each. */
export async function measureSegments(system: System, { count, say }: { count: number; say: (line: string) => void }): Promise<SegmentFigures> {
  const brand = await openBrand('segments', '+15005550060', [system.gatewayUrls[0] ?? '']);
  const took = await fill(system, brand, count);
  say(`  ${count} customers, ${count * 3} events: loaded in ${Math.round(took / 1000)} s`);
  const rows: SegmentFigures['rows'] = [];
  let property: Segment | undefined;
  for (const [condition, asked] of Object.entries(CONDITIONS)) {
    const from = performance.now();
    const { id } = await brand.ask(0)(segments.create, { name: condition, condition: asked });
    const segment = await computed(brand, id);
    const computedSeconds = Math.round((performance.now() - from) / 100) / 10;
    property ??= segment;
    rows.push({ condition, members: segment.members, computedSeconds, page: percentiles(await repeated(PAGES, () => brand.ask(0)(segments.members, { id }))) });
  }
  const changed = await repeated(CHANGES, (nth) => joins(brand, property!.id, nth));
  return { profiles: count, events: count * 3, rows, changed: percentiles(changed) };
}

async function repeated(times: number, work: (nth: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let nth = 0; nth < times; nth++) {
    const from = performance.now();
    await work(nth);
    took.push(performance.now() - from);
  }
  return took;
}

async function computed({ ask }: Brand, id: string): Promise<Segment> {
  for (;;) {
    const segment = await ask(0)(segments.get, { id });
    if (segment.computedAt) return segment;
    await pause(LOOK_MS);
  }
}

/** A new customer with the property, until the segment counts them. */
async function joins({ ask }: Brand, id: string, nth: number): Promise<void> {
  const { members } = await ask(0)(segments.get, { id });
  await ask(0)(profiles.upsert, { externalId: `joins-${nth}`, properties: { tier: 'gold' } });
  while ((await ask(0)(segments.get, { id })).members === members) await pause(LOOK_MS);
}

/** Straight into the database, as an administrator, past triggers. */
async function fill({ databases }: System, { account }: Brand, count: number): Promise<number> {
  const client = new pg.Client({ connectionString: databases.admin.tickets });
  await client.connect();
  const from = performance.now();
  const id = (kind: number, n: string) => `('${account.slice(24, 32)}-${account.slice(32)}-701${kind}-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  try {
    await client.query('SET session_replication_role = replica');
    await client.query('SET synchronous_commit = off');
    await client.query(
      `INSERT INTO profile (id, account_id, name, properties, consents, created_at)
       SELECT ${id(1, 'n')}, $1, 'Customer ' || n, jsonb_build_object('tier', CASE WHEN n % 10 = 0 THEN 'gold' ELSE 'none' END, 'visits', n % 10),
         CASE n % 3 WHEN 0 THEN '{"sms_marketing": "granted"}'::jsonb ELSE '{}' END, now() - make_interval(mins => n::int) FROM generate_series(1, $2::bigint) n`,
      [account, count],
    );
    await client.query(
      `INSERT INTO customer_event (id, account_id, profile_id, metric, at, properties, recorded_at)
       SELECT ${id(2, 'n')}, $1, ${id(1, '((n - 1) / 3 + 1)')}, CASE n % 3 WHEN 0 THEN 'Placed Order' ELSE 'Viewed Product' END, at, jsonb_build_object('value', n % 200, 'currency', 'EUR'), at
       FROM generate_series(1, $2::bigint) n CROSS JOIN LATERAL (SELECT now() - make_interval(hours => (n % 2160)::int) AS at) a`,
      [account, count * 3],
    );
    for (const table of ['profile', 'customer_event']) await client.query(`VACUUM ANALYZE ${table}`);
  } finally {
    await client.end();
  }
  return performance.now() - from;
}
