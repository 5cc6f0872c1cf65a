import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientNats } from '@nestjs/microservices';
import { serviceClock } from '@parley/contracts/clock';
import { SCOPES, type Actor, type Ask, type Output, type Request } from '@parley/contracts/contract';
import type { Envelope, Event, Service } from '@parley/contracts/events';
import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import { Broker } from '../broker.js';
import { readEnv } from '../config.js';
import { dataSourceOf } from '../database.js';
import { newId } from '../ids.js';
import { LogServer } from '../log-server.js';
import { pushesOf } from '../log.js';
import { logger } from '../logging.js';
import type { Patience } from '../patience.js';
import type { ServiceApp } from '../service.js';
import { startService, type Running } from '../starting.js';
import { Services } from '../services.js';
import { announce, setOutlet, within, type Tx } from '../tx.js';
import { ActorSigner, privateKeyOf } from '../wire.js';
import { testDatabase } from './database.js';

/** A service under test, running for real: own database, own subjects, real broker; the services it hears are logs of ours. */
export type Rig = {
  app: Running['app']; db: DataSource; running: Running; url: string; broker: Broker; env: Record<string, string>;
  /** A fresh account, and somebody in it who may do everything. */
  account: string; by: Actor;
  actor(overrides: Partial<Actor>): Actor;
  /** Asks as the gateway does. */
  ask<R extends Request>(contract: R, input: Ask<R>, by?: Actor): Promise<Output<R>>;
  /** Lets another service state a fact. */
  say<E extends Event>(event: E, fact: { key: string; data: z.input<E['data']>; ticket?: string | null; account?: string; actor?: Pick<Actor, 'type' | 'id'> }): Promise<Envelope>;
  /** Until everything that was said has taken effect. */
  heard(): Promise<void>;
  /** What the service has announced for the account, optionally of one type: each partition in its order, partitions by time. */
  facts(type?: string): Promise<Envelope[]>;
  /** Moves the account’s clock and rings what falls due. */
  advance(seconds: number): Promise<void>;
  /** A transaction of the account in the service’s own database. */
  tx<T>(work: (tx: Tx) => Promise<T>, by?: Actor): Promise<T>;
  /** Waits for a condition; fails loudly after a minute. */
  until<T>(condition: () => Promise<T | undefined | null | false> | T | undefined | null | false, what: string): Promise<T>;
  close(): Promise<void>;
};

