import { setTimeout as pause } from 'node:timers/promises';
import type { Brand } from '../faults/brands.js';
import { letterOf } from '../faults/texts.js';
import { until } from '../launcher/waiting.js';
import { openPoster, requestOf } from './post.js';
import type { AgentWindow } from './window.js';

const CONVERSATIONS = 200;
const CONNECTIONS = 64;
/** Messages that may be under way between customer and agent. */
const UNDER_WAY = 256;

/** Latencies in milliseconds. */
export interface Latencies {
  p50: number;
  p95: number;
  p99: number;
}

/** Signed deliveries that are ready before the clock starts. */
export function prepare(brand: Brand, gatewayUrl: string, count: number, name: string): { token: string; request: Buffer }[] {
  return Array.from({ length: count }, (_, nth) => {
    const token = `${name}-${nth}`;
    const from = `+1206555${1000 + (nth % CONVERSATIONS)}`;
    return { token, request: requestOf(gatewayUrl, letterOf(brand, from, `Where is my parcel? It was to come on Monday. #${token}`)) };
  });
}

/** (b) As many as the system takes: each slot sends its next message when the last one is visible. Resolves to what was visible per second after the warm-up, and to what never came. */
export async function measureSustained(brand: Brand, window: AgentWindow, gatewayUrl: string, { seconds, warmUpSeconds, most }: { seconds: number; warmUpSeconds: number; most: number }): Promise<{ perSecond: number; sent: number; lost: number; refused: number; startsAt: number; endsAt: number }> {
  const letters = prepare(brand, gatewayUrl, most, 'b');
  const poster = await openPoster(gatewayUrl, CONNECTIONS);
  const missing = new Set<string>();
  const startsAt = performance.now() + warmUpSeconds * 1000;
  const endsAt = startsAt + seconds * 1000;
  let [next, counted, refused] = [0, 0, 0];
  const send = () => {
    const letter = letters[next++];
    if (!letter || performance.now() > endsAt) return;
    missing.add(letter.token);
    void poster.post(letter.request).then((status) => {
      if (status < 300) return;
      refused++;
      missing.delete(letter.token);
      send();
    });
  };
  window.onMessage = (token, at) => {
    if (!missing.delete(token)) return;
    if (at >= startsAt && at < endsAt) counted++;
    send();
  };
  for (let slot = 0; slot < UNDER_WAY; slot++) send();
  await until(() => performance.now() > endsAt && missing.size === 0, 'not every message became visible', (warmUpSeconds + seconds + 20) * 1000).catch(() => {});
  poster.close();
  if (next >= letters.length) throw new Error(`more than ${most} messages: prepare more`);
  return { perSecond: counted / seconds, sent: next, lost: missing.size, refused, startsAt, endsAt };
}

/** (c) So many a second whatever comes back, from the moment each was to be sent until it is acknowledged, and until it is visible. */
export async function measureLatency(brand: Brand, window: AgentWindow, gatewayUrl: string, { perSecond, seconds, warmUpSeconds }: { perSecond: number; seconds: number; warmUpSeconds: number }): Promise<Latencies & { perSecond: number; sent: number; lost: number; ackP50: number; ackP99: number }> {
  const letters = prepare(brand, gatewayUrl, perSecond * (seconds + warmUpSeconds), `c${perSecond > 99 ? 'b' : 'a'}`);
  const poster = await openPoster(gatewayUrl, CONNECTIONS);
  const began = performance.now() + 100;
  const intended = new Map(letters.map(({ token }, nth) => [token, began + (nth * 1000) / perSecond]));
  const warm = began + warmUpSeconds * 1000;
  const [took, answered]: [number[], number[]] = [[], []];
  const post = async (request: Buffer, from: number) => {
    await poster.post(request);
    if (from >= warm) answered.push(performance.now() - from);
  };
  window.onMessage = (token, at) => {
    const from = intended.get(token);
    if (from === undefined) return;
    intended.delete(token);
    if (from >= warm) took.push(at - from);
  };
  for (let next = 0; next < letters.length; ) {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1000);
    for (; next <= due && next < letters.length; next++) void post(letters[next]!.request, began + (next * 1000) / perSecond);
    await pause(1);
  }
  await until(() => intended.size === 0, 'not every message became visible', 20_000).catch(() => {});
  poster.close();
  const { p50: ackP50, p99: ackP99 } = percentiles(answered);
  return { perSecond, sent: letters.length, lost: intended.size, ackP50, ackP99, ...percentiles(took) };
}

/** By nearest rank, rounded to a tenth of a millisecond. */
export function percentiles(values: number[]): Latencies {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
