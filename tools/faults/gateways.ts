import { Pool, type Dispatcher } from 'undici';
import type { Outcome } from './history.js';
import { patienceMs } from './patience.js';

/** The doors of several gateways, as a balancer sees them. */
export interface Gateways {
  urls: string[];
  /** Sends to the nth gateway (counted round) and tells the status, or 0 when there is none; what is given up after so long has an unknown outcome. */
  send(nth: number, request: { method: Dispatcher.HttpMethod; path: string; headers: Record<string, string>; body?: string }, givenUpMs?: number): Promise<{ status: number; outcome: Outcome; body: string }>;
  close(): Promise<void>;
}

/** Keeps connections open to each gateway, and tells what is known of a request that failed. */
export function gatewaysAt(urls: string[], connections = 48): Gateways {
  const pools = urls.map((url) => new Pool(url, { connections, connect: { timeout: patienceMs(0) } }));
  return {
    urls,
    async send(nth, request, givenUpMs = patienceMs(0)) {
      try {
        const answer = await pools[nth % pools.length]!.request({ ...request, headersTimeout: givenUpMs, bodyTimeout: givenUpMs });
        const body = await answer.body.text();
        return { status: answer.statusCode, outcome: outcomeOf(answer.statusCode), body };
      } catch (error) {
        return { status: 0, outcome: neverSent(error) ? 'fail' : 'unknown', body: String(error) };
      }
    },
    close: async () => {
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

/** A refusal is certain; behind a server error it may have happened all the same. */
const outcomeOf = (status: number): Outcome => (status < 300 ? 'ok' : status < 500 ? 'fail' : 'unknown');

const neverSent = (error: unknown) => ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT'].includes((error as { code?: string }).code ?? '');
