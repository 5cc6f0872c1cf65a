import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { dataSourceOf } from '../src/database.js';
import { analyzeGrown } from '../src/statistics.js';
import { testDatabase } from '../src/testing/database.js';

describe('the statistics of a database', () => {
  let db: DataSource;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await testDatabase([]);
    drop = database.drop;
    db = await dataSourceOf(database.url, [], [], 1).initialize();
  });
  afterAll(async () => {
    await db?.destroy();
    await drop?.();
  });

  const planOf = async () => JSON.stringify(await db.query(`EXPLAIN EXECUTE own('x', NULL)`));

  it('a table that has grown is planned for anew, one that has not is left alone', async () => {
    // Postgres' own analysis may come at any moment: here it does not.
    await db.query('CREATE TABLE thing (id uuid PRIMARY KEY, account text NOT NULL) WITH (autovacuum_enabled = false); CREATE INDEX thing_of ON thing (account)');
    await db.query('PREPARE own AS SELECT t.id FROM thing t JOIN unnest($2::uuid[]) u (id) ON t.id = u.id WHERE t.account = $1');
    const forFew = await planOf();
    await db.query(`INSERT INTO thing SELECT gen_random_uuid(), 'x' FROM generate_series(1, 5000)`);
    await db.query('SELECT pg_stat_force_next_flush()');
    expect(await analyzeGrown(db)).toContain('thing');
    const forMany = await planOf();
    expect(forMany).not.toBe(forFew);
    expect(forMany).toContain('thing_pkey');
    expect(await analyzeGrown(db)).not.toContain('thing');
  });
});
