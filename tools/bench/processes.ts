import { readFileSync } from 'node:fs';
import type { System } from '../launcher/system.js';

/** What a process has used so far. Postgres counts with all its children, also those that are gone. */
export interface Usage {
  name: string;
  /** Megabytes of resident memory; of Postgres nothing is said, as its processes share most of theirs. */
  residentMb: number | null;
  cpuMs: number;
}

/** Ticks of the clock in /proc are hundredths of a second on every Linux. */
const TICK_MS = 10;

/** Every process of the system, and the generator itself. */
export function usageOf({ processes, servers }: System): Usage[] {
  const named = [...processes, servers.nats.child, servers.redis.child].flatMap((one) => (one?.pid ? [{ name: one.name, pid: one.pid }] : []));
  const postgres = servers.postgres.child?.pid;
  return [
    ...named.map(({ name, pid }) => ({ name, residentMb: residentOf(pid), cpuMs: cpuOf(pid) })),
    ...(postgres ? [{ name: 'postgres', residentMb: null, cpuMs: [postgres, ...childrenOf(postgres)].reduce((sum, pid) => sum + cpuOf(pid), 0) + reaped(postgres) }] : []),
    { name: 'load generator', residentMb: residentOf(process.pid), cpuMs: cpuOf(process.pid) },
  ];
}

/** Fields of /proc/<pid>/stat behind the name, which may hold blanks and brackets. */
const statOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);

function cpuOf(pid: number): number {
  try {
    const stat = statOf(pid);
    return (stat[11]! + stat[12]!) * TICK_MS;
  } catch {
    return 0; // it ended meanwhile
  }
}

function reaped(pid: number): number {
  const stat = statOf(pid);
  return (stat[13]! + stat[14]!) * TICK_MS;
}

const residentOf = (pid: number) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);

const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** CPU milliseconds between two looks, for each of so many messages. */
export function perMessage(before: Usage[], after: Usage[], messages: number): { name: string; cpuMs: number }[] {
  const rows = after.map(({ name, cpuMs }) => ({ name, cpuMs: round((cpuMs - (before.find((one) => one.name === name)?.cpuMs ?? 0)) / messages) }));
  const ours = rows.filter(({ name }) => name !== 'load generator').reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  return [...rows, { name: 'all without the generator', cpuMs: round(ours) }];
}

const round = (value: number) => Math.round(value * 1000) / 1000;
