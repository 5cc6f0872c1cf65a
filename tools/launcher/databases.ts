import pg from 'pg';
import type { Servers } from './servers.js';

/** The five services, in the order in which they are shown. */
export const SERVICES = ['gateway', 'tickets', 'channels', 'notifications', 'reporting'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Whose database is called what. */
export const DATABASE: Record<ServiceName, string> = {
  gateway: 'parley_access',
  tickets: 'parley_tickets',
  channels: 'parley_channels',
  notifications: 'parley_notifications',
  reporting: 'parley_reporting',
};

/** Owner of the databases: an ordinary role, so that row-level security holds for services and migrations alike. */
const ROLE = 'parley';

/** Where a service finds its database, and where an administrator (checks, the fault harness) does. */
export interface Databases {
  of: Record<ServiceName, string>;
  admin: Record<ServiceName, string>;
}

/**
 * Makes the role and the five databases where they are missing. With a DATABASE_URL that is not a superuser's, its own user becomes
 * their owner. Refuses a role `parley` that somebody else made: its password is not ours to change.
 */
export async function prepareDatabases({ postgres }: Servers, password: string): Promise<Databases> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    const [me] = (await client.query<{ rolsuper: boolean }>('SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).rows;
    const owner = me?.rolsuper ? new URL(postgres.url) : undefined;
    if (owner) {
      owner.username = ROLE;
      owner.password = password;
      await makeRole(client, password, Boolean(postgres.child), owner.toString());
    }
    const there = new Set((await client.query<{ datname: string }>('SELECT datname FROM pg_database')).rows.map((row) => row.datname));
    for (const name of Object.values(DATABASE)) {
      if (!there.has(name)) await client.query(`CREATE DATABASE ${name}${owner ? ` OWNER ${ROLE}` : ''}`);
    }
    const urls = (base: string) => Object.fromEntries(SERVICES.map((service) => [service, Object.assign(new URL(base), { pathname: `/${DATABASE[service]}` }).toString()]));
    return { of: urls(owner?.toString() ?? postgres.url), admin: urls(postgres.url) } as unknown as Databases;
  } finally {
    await client.end();
  }
}

async function makeRole(client: pg.Client, password: string, ours: boolean, url: string): Promise<void> {
  const there = (await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLE])).rowCount;
  if (!there) await client.query(`CREATE ROLE ${ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS`);
  if (!there || ours) await client.query(`ALTER ROLE ${ROLE} PASSWORD ${client.escapeLiteral(password)}`);
  else await tryRole(url);
}

async function tryRole(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
  } catch {
    throw new Error(`The Postgres of DATABASE_URL has a role ${ROLE} of another installation. Give a DATABASE_URL of that role itself, or drop it.`);
  } finally {
    await client.end().catch(() => {});
  }
}
