import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceOf } from '@parley/service/database';
import { testDatabase } from '@parley/service/testing/database';
import type { DataSource } from 'typeorm';
import { ticketsApp } from '../src/tickets.app.js';

describe('migrations', () => {
  let db: DataSource;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await testDatabase(ticketsApp.migrations);
    drop = database.drop;
    db = await dataSourceOf(database.url, [], ticketsApp.migrations).initialize();
  });
  afterAll(async () => {
    await db?.destroy();
    await drop?.();
  });

  const schema = () =>
    db.query(`
      SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT IN ('migrations', 'typeorm_metadata')
      UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1, 2, 3`);

  it('OPS-4 all up, all down, all up ends where it began', async () => {
    const before = await schema();
    for (const _ of db.migrations) await db.undoLastMigration();
    expect(await schema()).toEqual([]);
    await db.runMigrations();
    expect(await schema()).toEqual(before);
  });

  it('ACC-1 every table of this service is bound to its account, owner or not', async () => {
    const unbound = await db.query(`
      SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`);
    const kit = ['account_clock', 'dead_letter', 'event_failure', 'log', 'log_cursor', 'log_head', 'log_subscriber', 'migrations', 'processed_command', 'scheduled_action'];
    expect(unbound.map(({ relname }: { relname: string }) => relname).filter((name: string) => !kit.includes(name))).toEqual([]);
  });

  it('no column is a 32-bit id or sequence', async () => {
    expect(await db.query(`SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migrations' AND data_type = 'integer' AND (column_name LIKE '%id' OR column_name LIKE '%seq' OR column_name = 'version')`)).toEqual([]);
  });
});
