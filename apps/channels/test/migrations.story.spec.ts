import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceOf } from '@parley/service/database';
import { testDatabase } from '@parley/service/testing/database';
import type { DataSource } from 'typeorm';
import { channelsApp } from '../src/channels.app.js';

describe('migrations of channels', () => {
  let database: { url: string; drop(): Promise<void> };
  let db: DataSource;
  beforeAll(async () => {
    database = await testDatabase(channelsApp.migrations);
    db = await dataSourceOf(database.url, [], channelsApp.migrations, 2).initialize();
  });
  afterAll(async () => {
    await db?.destroy();
    await database?.drop();
  });
  const tables = async () => (await db.query<{ name: string }[]>(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).map(({ name }) => name);

  it('OPS-4 all go up, down and up again', async () => {
    const before = await tables();
    for (const _ of channelsApp.migrations) await db.undoLastMigration();
    expect(await tables()).not.toEqual(expect.arrayContaining(['channel']));
    await db.runMigrations();
    expect(await tables()).toEqual(before);
  });

  it('ACC-1 every table with an account is walled off by row-level security, except those of keys and queues', async () => {
    const rows = await db.query<{ name: string; walled: boolean }[]>(
      `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS walled FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id'
       WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
    );
    const open = rows.filter(({ walled }) => !walled).map(({ name }) => name);
    const ofTheKit = ['account_clock', 'log', 'processed_command', 'scheduled_action'];
    expect(open.filter((name) => !ofTheKit.includes(name))).toEqual(['channel_key', 'chat_lease', 'chat_token', 'mail_token', 'mail_waiting', 'outbox']);
  });
});
