import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { dataSourceOf } from '@parley/service/database';
import { testDatabase } from '@parley/service/testing/database';
import type { DataSource } from 'typeorm';
import { reportingApp } from '../src/reporting.app.js';

/** Tables without row-level security; why stands in the migration. */
const OPEN = ['reported_account'];

const closers: (() => Promise<void>)[] = [];
let db: DataSource;
let kit: DataSource;
beforeAll(async () => {
  [db, kit] = (await Promise.all([reportingApp.migrations, []].map(async (migrations) => {
    const database = await testDatabase(migrations);
    const source = await dataSourceOf(database.url, [], migrations, 1).initialize();
    closers.push(() => source.destroy().then(database.drop));
    return source;
  }))) as [DataSource, DataSource];
});
afterAll(async () => {
  for (const close of closers) await close();
});

const tables = (of: DataSource) =>
  of.query(`SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS bound FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`) as Promise<{ name: string; bound: boolean }[]>;

it('ACC-1 the database keeps accounts apart in every table of ours but the listed ones', async () => {
  const foreign = new Set((await tables(kit)).map(({ name }) => name));
  const ours = (await tables(db)).filter(({ name }) => !foreign.has(name));
  expect(ours.filter(({ bound }) => !bound).map(({ name }) => name)).toEqual(OPEN);
  expect(ours.filter(({ bound }) => bound).length).toBeGreaterThan(0);
});

it('OPS-4 all up, all down, all up again', async () => {
  const before = await tables(db);
  for (const _ of reportingApp.migrations) await db.undoLastMigration();
  expect(await tables(db)).toEqual(await tables(kit));
  await db.runMigrations();
  expect(await tables(db)).toEqual(before);
});
