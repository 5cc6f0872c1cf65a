import type { DataSource } from 'typeorm';

/** So often it is looked at, in milliseconds. */
export const STATISTICS_MS = 5000;

/**
 * Prepared statements are planned once, on the first day for empty tables: such a plan reads every row of an account. New
 * statistics make Postgres plan again; its own housekeeping comes round once a minute, which is long for a table that
 * doubles every few seconds. Answers the tables that had grown by half, and are analysed now.
 */
export async function analyzeGrown(db: DataSource): Promise<string[]> {
  const grown = (await db.query(
    `SELECT quote_ident(relname) AS name FROM pg_stat_user_tables WHERE schemaname = current_schema() AND n_mod_since_analyze > greatest(200, n_live_tup / 2)`,
  )) as { name: string }[];
  for (const { name } of grown) await db.query(`ANALYZE (SKIP_LOCKED) ${name}`);
  return grown.map(({ name }) => name);
}
