import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newId } from '../ids.js';
import type { ServiceApp } from '../service.js';
import { useDatabase } from './use-database.js';

/** SQLSTATE of a row that a policy refuses. */
const INSUFFICIENT_PRIVILEGE = '42501';
/** Tables of the kit: read across accounts by the kit alone. */
export const OF_THE_KIT = ['account_clock', 'dead_letter', 'event_failure', 'log', 'log_cursor', 'log_head', 'log_subscriber', 'migrations', 'processed_command', 'scheduled_action'];

const SCHEMA = `
  SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name NOT IN ('migrations', 'typeorm_metadata')
  UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1, 2, 3`;

const namesOf = (db: DataSource) => async (sql: string) => ((await db.query(sql)) as { name: string }[]).map(({ name }) => name);

/** Tables, but those of the kit, that do not bind every role to an account: without forced row-level security, or without a policy. */
export const unboundTables = async (db: DataSource): Promise<string[]> => {
  const unbound = await namesOf(db)(`
    SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname)) ORDER BY 1`);
  return unbound.filter((table) => !OF_THE_KIT.includes(table));
};

/** Tables that take a row of another account than the one that acts, or of any while none does. */
export async function tablesThatTakeAnything(db: DataSource): Promise<string[]> {
  const bound = (await db.query(`
    SELECT p.tablename AS name, max(substring(p.with_check FROM '\\((\\w+) = app_account')) AS account FROM pg_policies p
    WHERE p.schemaname = 'public' AND p.permissive = 'PERMISSIVE' GROUP BY 1 ORDER BY 1`)) as { name: string; account: string | null }[];
  const careless: string[] = [];
  for (const { name: table, account } of bound) {
    const refusals = await Promise.all(['', newId()].map((mine) => (account === null ? null : db.transaction(async (tx) => {
      await tx.query(`SELECT set_config('app.account_id', $1, true)`, [mine]);
      await tx.query(`INSERT INTO ${table} (${account}) VALUES ($1)`, [newId()]);
    }).catch((error: { code?: string }) => error.code))));
    if (refusals.some((code) => code !== INSUFFICIENT_PRIVILEGE)) careless.push(table);
  }
  return careless;
}

/** Columns that somebody without an account may read and that hold more than ids, numbers and times. */
export async function columnsSeenAcross(db: DataSource): Promise<string[]> {
  const names = namesOf(db);
  const across = await names(`SELECT DISTINCT tablename AS name FROM pg_policies WHERE schemaname = 'public' AND permissive = 'PERMISSIVE' AND qual !~ '^\\(\\w+ = app_account\\(\\)\\)$' ORDER BY 1`);
  return names(`
    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = ANY ('{${across.join()}}') AND column_name <> 'kind' AND data_type NOT IN ('uuid', 'bigint', 'integer', 'smallint', 'timestamp with time zone')`);
}

/**
 * What holds for the schema of every service. `open` lists the tables without row-level security, each with its reason in
 * the migration: a table that is forgotten, or protected by now, turns this red.
 */
export const keepsItsSchema = ({ name, migrations }: ServiceApp, { open }: { open: string[] }) =>
  describe(`the schema of ${name}`, () => {
    let db: DataSource;
    useDatabase(migrations, (opened) => (db = opened));

    it('OPS-4 all migrations go up, down and up again, and end where they began', async () => {
      const before = await db.query(SCHEMA);
      for (const _ of db.migrations) await db.undoLastMigration();
      expect(await db.query(SCHEMA)).toEqual([]);
      await db.runMigrations();
      expect(await db.query(SCHEMA)).toEqual(before);
    });

    it('ACC-1 every table is bound to its account, owner or not, but those that are listed', async () => {
      expect(await unboundTables(db)).toEqual([...open].sort());
    });

    it('ACC-1 T2 a row of another account, or of none that was named, is refused by every table', async () => {
      expect(await tablesThatTakeAnything(db)).toEqual([]);
    });

    it('ACC-1 T2 without an account nothing is seen, but ids and times of work to do', async () => {
      expect(await columnsSeenAcross(db)).toEqual([]);
    });

    it('no id, sequence or version is a 32-bit number', async () => {
      expect(await namesOf(db)(`
        SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'migrations' AND data_type = 'integer' AND (column_name LIKE '%id' OR column_name LIKE '%seq' OR column_name = 'version')`)).toEqual([]);
    });
  });
