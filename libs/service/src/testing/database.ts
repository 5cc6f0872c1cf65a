import { createHash } from 'node:crypto';
import pg from 'pg';
import { migrate, type MigrationClass } from '../database.js';
import { newId } from '../ids.js';

const ROLE = 'parley_test';

/** The server that tests may make databases on: TEST_DATABASE_URL, with a superuser. */
function adminUrl() {
  const url = process.env['TEST_DATABASE_URL'];
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run the tests by `npm test`, or one of them by `node tools/launcher/with-servers.mjs`');
  return url;
}

export async function admin<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const urlOf = (database: string) => {
  const url = new URL(adminUrl());
  return Object.assign(url, { username: ROLE, password: ROLE, pathname: `/${database}` }).toString();
};

/**
 * A database of its own with these migrations: a copy of a template that is migrated once per server.
 * Its role obeys row-level security, as in production.
 */
export async function testDatabase(migrations: MigrationClass[]): Promise<{ url: string; drop(): Promise<void> }> {
  const template = `parley_template_${createHash('sha256').update(migrations.map((m) => m.name + m.toString()).join()).digest('hex').slice(0, 16)}`;
  const name = `parley_spec_${newId().replaceAll('-', '')}`;
  await admin(async (client) => {
    // One at a time: spec files run side by side.
    await client.query('SELECT pg_advisory_lock(918273)');
    await client.query(`DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${ROLE}') THEN CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}' NOSUPERUSER NOBYPASSRLS; END IF; END $$`);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [template]);
    if (!rowCount) {
      await client.query(`DROP DATABASE IF EXISTS ${template}`);
      await client.query(`CREATE DATABASE ${template} OWNER ${ROLE}`);
      await migrate(urlOf(template), migrations);
      await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
    }
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER ${ROLE}`);
    await client.query('SELECT pg_advisory_unlock(918273)');
  });
  return { url: urlOf(name), drop: () => admin(async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))) };
}
