import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { dataSourceOf } from '../database.js';
import type { ServiceApp } from '../service.js';
import { testDatabase } from './database.js';

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
    let drop: () => Promise<void>;
    beforeAll(async () => {
      const database = await testDatabase(migrations);
      drop = database.drop;
      db = await dataSourceOf(database.url, [], migrations, 2).initialize();
    });
    afterAll(async () => {
      await db?.destroy();
      await drop?.();
    });
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

    it('no id, sequence or version is a 32-bit number', async () => {
      expect(await names(`
        SELECT table_name || '.' || column_name AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'migrations' AND data_type = 'integer' AND (column_name LIKE '%id' OR column_name LIKE '%seq' OR column_name = 'version')`)).toEqual([]);
    });
  });
