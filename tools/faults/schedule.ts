import { SERVICES, type ServiceName } from '../launcher/databases.js';
import { randomOf } from './random.js';

/** What goes wrong: `at` seconds into the run, for `seconds` where it lasts. Written as JSON, so that a run can be had again. */
export type Fault =
  | { at: number; kind: 'kill'; service: ServiceName; replica: number }
  | { at: number; kind: 'stop'; service: ServiceName; replica: number }
  | { at: number; kind: 'freeze'; service: ServiceName; replica: number; seconds: number }
  | { at: number; kind: 'nats'; seconds: number }
  | { at: number; kind: 'redis-flush' }
  | { at: number; kind: 'redis-kill' }
  | { at: number; kind: 'postgres' };
type Wrong = { [K in Fault['kind']]: Omit<Extract<Fault, { kind: K }>, 'at'> }[Fault['kind']];

/** A run, as far as chance decides it. */
export interface Schedule {
  seed: number;
  seconds: number;
  faults: Fault[];
}

/** What every schedule has, as far as there is room: each service killed once, everything else at least once. The rest is drawn. */
const FIRST: readonly Fault['kind'][] = ['kill', 'nats', 'postgres', 'kill', 'freeze', 'kill', 'redis-flush', 'kill', 'redis-kill', 'kill', 'stop', 'nats', 'freeze'];
const LATER: readonly Fault['kind'][] = ['kill', 'kill', 'kill', 'freeze', 'freeze', 'stop', 'nats', 'redis-flush', 'redis-kill', 'postgres'];

/** So many faults, spread over the run with a little room before and after. */
export function drawSchedule(seed: number, seconds: number, count: number): Schedule {
  const random = randomOf(seed);
  const kinds = random.shuffle([...FIRST.slice(0, count), ...Array.from({ length: Math.max(0, count - FIRST.length) }, () => random.pick(LATER))]);
  const victims = Array.from({ length: Math.ceil(count / SERVICES.length) }, () => random.shuffle(SERVICES)).flat();
  const room = (seconds * 0.85) / count;
  const faults = kinds.map((kind, place): Fault => {
    const at = Math.round((seconds * 0.07 + (place + random.next() * 0.5) * room) * 10) / 10;
    const who = () => ({ service: victims.shift() ?? random.pick(SERVICES), replica: random.between(0, 1) });
    const wrong: { [K in Fault['kind']]: () => Wrong } = {
      kill: () => ({ kind: 'kill', ...who() }),
      stop: () => ({ kind: 'stop', service: random.pick(SERVICES), replica: random.between(0, 1) }),
      freeze: () => ({ kind: 'freeze', service: random.pick(SERVICES), replica: random.between(0, 1), seconds: random.between(3, 7) }),
      nats: () => ({ kind: 'nats', seconds: random.between(2, 5) }),
      'redis-flush': () => ({ kind: 'redis-flush' }),
      'redis-kill': () => ({ kind: 'redis-kill' }),
      postgres: () => ({ kind: 'postgres' }),
    };
    return { at, ...wrong[kind]() } as Fault;
  });
  return { seed, seconds, faults };
}
