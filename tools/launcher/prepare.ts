// Jobs of the containers, before the services: `prepare.js keys <folder>` writes what is to be kept secret, once; `prepare.js databases
// <folder>` makes the role and the databases. Files, because a service reads NAME_FILE; folders, because each is shown only its own.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE, prepareDatabases, SERVICES } from './databases.js';
import { makeKeys } from './keys.js';

const [job, folder = '/keys'] = process.argv.slice(2);
const file = (...path: string[]) => join(folder, ...path);

if (job === 'keys') writeKeys();
else if (job === 'databases') await makeDatabases();
else {
  console.error('usage: prepare.js keys|databases <folder>');
  process.exitCode = 2;
}

function writeKeys(): void {
  if (existsSync(file('services', 'secret-key'))) {
    console.log('the keys are there already');
    return;
  }
  const keys = makeKeys();
  const host = process.env.POSTGRES_HOST ?? 'postgres';
  write(keys.databasePassword, 'database', 'parley-password');
  write(randomBytes(18).toString('base64url'), 'database', 'postgres-password');
  write(keys.actorPrivateKey, 'gateway', 'actor-private-key');
  write(keys.actorPublicKey, 'services', 'actor-public-key');
  for (const service of SERVICES) write(`postgres://parley:${keys.databasePassword}@${host}:5432/${DATABASE[service]}`, 'services', `${service}-database-url`);
  write(keys.secretKey, 'services', 'secret-key');
  console.log('keys written');
}

/** Readable by other users: Postgres has a user of its own, and the folders are volumes that only their readers mount. */
function write(value: string, ...path: string[]): void {
  writeFileSync(file(...path), value, { mode: 0o444 });
}

async function makeDatabases(): Promise<void> {
  const read = (name: string) => readFileSync(file('database', name), 'utf8');
  const url = `postgres://postgres:${read('postgres-password')}@${process.env.POSTGRES_HOST ?? 'postgres'}:5432/postgres`;
  const servers = { postgres: { url, urlOf: () => url }, nats: { url: '' }, redis: { url: '' }, stop: () => Promise.resolve() };
  await prepareDatabases(servers, read('parley-password'));
  console.log(`databases ready: ${Object.values(DATABASE).join(', ')}`);
}
