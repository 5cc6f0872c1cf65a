import pg from 'pg';
import type { Servers } from '../launcher/servers.js';

/** Where Postgres spends its time, by statement. */
export interface Statement {
  database: string;
  calls: number;
  totalMs: number;
  meanMs: number;
  rows: number;
  text: string;
}

/** Has Postgres count what each statement costs, from its next start on, which is now. */
export async function countStatements({ postgres }: Servers): Promise<void> {
  await ask(postgres.url, `ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'`);
  await postgres.child!.restart();
  await ask(postgres.url, 'CREATE EXTENSION pg_stat_statements');
}

export const forgetStatements = ({ postgres }: Servers) => ask(postgres.url, 'SELECT pg_stat_statements_reset()');

/** The most expensive ones since they were last forgotten. */
export async function topStatements({ postgres }: Servers, most = 40): Promise<Statement[]> {
  return ask<Statement>(
    postgres.url,
    `SELECT d.datname database, s.calls::int, round(s.total_exec_time)::int "totalMs", round(s.mean_exec_time::numeric, 3)::float "meanMs", s.rows::int, regexp_replace(s.query, '\\s+', ' ', 'g') "text"
     FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid ORDER BY s.total_exec_time DESC LIMIT ${most}`,
  );
}

async function ask<R extends object>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}
