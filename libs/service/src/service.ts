import 'reflect-metadata';
import { Global, Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, NestFactory } from '@nestjs/core';
import { ClientNats, ServerNats, type NatsOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Service } from '@parley/contracts/events';
import type { FastifyInstance } from 'fastify';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { Alarm } from './alarm.js';
import { Broker } from './broker.js';
import { clockOf } from './clock.js';
import { ConfigError, readEnv, SERVICE_ENV } from './config.js';
import { dataSourceOf, migrate, type MigrationClass } from './database.js';
import { serveHealth } from './health.js';
import { Hearing, type Sabotage } from './hearing.js';
import { Listeners } from './hears.js';
import { dropOldFacts, LogServer } from './log-server.js';
import { pushesOf } from './log.js';
import { errorFields, logger, NestLogs } from './logging.js';
import { Services } from './services.js';
import { setOutlet } from './tx.js';
import { ActorSigner, ActorVerifier, privateKeyOf, publicKeyOf } from './wire.js';

/** The parsed environment of the service: `@Inject(ENV) env`. */
export const ENV = Symbol('env');

/** What a service is made of. `apps/x/src/x.app.ts` exports one; `main.ts` is `await run(it)`. */
export type ServiceApp = {
  /** Its name on the wire. The gateway’s is `access`. */
  name: Service;
  /** Its own providers and controllers; the kit stands around it. */
  module: Type;
  /** Its variables: `{ ...SERVICE_ENV, more }`. */
  env: z.ZodRawShape;
  entities: (new () => object)[];
  /** Its own; those of the kit come before them. */
  migrations: MigrationClass[];
  /** Routes below Nest’s, such as raw webhooks; called before listening. */
  http?: (fastify: FastifyInstance, app: INestApplication) => void | Promise<void>;
  /** Largest JSON body in bytes; 1 MiB unless told. */
  bodyLimit?: number;
  /** More ports that were opened, for the line that says `ready`. */
  ports?: (app: INestApplication) => Record<string, number>;
};

type Env = z.output<z.ZodObject<typeof SERVICE_ENV>> & { PARLEY_ACTOR_PRIVATE_KEY?: string; PARLEY_SABOTAGE?: string };

/** A running service, for `run` and for tests. */
export type Running = {
  app: NestFastifyApplication; db: DataSource; broker: Broker; services: Services; alarm: Alarm; hearings: Hearing[]; port: number;
  stop(): Promise<void>;
};

/** The entry of every service: `--migrate` and `--check-config` do that and end; else it serves until SIGTERM or SIGINT. */
export async function run(definition: ServiceApp) {
  try {
    const env = readEnv(definition.env) as unknown as Env;
    logger.level = env.PARLEY_LOG_LEVEL;
    if (process.argv.includes('--check-config')) return logger.info('configuration is right');
    if (process.argv.includes('--migrate')) return logger.info({ migrations: await migrate(env.DATABASE_URL, definition.migrations) }, 'schema is up to date');
    const running = await startService(definition, env);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave(running));
    logger.info({ service: definition.name, port: running.port, ...definition.ports?.(running.app) }, 'ready');
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else logger.fatal(errorFields(error), 'could not start');
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 100).unref();
  }
}

/** Nothing is lost by leaving late or hard: whatever is unfinished rolls back and is found again (messaging.md D1). */
async function leave(running: Running) {
  setTimeout(() => process.exit(0), 25_000).unref();
  await running.stop().catch((error) => logger.error(errorFields(error), 'stopping failed'));
  process.exit(0);
}

