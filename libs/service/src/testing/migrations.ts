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

/**
 * What holds for the schema of every service. `open` lists the tables without row-level security, each with its reason in
 * the migration: a table that is forgotten, or protected by now, turns this red.
 */
export const keepsItsSchema = ({ name, migrations }: ServiceApp, { open }: { open: string[] }) =>
  describe(`the schema of ${name}`, () => {
    let db: DataSource;
    useDatabase(migrations, (opened) => (db = opened));
    const names = async (sql: string) => ((await db.query(sql)) as { name: string }[]).map(({ name: one }) => one);

    it('OPS-4 all migrations go up, down and up again, and end where they began', async () => {
      const before = await db.query(SCHEMA);
      for (const _ of db.migrations) await db.undoLastMigration();
      expect(await db.query(SCHEMA)).toEqual([]);
      await db.runMigrations();
      expect(await db.query(SCHEMA)).toEqual(before);
    });

    it('ACC-1 every table is bound to its account, owner or not, but those that are listed', async () => {
      const unbound = await names(`
        SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1`);
      expect(unbound.filter((table) => !OF_THE_KIT.includes(table))).toEqual([...open].sort());
      expect(await names(`SELECT DISTINCT tablename AS name FROM pg_policies WHERE schemaname = 'public'`)).not.toHaveLength(0);
    });

    it('ACC-1 T2 a row of another account, or of none that was named, is refused by every table', async () => {
      const bound = (await db.query(`
        SELECT DISTINCT p.tablename AS name, substring(p.with_check FROM '\\((\\w+) = app_account') AS account FROM pg_policies p
        WHERE p.schemaname = 'public' AND p.permissive = 'PERMISSIVE' ORDER BY 1`)) as { name: string; account: string | null }[];
      expect(bound.filter(({ account }) => account === null)).toEqual([]);
      for (const { name: table, account } of bound) {
        for (const mine of ['', newId()]) {
          const refused = await db.transaction(async (tx) => {
            await tx.query(`SELECT set_config('app.account_id', $1, true)`, [mine]);
            await tx.query(`INSERT INTO ${table} (${account}) VALUES ($1)`, [newId()]);
          }).catch((error: { code?: string }) => error.code);
          expect([table, refused]).toEqual([table, INSUFFICIENT_PRIVILEGE]);
        }
      }
    });

    it('ACC-1 T2 without an account nothing is seen, but ids and times of work to do', async () => {
      const across = await names(`SELECT tablename AS name FROM pg_policies WHERE schemaname = 'public' AND permissive = 'PERMISSIVE' AND qual !~ '^\\(\\w+ = app_account\\(\\)\\)$' ORDER BY 1`);
      const telling = await names(`
        SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = ANY ('{${across.join()}}') AND column_name <> 'kind' AND data_type NOT IN ('uuid', 'bigint', 'integer', 'smallint', 'timestamp with time zone')`);
      expect(telling).toEqual([]);
    });

    it('no id, sequence or version is a 32-bit number', async () => {
      expect(await names(`
        SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'migrations' AND data_type = 'integer' AND (column_name LIKE '%id' OR column_name LIKE '%seq' OR column_name = 'version')`)).toEqual([]);
    });
  });
