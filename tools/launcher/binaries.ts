import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The two servers that npm does not ship. */
export type ServerName = 'nats-server' | 'redis-server';
const VARIABLE: Record<ServerName, string> = { 'nats-server': 'NATS_SERVER_BIN', 'redis-server': 'REDIS_SERVER_BIN' };
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Paths of the servers asked for: from NATS_SERVER_BIN / REDIS_SERVER_BIN, then PATH (and the sbin folders), then, as root on Debian
 * or Ubuntu, from the distribution's packages. Throws with what to do when one cannot be had.
 */
export function findServers(names: ServerName[], say: (line: string) => void): Record<ServerName, string> {
  const missing = names.filter((name) => !find(name));
  if (missing.length > 0 && canInstall()) install(missing, say);
  const still = names.filter((name) => !find(name));
  if (still.length > 0) throw new Error(advice(still));
  return Object.fromEntries(names.map((name) => [name, find(name)])) as Record<ServerName, string>;
}

function find(name: ServerName): string | undefined {
  const given = process.env[VARIABLE[name]];
  if (given) {
    if (!executable(given)) throw new Error(`${VARIABLE[name]} is ${given}, which cannot be run.`);
    return given;
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin'];
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
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...names);
  } catch (error) {
    say(`the packages could not be installed: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`);
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
