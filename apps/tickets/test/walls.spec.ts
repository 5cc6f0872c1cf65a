import { describe, expect, it } from '@jest/globals';
import { columnsSeenAcross, tablesThatTakeAnything, unboundTables } from '@parley/service/testing/migrations';
import { useDatabase } from '@parley/service/testing/use-database';
import type { DataSource } from 'typeorm';
import { ticketsApp } from '../src/tickets.app.js';

// Negative controls of T2 (security.md section 2): walls that are taken down on purpose must be missed.
describe('a wall that is missing', () => {
  let db: DataSource;
  useDatabase(ticketsApp.migrations, (opened) => (db = opened));
  const broken = async (...sql: string[]) => {
    const before = await all();
    for (const statement of sql) await db.query(statement);
    const after = await all();
    return after.map((names, at) => names.filter((name) => !before[at]!.includes(name)));
  };
  const all = () => Promise.all([unboundTables(db), tablesThatTakeAnything(db), columnsSeenAcross(db)]);

  it('ACC-1 T2 is noticed: row-level security off, not forced, without a policy, forgotten for a new table', async () => {
    expect(await broken('ALTER TABLE team DISABLE ROW LEVEL SECURITY')).toEqual([['team'], ['team'], []]);
    expect(await broken('ALTER TABLE tag NO FORCE ROW LEVEL SECURITY')).toEqual([['tag'], ['tag'], []]);
    expect(await broken('DROP POLICY tenant ON macro')).toEqual([['macro'], [], []]);
    expect(await broken('CREATE TABLE fresh (account_id uuid NOT NULL)')).toEqual([['fresh'], [], []]);
  });

  it('ACC-1 T2 is noticed: a policy that takes rows of any account, or shows words to anybody', async () => {
    expect(await broken('DROP POLICY tenant ON event_filter', 'CREATE POLICY tenant ON event_filter USING (account_id = app_account()) WITH CHECK (true)')).toEqual([[], ['event_filter'], []]);
    const [, , seen] = await broken('DROP POLICY tenant ON message', 'CREATE POLICY tenant ON message USING (true) WITH CHECK (account_id = app_account())');
    expect(seen).toContain('message.text');
  });
});
