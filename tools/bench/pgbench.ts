import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** One run of the same transaction, again and again, by several clients. */
export interface Ceiling {
  perSecond: number;
  /** `pgbench`, or `pg clients` where there is none. */
  by: string;
}

/** Debian keeps it off the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** pgbench from PATH or from Debian's folders; as root on Debian from the distribution's packages; undefined where it cannot be had. */
export async function findPgbench(say: (line: string) => void): Promise<string | undefined> {
  const found = look();
  if (found || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  say('installing pgbench from the distribution’s packages …');
  await promisify(execFile)('apt-get', ['-qq', 'install', '-y', '--no-install-recommends', 'postgresql-contrib'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).catch(() => say('pgbench could not be installed'));
  return look();
}

function look(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  return [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...versions].map((folder) => join(folder, 'pgbench')).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs a script of pgbench (`\set`, `:name`) with prepared statements. */
export async function runPgbench(program: string, url: string, script: string, { file, clients, seconds }: { file: string; clients: number; seconds: number }): Promise<Ceiling> {
  writeFileSync(file, script);
  const { hostname, port, username, password, pathname } = new URL(url);
  const args = ['-n', '-M', 'prepared', '-f', file, '-c', String(clients), '-j', '2', '-T', String(seconds), '-h', hostname, '-p', port, '-U', username, pathname.slice(1)];
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, PGPASSWORD: decodeURIComponent(password) } });
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  if (!(perSecond > 0)) throw new Error(`pgbench said:\n${stdout}`);
  return { perSecond, by: 'pgbench' };
}

/** The same statements by our own driver. */
export async function runClients(url: string, statements: { text: string; values: (random: (from: number, to: number) => number) => unknown[] }[], { clients, seconds }: { clients: number; seconds: number }): Promise<Ceiling> {
  const random = (from: number, to: number) => from + Math.floor(Math.random() * (to - from + 1));
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(Array.from({ length: clients }, async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    let count = 0;
    for (; performance.now() < until; count++) {
      await client.query('BEGIN');
      for (const [nth, { text, values }] of statements.entries()) await client.query({ name: `s${nth}`, text, values: values(random) });
      await client.query('COMMIT');
    }
    await client.end();
    return count;
  }));
  return { perSecond: counts.reduce((sum, count) => sum + count, 0) / seconds, by: 'pg clients' };
}
