import pg from 'pg';
import type { System } from '../launcher/system.js';

/** What changes by looking, or by itself: when a key was last used, how often something was asked, who is found to be in a segment, when a provider was last asked what was missed, how a channel is. */
const BY_ITSELF = ['last_used_at', 'computed_at'];
const NOT_BUSINESS = ['idempotency', 'attempt', 'processed_command', 'account_clock', 'chat_lease', 'segment_work', 'segment_member', 'provider_round', 'channel_health'];

/** One connection per database, past row-level security. */
export interface Books {
  /** Every row of the account in every table, as one number per table. */
  of(account: string): Promise<Record<string, string>>;
  /** Every row of every table of every database as text, where it holds the word in any case. */
  search(word: string): Promise<string[]>;
  /** Has every service heard everything that the others have said? */
  heard(): Promise<boolean>;
  query<R extends object>(database: string, sql: string, values?: unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

export async function openBooks(system: System): Promise<Books> {
  const clients = await Promise.all(Object.entries(system.databases.admin).map(async ([name, connectionString]) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string; column: string | null }>(`
      SELECT t.table_name AS name, (SELECT c.column_name FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name = t.table_name
        AND (c.column_name = 'account_id' OR (t.table_name = 'account' AND c.column_name = 'id')) ORDER BY c.column_name LIMIT 1) AS column
      FROM information_schema.tables t WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1`);
    return { name, client, tables };
  }));
  return {
    async of(account) {
      const all = await Promise.all(clients.map(async ({ name, client, tables }) => {
        const sums = tables.filter((table) => table.column && !NOT_BUSINESS.includes(table.name)).map((table) =>
          `SELECT '${name}.${table.name}' AS name, coalesce(md5(string_agg(md5((to_jsonb(t) - '{${BY_ITSELF.join()}}'::text[])::text), '' ORDER BY md5((to_jsonb(t) - '{${BY_ITSELF.join()}}'::text[])::text))), '') AS sum FROM ${table.name} t WHERE ${table.column} = $1`);
        return (await client.query<{ name: string; sum: string }>(sums.join(' UNION ALL '), [account])).rows;
      }));
      return Object.fromEntries(all.flat().map(({ name, sum }) => [name, sum]));
    },
    async search(word) {
      const found: string[] = [];
      for (const { name, client, tables } of clients) {
        for (const table of tables) {
          // Bytes are searched as bytes: text written as hexadecimal would hide.
          const { rows: bytes } = await client.query<{ column: string }>(`SELECT column_name AS column FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND data_type = 'bytea'`, [table.name]);
          const inBytes = bytes.map(({ column }) => ` OR position($2::bytea IN ${column}) > 0`).join('');
          const values = bytes.length ? [word.toLowerCase(), Buffer.from(word)] : [word.toLowerCase()];
          const { rows } = await client.query<{ row: string }>(`SELECT left(t::text, 600) AS row FROM ${table.name} t WHERE position($1 IN lower(t::text)) > 0${inBytes} LIMIT 3`, values);
          found.push(...rows.map(({ row }) => `${name}.${table.name}: ${row}`));
        }
      }
      return found;
    },
    async heard() {
      const heads = new Map<string, number>();
      for (const { name, client } of clients) {
        const { rows } = await client.query<{ partition: number; seq: string }>('SELECT partition, seq FROM log_head');
        for (const { partition, seq } of rows) heads.set(`${onTheWire(name)} ${partition}`, Number(seq));
      }
      for (const { client } of clients) {
        const { rows } = await client.query<{ source: string; partition: number; position: string }>('SELECT source, partition, position FROM log_cursor');
        if (rows.some(({ source, partition, position }) => Number(position) < (heads.get(`${source} ${partition}`) ?? 0))) return false;
      }
      return true;
    },
    async query(database, sql, values) {
      return (await clients.find(({ name }) => name === database)!.client.query(sql, values)).rows as never;
    },
    close: async () => void (await Promise.all(clients.map(({ client }) => client.end()))),
  };
}

/** What the gateway says it says as `access`. */
const onTheWire = (service: string) => (service === 'gateway' ? 'access' : service);
