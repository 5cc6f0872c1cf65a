import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from './child.js';
import { until } from './waiting.js';

/** What other commands need to know of the system that `npm start` runs: .parley/running.json, readable by its owner alone. */
export interface Running {
  pid: number;
  startedAt: string;
  /** Absent while it is still starting. */
  gatewayUrls?: string[];
  smtpPorts?: number[];
  standIns?: StandInsAt;
  /** By service: the database as an administrator sees it, and as the service does. */
  databases?: { of: Record<string, string>; admin: Record<string, string> };
  natsUrl?: string;
  redisUrl?: string;
  /** Every process we started, with what the system says of its start, so that no stranger is taken for it. */
  processes: { name: string; pid: number; born: string }[];
}

/** Where the outside world is played: Twilio, the customers' mail server, and a page that shows what they got. */
export interface StandInsAt {
  twilioUrl: string;
  telnyxUrl: string;
  graphUrl: string;
  smtpUrl: string;
  imapUrl: string;
  pageUrl: string;
}

const fileOf = (folder: string) => join(folder, 'running.json');

/** The system that runs from this folder, if one does. */
export function findRunning(folder: string): Running | undefined {
  const last = read(folder);
  return last && isAlive(last.pid) && born(last.pid) === last.processes[0]?.born ? last : undefined;
}

/** Writes down what runs now; the launcher itself is the first process. */
export function writeRunning(folder: string, running: Omit<Running, 'processes'>, children: { name: string; pid: number | undefined }[]): void {
  const processes = [{ name: 'launcher', pid: running.pid }, ...children].flatMap(({ name, pid }) => (pid ? { name, pid, born: born(pid) } : []));
  writeFileSync(fileOf(folder), `${JSON.stringify({ ...running, processes }, null, 2)}\n`, { mode: 0o600 });
}

/** Nothing runs any more. */
export const forgetRunning = (folder: string) => rmSync(fileOf(folder), { force: true });

/** A launcher that was killed could not stop its processes: ends those that still run, and nobody else. */
export async function stopLeftovers(folder: string, say: (line: string) => void): Promise<void> {
  const left = (read(folder)?.processes ?? []).slice(1).filter(({ pid, born: then }) => isAlive(pid) && born(pid) === then);
  if (left.length === 0) return;
  say(`ending what the last run has left behind: ${left.map(({ name }) => name).join(', ')} …`);
  for (const { pid, name } of left) process.kill(pid, name === 'postgres' ? 'SIGINT' : 'SIGKILL');
  await until(() => left.every(({ pid }) => !isAlive(pid)), 'the processes left behind do not end', 60_000);
}

function read(folder: string): Running | undefined {
  const file = fileOf(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Running) : undefined;
}

/** When a process was started, in the kernel's own count; empty where there is no /proc. */
function born(pid: number): string {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').replace(/^.*\) /s, '').split(' ')[19] ?? '';
}
