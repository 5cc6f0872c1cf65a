import { describe, expect, it } from '@jest/globals';
import type { Person } from '@parley/contracts/privacy';
import type { DataSource } from 'typeorm';
import { newId } from '../ids.js';
import { Privacy, type Holdings } from '../privacy.js';
import type { ServiceApp } from '../service.js';
import { useDatabase } from './use-database.js';
import { OF_THE_KIT } from './migrations.js';

/** What holds for the holdings of every service: a table that is new says what becomes of it when somebody is erased, or this is red. */
export const knowsWhatItHolds = ({ name, migrations }: ServiceApp, holdings: Holdings, facts: readonly string[] = []) =>
  describe(`what ${name} holds of customers`, () => {
    let db: DataSource;
    useDatabase(migrations, (opened) => (db = opened));
    const person: Person = { profileIds: [newId()], ticketIds: [newId()], sessionIds: [newId()], threadIds: [newId()], messageIds: [newId()], identifiers: [{ type: 'phone', value: '+15005550100' }], files: [] };
    const by = { account: newId(), type: 'system' as const, id: null, scopes: [] };

    it('PRO-6 is told for every table, or that there is nothing', async () => {
      const tables = (await db.query(`SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`)) as { name: string }[];
      const told = Object.keys(holdings).filter((table) => !OF_THE_KIT.includes(table));
      expect(tables.map(({ name: table }) => table).filter((table) => !OF_THE_KIT.includes(table))).toEqual(told.sort());
    });

    it('PRO-6 can be exported and erased, table by table', async () => {
      const privacy = new Privacy(db, holdings, facts);
      for (let after: { table: number; row: number } | null | undefined; after !== null; ) after = (await privacy.export({ person, after: after ?? null }, by)).next;
      expect(await privacy.erase({ erasureId: newId(), person }, by)).toEqual({ done: true });
    });
  });
