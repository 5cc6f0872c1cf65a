import pg from 'pg';
import { SERVICES, type ServiceName } from '../launcher/databases.js';
import type { Databases } from '../launcher/databases.js';

/** The name of a service on the wire and in logs. */
export const wireName = (service: ServiceName) => (service === 'gateway' ? 'access' : service);

/** The five databases as an administrator sees them: past row-level security, and past the code under test. */
export interface Books {
  rows<R>(service: ServiceName, sql: string, values?: unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

/** Counts and sequences come as numbers. */
const types = { getTypeParser: ((oid: number, format?: 'text') => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format))) as typeof pg.types.getTypeParser };

export async function openBooks({ admin }: Databases): Promise<Books> {
  const pools = Object.fromEntries(SERVICES.map((service) => [service, new pg.Pool({ connectionString: admin[service], max: 1, types })])) as Record<ServiceName, pg.Pool>;
  for (const pool of Object.values(pools)) pool.on('error', () => {});
  return {
    rows: async <R>(service: ServiceName, sql: string, values: unknown[] = []) => (await pools[service].query(sql, values)).rows as R[],
    close: async () => {
      await Promise.all(Object.values(pools).map((pool) => pool.end()));
    },
  };
}