/** Starts a service with this environment and listens. Waits for Postgres, but neither for NATS nor for Redis. */
export async function startService(definition: ServiceApp, env: Env): Promise<Running> {
  const { name } = definition;
  if (name !== 'access' && !env.PARLEY_ACTOR_PUBLIC_KEY) throw new ConfigError('PARLEY_ACTOR_PUBLIC_KEY: needed to know the gateway by');
  const sabotage = env.PARLEY_SABOTAGE as Sabotage;
  const db = await connected(dataSourceOf(env.DATABASE_URL, definition.entities, definition.migrations));
  const broker = new Broker(env.NATS_URL, env.PARLEY_PREFIX, name);
  const natsOptions = { servers: env.NATS_URL, name, maxReconnectAttempts: -1, reconnectTimeWait: 200, waitOnFirstConnect: true, pingInterval: 2000, maxPingOut: 2 };
  const client = new ClientNats(natsOptions);
  const services = new Services(client, env.PARLEY_ACTOR_PRIVATE_KEY ? new ActorSigner(privateKeyOf(env.PARLEY_ACTOR_PRIVATE_KEY)) : null, env.PARLEY_PREFIX, broker);
  const alarm = new Alarm(db, env.REDIS_URL, `${env.PARLEY_PREFIX}-timers-${name}`, sabotage);
  const kit = { db, broker, services, alarm };

  const http = new FastifyAdapter({ bodyLimit: definition.bodyLimit ?? 1024 * 1024, logger: false });
  const hearings: Hearing[] = [];
  const app = await NestFactory.create<NestFastifyApplication>(rootModule(definition, kit, env, () => hearings), http, { logger: new NestLogs(), abortOnError: false });
  let draining = false;
  if (name !== 'access') app.connectMicroservice({ strategy: new PrefixedNats({ ...natsOptions, queue: name, gracefulShutdown: true, gracePeriod: 200 }, env.PARLEY_PREFIX) }, { inheritAppConfig: false });
  const fastify = http.getInstance() as unknown as FastifyInstance;
  serveHealth(fastify, { db, broker, hearings, alarm, draining: () => draining, handles: name !== 'access' });
  await definition.http?.(fastify, app);
  await app.init();

  const listeners = new Listeners();
  for (const instance of providersOf(app)) {
    listeners.add(instance);
    alarm.add(instance);
  }
  setOutlet(db, { service: name, push: (rows) => { for (const { partition, body } of pushesOf(rows)) broker.publish(`evt.${name}.${partition}`, body); } });
  hearings.push(...[...listeners.sources].map((source) => new Hearing(db, broker, name, source, listeners, sabotage)));
  new LogServer(db, broker, name).start();
  await app.listen(env.PORT, env.HOST);
  void broker.start().catch((error) => logger.error(errorFields(error), 'no broker'));
  if (name !== 'access') void app.startAllMicroservices().catch((error) => logger.error(errorFields(error), 'no broker'));
  for (const hearing of hearings) await hearing.start();
  alarm.start();
  const retention = setInterval(() => void dropOldFacts(db).catch(() => undefined), 60_000);

  return {
    app, db, broker, services, alarm, hearings, port: (fastify.server.address() as { port: number }).port,
    async stop() {
      draining = true;
      clearInterval(retention);
      for (const hearing of hearings) await hearing.stop();
      await alarm.stop();
      await app.close();
      await client.close();
      await broker.close();
      await db.destroy();
    },
  };
}

/** Nest’s NATS server with the installation’s prefix before every subject. */
class PrefixedNats extends ServerNats {
  constructor(options: NonNullable<NatsOptions['options']>, private readonly prefix: string) { super(options); }

  override bindEvents(client: { subscribe(subject: string, options: object): never }) {
    for (const channel of this.messageHandlers.keys()) {
      (this as unknown as { subscriptions: object[] }).subscriptions.push(
        client.subscribe(`${this.prefix}.${channel}`, { queue: (this as unknown as { options: { queue: string } }).options.queue, callback: this.getMessageHandler(channel).bind(this) }));
    }
  }
}

function rootModule(definition: ServiceApp, kit: { db: DataSource; broker: Broker; services: Services; alarm: Alarm }, env: Env, hearings: () => Hearing[]): DynamicModule {
  const verifier = env.PARLEY_ACTOR_PUBLIC_KEY ? new ActorVerifier(publicKeyOf(env.PARLEY_ACTOR_PUBLIC_KEY), definition.name) : null;
  const providers = [
    { provide: DataSource, useValue: kit.db }, { provide: Broker, useValue: kit.broker }, { provide: Services, useValue: kit.services },
    { provide: Alarm, useValue: kit.alarm }, { provide: ENV, useValue: env }, { provide: ActorVerifier, useValue: verifier },
  ];
  @Global()
  @Module({ providers, exports: providers.map(({ provide }) => provide) })
  class Kit {}
  @Module({})
  class Root {}
  const controllers = definition.name === 'access' ? [] : [clockOf(definition.name, kit.alarm, hearings)];
  return { module: Root, imports: [DiscoveryModule, Kit, definition.module], controllers };
}

const providersOf = (app: INestApplication) => {
  const discovery = app.get(DiscoveryService, { strict: false });
  return [...discovery.getProviders(), ...discovery.getControllers()].map((wrapper) => wrapper.instance as object | null).filter((instance): instance is object => instance !== null && typeof instance === 'object' && instance.constructor !== Object);
};

/** Postgres may come up after us: tries for a minute. */
async function connected(db: DataSource): Promise<DataSource> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.initialize();
    } catch (error) {
      if (attempt === 60) throw error;
      logger.warn(errorFields(error), 'waiting for Postgres');
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
