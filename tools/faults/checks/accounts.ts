import { SERVICES, type ServiceName } from '../../launcher/databases.js';
import type { Books } from '../books.js';
import type { Findings } from '../findings.js';

/** Rows of one table that name rows of another: both must belong to one account (I10). */
const REFERENCES: Partial<Record<ServiceName, [from: string, column: string, to: string][]>> = {
  tickets: [['message', 'ticket_id', 'ticket'], ['note', 'ticket_id', 'ticket'], ['ticket', 'profile_id', 'profile'], ['ticket', 'channel_id', 'channel'], ['profile_identifier', 'profile_id', 'profile'], ['consent', 'profile_id', 'profile']],
  channels: [['inbound_message', 'channel_id', 'channel'], ['conversation', 'channel_id', 'channel'], ['raw_inbound', 'channel_id', 'channel'], ['delivery', 'channel_id', 'channel']],
};

/** I10: no row belongs to an account that is none of ours, and no row points into another account. */
export async function checkAccounts(books: Books, accounts: string[], findings: Findings): Promise<void> {
  const strangers: string[] = [];
  const strays: string[] = [];
  for (const service of SERVICES) {
    const tables = await books.rows<{ name: string }>(service, `SELECT table_name name FROM information_schema.columns WHERE column_name = 'account_id' AND table_schema = 'public'`);
    for (const { name } of tables) {
      const [row] = await books.rows<{ n: number }>(service, `SELECT count(*) n FROM ${name} WHERE account_id <> ALL ($1::uuid[])`, [accounts]);
      if (row?.n) strangers.push(`${service}.${name}: ${row.n}`);
    }
    for (const [from, column, to] of REFERENCES[service] ?? []) {
      const [row] = await books.rows<{ n: number }>(service, `SELECT count(*) n FROM ${from} f LEFT JOIN ${to} t ON t.id = f.${column} WHERE f.${column} IS NOT NULL AND t.account_id IS DISTINCT FROM f.account_id`);
      if (row?.n) strays.push(`${service}.${from}.${column}: ${row.n}`);
    }
  }
  findings.none('row of an unknown account', strangers);
  findings.none('row that points into another account', strays);
}
