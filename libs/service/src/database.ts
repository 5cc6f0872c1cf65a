import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { KitTables1763600000000 } from './kit.migration.js';
import { errorFields, logger } from './logging.js';
import { PATIENCE } from './patience.js';

/** A migration; the class name ends in a 13-digit timestamp, by which they are ordered. */
export type MigrationClass = new () => MigrationInterface;

// bigint as number: sequences and counts stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const sessionOf = ({ statement, lock, idle }: typeof PATIENCE) => [
  `statement_timeout=${statement}`, `lock_timeout=${lock}`, `idle_in_transaction_session_timeout=${idle}`, 'timezone=UTC',
  // A plan is made once per connection, maybe while a table is still empty: it must be the one that fits a full table.
  'plan_cache_mode=force_generic_plan', 'enable_seqscan=off',
].map((setting) => `-c ${setting}`).join(' ');

/** The service’s database, not yet connected. Schema comes from migrations alone. */
export const dataSourceOf = (url: string, entities: (new () => object)[], migrations: MigrationClass[], poolSize = 10, patience = PATIENCE) =>
  new DataSource({
    type: 'postgres', url, entities, migrations: [KitTables1763600000000, ...migrations],
    migrationsTransactionMode: 'each', synchronize: false, logging: false,
    poolErrorHandler: (error: unknown) => logger.warn(errorFields(error), 'database connection lost'),
    extra: { pipeline: true, max: poolSize, connectionTimeoutMillis: patience.connection, query_timeout: patience.answer, keepAlive: true, idleTimeoutMillis: 30_000, options: sessionOf(patience) },
  });

/**
 * Brings the schema up to date (OPS-4); runs one at a time per database, does nothing when there is nothing to do.
 * Connects by itself and without the short time limits of requests.
 */
export async function migrate(url: string, migrations: MigrationClass[]) {
  const db = dataSourceOf(url, [], migrations, 2);
  db.setOptions({ extra: { max: 2, connectionTimeoutMillis: 5000, options: '-c lock_timeout=5000 -c timezone=UTC' } });
  await db.initialize();
  const runner = db.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock(4021977)');
    return (await db.runMigrations()).map((migration) => migration.name);
  } finally {
    await runner.query('SELECT pg_advisory_unlock(4021977)').catch(() => undefined);
    await runner.release();
    await db.destroy();
  }
}

/**
 * For migrations: one account never sees another’s rows of this table (ACC-1), whatever a query forgets.
 * Also binds the table’s owner, so services need no second role. `account` names the column that holds the account.
 */
export const tenant = (table: string, account = 'account_id') => `
  ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
  CREATE POLICY tenant ON ${table} USING (${account} = app_account()) WITH CHECK (${account} = app_account());`;
