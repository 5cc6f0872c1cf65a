// npm run parley -- <command>: what an operator does by hand, directly on the databases. Without a command it prints what there is.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRunning } from '../launcher/running.js';
import { interpret } from './commands.js';
import { urlsOf } from './databases.js';
import { table } from './table.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
try {
  const { name, json, databases, run } = interpret(process.argv.slice(2), ROOT);
  const urls = urlsOf({ options: databases, databaseUrl: process.env.DATABASE_URL, running: findRunning(join(ROOT, '.parley'))?.databases?.of });
  const rows = await run(urls);
  const oneDeepThing = name === 'dead show';
  console.log(json || oneDeepThing ? JSON.stringify(rows, null, 2) : name === 'doctor' && rows.length === 0 ? 'all is well' : table(rows));
  process.exitCode = name === 'doctor' && rows.length > 0 ? 1 : 0;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
