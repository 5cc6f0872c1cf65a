import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The two servers that npm does not ship. */
export type ServerName = 'nats-server' | 'redis-server';
const VARIABLE: Record<ServerName, string> = { 'nats-server': 'NATS_SERVER_BIN', 'redis-server': 'REDIS_SERVER_BIN' };
/** Not on everybody's PATH. */
const SYSTEM = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin'];
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Paths of the servers asked for: from NATS_SERVER_BIN / REDIS_SERVER_BIN, then PATH (and the sbin folders), then, as root on Debian
 * or Ubuntu, from the distribution's packages. Throws with what to do when one cannot be had.
 */
export function findServers(names: ServerName[], say: (line: string) => void, place: Place = { env: process.env, folders: SYSTEM, install: canInstall() }): Record<ServerName, string> {
  const missing = names.filter((name) => !find(name, place));
  if (missing.length > 0 && place.install) install(missing, say);
  const still = names.filter((name) => !find(name, place));
  if (still.length > 0) throw new Error(advice(still));
  return Object.fromEntries(names.map((name) => [name, find(name, place)])) as Record<ServerName, string>;
}

/** Where to look beside PATH, and whether packages may be installed. */
interface Place {
  env: NodeJS.ProcessEnv;
  folders: readonly string[];
  install: boolean;
}

function find(name: ServerName, { env, folders: beside }: Place): string | undefined {
  const given = env[VARIABLE[name]];
  if (given) {
    if (!executable(given)) throw new Error(`${VARIABLE[name]} is ${given}, which cannot be run.`);
    return given;
  }
  const folders = [...(env.PATH ?? '').split(delimiter), ...beside];
  return folders.filter(Boolean).map((folder) => join(folder, name)).find(executable);
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canInstall(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release) && executable('/usr/bin/apt-get');
}

/** Only the programs: the packages' own system services are neither started now nor at the next boot. */
function install(names: ServerName[], say: (line: string) => void): void {
  say(`installing ${names.join(' and ')} from the distribution's packages …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const policyIsOurs = !existsSync(POLICY);
  if (policyIsOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const attempt = (...args: string[]) => {
    try {
      apt(...args);
    } catch (error) {
      say(`apt-get ${args[0]} failed: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`);
    }
  };
  try {
    attempt('update');
    attempt('install', '-y', '--no-install-recommends', ...names);
  } finally {
    if (policyIsOurs) rmSync(POLICY, { force: true });
  }
  if (existsSync('/run/systemd/system')) {
    for (const name of names) execFileSync('systemctl', ['disable', '--quiet', name], { stdio: 'ignore' });
  }
}

function advice(names: ServerName[]): string {
  const running = { 'nats-server': 'NATS_URL', 'redis-server': 'REDIS_URL' };
  return [
    `Parley needs ${names.join(' and ')}, not found on this machine. One of these helps:`,
    `  Debian, Ubuntu:  sudo apt-get install --no-install-recommends ${names.join(' ')}`,
    `  macOS:           brew install ${names.map((name) => (name === 'redis-server' ? 'redis' : name)).join(' ')}`,
    `  elsewhere:       put the programs on PATH, or name them: ${names.map((name) => `${VARIABLE[name]}=/path/to/${name}`).join(' ')}`,
    `  running ones:    ${names.map((name) => `${running[name]}=${name === 'nats-server' ? 'nats' : 'redis'}://host:port`).join(' ')}`,
    '  containers:      docker compose up',
  ].join('\n');
}
