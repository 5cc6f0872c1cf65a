import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, NestFactory } from '@nestjs/core';
import { ClientNats } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Service } from '@parley/contracts/events';
import type { FastifyInstance } from 'fastify';
import { Alarm } from './alarm.js';
import { Broker } from './broker.js';
import { ConfigError } from './config.js';
import { dataSourceOf } from './database.js';
import { serveHealth } from './health.js';
import { Hearing } from './hearing.js';
import { Listeners } from './hears.js';
import { dropOldCommands, dropOldFacts, LogServer } from './log-server.js';
import { pushesOf } from './log.js';
import { errorFields, logger, NestLogs } from './logging.js';
import { PATIENCE } from './patience.js';
import { PrefixedNats, rootModule, type KitEnv, type KitParts } from './root-module.js';
import type { Sabotage } from './sabotage.js';
import type { ServiceApp } from './service.js';
import { Services } from './services.js';
import { analyzeGrown, STATISTICS_MS } from './statistics.js';
import { setOutlet } from './tx.js';
import { ActorSigner, privateKeyOf } from './wire.js';

/** A running service, for `run` and for tests. */
export type Running = KitParts & { app: NestFastifyApplication; hearings: Hearing[]; port: number; stop(): Promise<void> };

const MEBIBYTE = 1024 * 1024;
const HOUSEKEEPING_MS = 60_000;
const natsOptions = (env: KitEnv, name: string) => (
  { servers: env.NATS_URL, name, maxReconnectAttempts: -1, reconnectTimeWait: 200, pingInterval: 2000, maxPingOut: 2 });

/** Starts a service with this environment and listens. Waits for Postgres, but neither for NATS nor for Redis. */
export async function startService(definition: ServiceApp, env: KitEnv, patience = PATIENCE): Promise<Running> {
  const { name } = definition;
  const answers = name !== 'access';
  if (answers && !env.PARLEY_ACTOR_PUBLIC_KEY) throw new ConfigError('PARLEY_ACTOR_PUBLIC_KEY: needed to know the gateway by');
  const client = new ClientNats(natsOptions(env, name));
  const kit = await kitOf(definition, env, client, patience);
  const { db, broker, alarm } = kit;
  if (env.PARLEY_SABOTAGE) logger.warn({ sabotage: env.PARLEY_SABOTAGE }, 'this service breaks a promise on purpose');
  const hearings: Hearing[] = [];
  const state = { draining: false };

  const http = new FastifyAdapter({ bodyLimit: definition.bodyLimit ?? MEBIBYTE, logger: false, ...(definition.unreadable && { frameworkErrors: definition.unreadable }) });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule(definition, kit, env, hearings), http, { logger: new NestLogs(), abortOnError: false });
  if (answers) app.connectMicroservice({ strategy: new PrefixedNats({ ...natsOptions(env, name), queue: name, gracefulShutdown: true, gracePeriod: 200 }, env.PARLEY_PREFIX) }, { inheritAppConfig: false });
  const fastify = http.getInstance() as unknown as FastifyInstance;
  serveHealth(fastify, { db, broker, hearings, alarm, draining: () => state.draining, handles: answers });
  await definition.http?.(fastify, app);
  await app.init();
  hearings.push(...hearingsOf(name, app, kit, env));
  setOutlet(db, outletOf(name, broker, env));
  new LogServer(db, broker, name).start();
  await app.listen(env.PORT, env.HOST);

  const reached = broker.start().then(() => (answers && broker.connected ? app.startAllMicroservices() : undefined)).catch((error) => logger.error(errorFields(error), 'no broker'));
  for (const hearing of hearings) await patiently(() => hearing.start());
  alarm.start();
  const statistics = setInterval(() => void analyzeGrown(db).catch(() => undefined), STATISTICS_MS);
  const housekeeping = setInterval(() => void Promise.all([dropOldFacts(db), dropOldCommands(db)]).catch(() => undefined), HOUSEKEEPING_MS);

  return {
    ...kit, app, hearings, port: (fastify.server.address() as { port: number }).port,
    async stop() {
      state.draining = true;
      clearInterval(statistics);
      clearInterval(housekeeping);
      for (const hearing of hearings) await hearing.stop();
      await alarm.stop();
      // Still waiting for the broker: give up. Otherwise it goes last, as others take their leave through it.
      if (!broker.connected) await broker.close();
      await reached;
      await app.close();
      await client.close();
      await broker.close();
      await db.destroy();
    },
  };
}

async function kitOf({ name, entities, migrations }: ServiceApp, env: KitEnv, client: ClientNats, patience: typeof PATIENCE): Promise<KitParts> {
  const db = dataSourceOf(env.DATABASE_URL, entities, migrations, undefined, patience);
  await patiently(() => db.initialize());
  const broker = new Broker(env.NATS_URL, env.PARLEY_PREFIX, name);
  const signer = env.PARLEY_ACTOR_PRIVATE_KEY ? new ActorSigner(privateKeyOf(env.PARLEY_ACTOR_PRIVATE_KEY)) : null;
  return {
    db, broker, services: new Services(client, signer, env.PARLEY_PREFIX, broker, patience),
    alarm: new Alarm(db, env.REDIS_URL, `${env.PARLEY_PREFIX}-timers-${name}`, env.PARLEY_SABOTAGE),
  };
}

/** Finds every `@Hears` and `@Rings` of the service’s providers; one hearing per source that somebody listens to. */
function hearingsOf(name: Service, app: INestApplication, { db, broker, alarm }: KitParts, env: KitEnv): Hearing[] {
  const listeners = new Listeners();
  for (const instance of providersOf(app)) {
    listeners.add(instance);
    alarm.add(instance);
  }
  return [...listeners.sources].map((source) => new Hearing(db, broker, name, source, listeners, env.PARLEY_SABOTAGE));
}

const outletOf = (service: Service, broker: Broker, env: KitEnv) => ({
  service,
  sabotage: env.PARLEY_SABOTAGE as Sabotage,
  push(rows: Parameters<typeof pushesOf>[0]) {
    for (const { partition, body } of pushesOf(rows)) broker.publish(`evt.${service}.${partition}`, body);
  },
});

function providersOf(app: INestApplication): object[] {
  const discovery = app.get(DiscoveryService, { strict: false });
  const instances = [...discovery.getProviders(), ...discovery.getControllers()].map((wrapper) => wrapper.instance as unknown);
  return instances.filter((instance): instance is object => typeof instance === 'object' && instance !== null && instance.constructor !== Object);
}

/** Postgres may come up after us, or go away while we start: tries for a minute. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 60) throw error;
      logger.warn(errorFields(error), 'waiting for Postgres');
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
