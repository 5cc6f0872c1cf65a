import { setTimeout as pause } from 'node:timers/promises';
import { greet } from '../launcher/ports.js';
import type { System, SystemProcess } from '../launcher/system.js';
import type { Fault, Schedule } from './schedule.js';

/** What was done, and when, by the clock of `performance.now()`. */
export interface Done {
  fault: Fault;
  from: number;
  /** When what was broken stood again. */
  to: number;
}

/** Does one fault after the other, each not before its time, and mends what it broke. A fault that cannot be done throws. */
export async function inflict(system: System, { faults }: Schedule, began: number, say: (line: string) => void): Promise<Done[]> {
  const done: Done[] = [];
  const restarts: Promise<void>[] = [];
  const coming = new Map<string, Promise<void>>();
  for (const fault of faults) {
    await pause(Math.max(0, began + fault.at * 1000 - performance.now()));
    // Whoever is still coming back is not hit again before it stands: a start that is killed is the launcher's business.
    await coming.get(victim(fault));
    // Whoever was killed needs the servers to come back: a server is taken away only while everybody stands.
    if (fault.kind === 'nats' || fault.kind === 'postgres') await Promise.all(restarts.splice(0));
    const from = performance.now();
    const mended = act(system, fault);
    const noted = mended.then(() => {
      const to = performance.now();
      done.push({ fault, from, to });
      say(`${((from - began) / 1000).toFixed(1).padStart(5)} s  ${told(fault)}, over after ${((to - from) / 1000).toFixed(1)} s`);
    });
    if (fault.kind === 'kill' || fault.kind === 'stop') {
      restarts.push(noted);
      coming.set(victim(fault), noted);
    } else await noted;
  }
  await Promise.all(restarts);
  return done;
}

const victim = (fault: Fault) => ('service' in fault ? `${fault.service} ${fault.replica}` : fault.kind);
const told = ({ at: _, ...fault }: Fault) => Object.values(fault).join(' ');

const ACTS: { [K in Fault['kind']]: (system: System, fault: Extract<Fault, { kind: K }>) => Promise<void> } = {
  kill: (system, fault) => replicaOf(system, fault).restart(),
  stop: async (system, fault) => {
    const replica = replicaOf(system, fault);
    await replica.stop();
    await replica.start();
  },
  freeze: async (system, fault) => {
    const replica = replicaOf(system, fault);
    replica.pause();
    await pause(fault.seconds * 1000);
    replica.resume();
  },
  nats: async ({ servers }, { seconds }) => {
    await servers.nats.child!.kill();
    await pause(seconds * 1000);
    await servers.nats.child!.start();
  },
  'redis-flush': async ({ servers }) => {
    const answer = await greet(Number(new URL(servers.redis.url).port), 'FLUSHALL\r\n');
    if (!answer.startsWith('+OK')) throw new Error(`Redis would not be emptied: ${answer}`);
  },
  'redis-kill': ({ servers }) => servers.redis.child!.restart(),
  postgres: ({ servers }) => servers.postgres.child!.restart(),
};

const act = (system: System, fault: Fault) => (ACTS[fault.kind] as (system: System, fault: Fault) => Promise<void>)(system, fault);

function replicaOf(system: System, { service, replica }: { service: string; replica: number }): SystemProcess {
  const found = system.processes.find((process) => process.service === service && process.replica === replica);
  if (!found) throw new Error(`there is no ${service} ${replica}`);
  return found;
}
