import type { Envelope } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { setTimeout as pause } from 'node:timers/promises';
import type { Brand } from './brands.js';
import { keepLine, type Line } from './line.js';
import { patienceMs } from './patience.js';

/** What one reader of an account’s feed has got, in the order in which it came. */
export interface Reader {
  name: string;
  account: string;
  ids: string[];
  position: number;
  missing: number;
  doubled: number;
  close(): Promise<void>;
}

/** The agents’ WebSocket, resumed after every break (NTF-4). */
export function liveReader(brand: Brand, urls: string[], heard: (envelope: Envelope) => void): Reader {
  const line: Line<Envelope> = keepLine<Envelope>(
    {
      urls,
      path: async (after) => `/v1/live?token=${await brand.token()}&after=${after}`,
      number: ({ sequence }) => sequence ?? undefined,
      heard,
      silenceMs: 3000,
    },
    true,
  );
  return {
    name: 'live socket', account: brand.account, close: line.close,
    get ids() { return line.frames.map(({ id }) => id); },
    get position() { return line.position; },
    get missing() { return line.missing; },
    get doubled() { return line.doubled; },
  };
}

const EVERY_MS = 400;

/** GET /v1/feed?after=, page by page, at whichever gateway answers. */
export function feedReader(brand: Brand): Reader {
  const reader = { name: 'feed', account: brand.account, ids: [] as string[], position: 0, missing: 0, doubled: 0 };
  let closed = false;
  const run = (async () => {
    for (let [nth, failed] = [0, 0]; !closed; nth++) {
      const page = await brand.ask(nth)(feed.read, { after: reader.position, limit: 500 }, { signal: AbortSignal.timeout(patienceMs(failed)) }).catch(() => undefined);
      failed = page ? 0 : failed + 1;
      for (const { sequence, id } of page?.items ?? []) {
        if (sequence! <= reader.position) reader.doubled++;
        else reader.missing += sequence! - reader.position - 1;
        reader.position = Math.max(reader.position, sequence!);
        reader.ids.push(id);
      }
      if (page?.items.length !== 500) await pause(EVERY_MS);
    }
  })();
  const close = () => {
    closed = true;
    return run;
  };
  return Object.assign(reader, { close });
}
