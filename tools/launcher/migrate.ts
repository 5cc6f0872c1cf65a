import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const KIT = fileURLToPath(new URL('../../../libs/service/dist', import.meta.url));

/**
 * `main.js --migrate` of a service, unless this very build has migrated this very database before: the build's digest stands in the
 * database's own comment. Rejects with the last lines of the migration when it fails.
 */
export async function migrate(main: string, env: NodeJS.ProcessEnv): Promise<void> {
  const mark = `migrated by build ${digest([dirname(main), KIT])}`;
  const client = new pg.Client({ connectionString: env.DATABASE_URL });
  client.on('error', () => {});
  await client.connect();
  try {
    const [found] = (await client.query<{ comment: string | null; name: string }>('SELECT shobj_description(oid, $1) comment, quote_ident(datname) name FROM pg_database WHERE datname = current_database()', ['pg_database'])).rows;
    if (found?.comment === mark) return;
    await runMigration(main, env);
    await client.query(`COMMENT ON DATABASE ${found?.name} IS '${mark}'`);
  } finally {
    await client.end();
  }
}

function runMigration(main: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, '--migrate'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${main} --migrate ended with ${code}:\n${output.split('\n').slice(-25).join('\n')}`))));
  });
}

/** Of every compiled file below the folders: names and contents. */
function digest(folders: string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders.filter((one) => existsSync(one))) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
    for (const file of files.sort()) hash.update(relative(folder, join(folder, file))).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 24);
}
