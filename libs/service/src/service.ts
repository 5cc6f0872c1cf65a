import type { INestApplication, Type } from '@nestjs/common';
import type { Service } from '@parley/contracts/events';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { z } from 'zod';
import { ConfigError, readEnv } from './config.js';
import { migrate, type MigrationClass } from './database.js';
import { errorFields, logger } from './logging.js';
import { freeAfterStart } from './memory.js';
import type { KitEnv } from './root-module.js';
import { startService, type Running } from './starting.js';

export { ENV } from './root-module.js';

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
  /** Answers paths that the router itself cannot read; plain JSON unless told. */
  unreadable?: FastifyServerOptions['frameworkErrors'];
  /** More ports that were opened, for the line that says `ready`. */
  ports?: (app: INestApplication) => Record<string, number>;
};

/** The entry of every service: `--migrate` and `--check-config` do that and end; else it serves until SIGTERM or SIGINT. */
export async function run(definition: ServiceApp) {
  try {
    const env = readEnv(definition.env) as unknown as KitEnv;
    logger.level = env.PARLEY_LOG_LEVEL;
    if (process.argv.includes('--check-config')) return logger.info('configuration is right');
    if (process.argv.includes('--migrate')) return logger.info({ migrations: await migrate(env.DATABASE_URL, definition.migrations) }, 'schema is up to date');
    const running = await startService(definition, env);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void leave(running));
    logger.info({ service: definition.name, port: running.port, ...definition.ports?.(running.app) }, 'ready');
    freeAfterStart();
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