/** Waits for a condition, never for time. @throws after the deadline, saying what did not come. */
export async function until<T>(condition: () => Promise<T | undefined | null | false> | T | undefined | null | false, what: string, deadlineMs = 60_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const keys = generateKeyPairSync('ed25519');
export const TEST_KEYS = {
  PARLEY_ACTOR_PUBLIC_KEY: keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  PARLEY_ACTOR_PRIVATE_KEY: keys.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  PARLEY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
};

/** No test tells how fast it is: what a loaded machine needs is waited for. */
const PATIENT: Patience = { read: 60_000, write: 60_000, connection: 60_000, lock: 60_000, statement: 60_000, answer: 90_000, idle: 60_000 };

/** Starts the service. `env` adds or replaces variables; `replicaOf` joins the database and subjects of another rig. */
export async function rig(definition: ServiceApp, options: { env?: Record<string, string>; replicaOf?: Rig } = {}): Promise<Rig> {
  logger.level = process.env['PARLEY_LOG_LEVEL'] ?? 'silent';
  const database = options.replicaOf ? null : await testDatabase(definition.migrations);
  const files = mkdtempSync(join(tmpdir(), 'parley-files-'));
  const env: Record<string, string> = {
    ...TEST_KEYS, PORT: '0', PARLEY_FILES_DIR: files, PARLEY_SMTP_PORT: '0', PARLEY_PREFIX: `t${newId().replaceAll('-', '').slice(-16)}`,
    NATS_URL: process.env['NATS_URL'] ?? '', REDIS_URL: process.env['REDIS_URL'] ?? '', ...options.replicaOf?.env, ...options.env,
  };
  if (database) env['DATABASE_URL'] = database.url;
  const parsed = readEnv(definition.env, Object.fromEntries(Object.keys(definition.env).map((name) => [name, env[name]])));
  const broker = new Broker(env['NATS_URL']!, env['PARLEY_PREFIX']!, 'rig');
  await broker.start();
  const sources = new Map<Service, { db: DataSource; drop(): Promise<void> }>();
  const running = await startService(definition, parsed as never, PATIENT);
  if (!options.replicaOf) for (const { source } of running.hearings) sources.set(source, await fakeSource(source, broker));
  const client = new ClientNats({ servers: env['NATS_URL']! });
  const services = new Services(client, new ActorSigner(privateKeyOf(TEST_KEYS.PARLEY_ACTOR_PRIVATE_KEY)), env['PARLEY_PREFIX']!, broker, PATIENT);
  const account = options.replicaOf?.account ?? newId();
  const by: Actor = { account, type: 'agent', id: newId(), scopes: [...SCOPES, 'person', 'internal', 'visitor'] };
  await until(() => running.broker.connected, 'the service to reach the broker');
  await until(async () => (await Promise.all(running.hearings.map((hearing) => hearing.poll()))).every(Boolean), 'the service to reach its sources');

  const self: Rig = {
    app: running.app, db: running.db, running, url: `http://127.0.0.1:${running.port}`, broker, env, account, by,
    actor: (overrides) => ({ ...by, ...overrides }),
    ask: (contract, input, as = by) => services.ask(contract, input, as),
    async say(event, { key, data, ticket, account: of = account, actor = { type: 'system', id: null } }) {
      const source = (options.replicaOf ? (options.replicaOf as Rig & { sources: typeof sources }).sources : sources).get(event.service);
      if (!source) throw new Error(`${definition.name} does not hear ${event.service}`);
      return within(source.db, { account: of, scopes: [], ...actor }, async (tx) => announce(tx, event, { key, data, ticket: ticket ?? null }));
    },
    heard: async () => {
      await until(async () => (await Promise.all(running.hearings.map((hearing) => hearing.poll()))).every(Boolean) && running.hearings.every((hearing) => hearing.lag().every((lag) => lag === 0)), 'everything to be heard');
    },
    async facts(type) {
      // A transaction that began earlier may commit later: within a partition only the numbers tell the order.
      const rows = (await running.db.query('SELECT envelope FROM log WHERE account_id = $1 AND ($2::text IS NULL OR type = $2) ORDER BY max(at) OVER (PARTITION BY partition ORDER BY seq), partition, seq', [account, type ?? null])) as { envelope: Envelope }[];
      return rows.map((row) => row.envelope);
    },
    async advance(seconds) {
      const [row] = (await running.db.query('SELECT extract(epoch FROM shift)::float8 shift FROM account_clock WHERE account_id = $1', [account])) as { shift: number }[];
      await running.alarm.shift(by, (row?.shift ?? 0) + seconds);
    },
    tx: (work, as = by) => within(running.db, as, work),
    until,
    async close() {
      await running.stop();
      await client.close();
      for (const source of sources.values()) await source.db.destroy();
      await broker.close();
      for (const source of sources.values()) await source.drop();
      await database?.drop();
      rmSync(files, { recursive: true, force: true });
    },
  };
  if (definition.name !== 'access') await until(() => services.ask(serviceClock(definition.name).next, {}, by).then(() => true, () => false), 'the service to answer');
  return Object.assign(self, { sources });
}

/** A log of another service that only tests write. */
async function fakeSource(source: Service, broker: Broker) {
  const { url, drop } = await testDatabase([]);
  const db = await dataSourceOf(url, [], [], 4, PATIENT).initialize();
  setOutlet(db, { service: source, push: (rows) => { for (const { partition, body } of pushesOf(rows)) broker.publish(`evt.${source}.${partition}`, body); } });
  new LogServer(db, broker, source).start();
  return { db, drop };
}
