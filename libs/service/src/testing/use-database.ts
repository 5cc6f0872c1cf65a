import { afterAll, beforeAll } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { dataSourceOf, type MigrationClass } from '../database.js';
import { testDatabase } from './database.js';

/** Within a describe: a database of its own for these tests, dropped behind them. `opened` gets it before the first. */
export function useDatabase(migrations: MigrationClass[], opened: (db: DataSource) => void) {
  let db: DataSource | undefined;
  let drop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const database = await testDatabase(migrations);
    drop = database.drop;
    db = await dataSourceOf(database.url, [], migrations, 2).initialize();
    opened(db);
  });
  afterAll(async () => {
    await db?.destroy();
    await drop?.();
  });
}
