import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { patienceMs } from './patience.js';

/** A numbered stream over a WebSocket, and how to open it. */
export interface LinePlan<T> {
  /** Of the gateways; after a break the next one is tried. */
  urls: string[];
  /** Path and query that resume after a number. */
  path(after: number): Promise<string>;
  /** The number of a frame; undefined for those that have none. */
  number(frame: T): number | undefined;
  heard?(frame: T): void;
  /** A line that was silent for so long is taken for dead; after some that brought nothing, later. */
  silenceMs: number;
}

/** What a reader got whose connection may break at any time: it resumes after the last number and notes what does not fit. */
export interface Line<T> {
  readonly position: number;
  /** Numbers that came twice, and numbers that were left out. */
  readonly doubled: number;
  readonly missing: number;
  readonly breaks: number;
  /** False while there is no connection. */
  say(frame: unknown): boolean;
  /** Hangs up and resumes elsewhere. */
  drop(): void;
  frames: T[];
  close(): Promise<void>;
}

/** Keeps a line open until it is closed. */
export function keepLine<T>(plan: LinePlan<T>, keep: boolean): Line<T> {
  const state = { position: 0, doubled: 0, missing: 0, breaks: 0, frames: [] as T[] };
  let socket: WebSocket | undefined;
  let closed = false;
  /** Connections in a row that brought nothing. */
  let fruitless = 0;

  function take(frame: T) {
    const number = plan.number(frame);
    if (number !== undefined) {
      if (number <= state.position) state.doubled++;
      else state.missing += number - state.position - 1;
      state.position = Math.max(state.position, number);
      if (keep) state.frames.push(frame);
    }
    plan.heard?.(frame);
  }

  async function connection(nth: number): Promise<void> {
    const url = new URL(await plan.path(state.position), plan.urls[nth % plan.urls.length]?.replace(/^http/, 'ws'));
    const own = new WebSocket(url, { handshakeTimeout: patienceMs(fruitless) });
    const silenceMs = Math.max(plan.silenceMs, patienceMs(fruitless));
    fruitless++;
    let silence = setTimeout(() => own.terminate(), silenceMs);
    await new Promise<void>((ended) => {
      own.on('open', () => (socket = own));
      own.on('message', (data: Buffer) => {
        // What still arrives after we hung up is not heard: it will be sent again.
        if (own.readyState !== WebSocket.OPEN) return;
        clearTimeout(silence);
        silence = setTimeout(() => own.terminate(), silenceMs);
        fruitless = 0;
        take(JSON.parse(data.toString()) as T);
      });
      own.on('error', () => {});
      own.on('close', () => ended());
    });
    clearTimeout(silence);
    socket = undefined;
  }

  const run = (async () => {
    for (let nth = 0; !closed; nth++) {
      await connection(nth).catch(() => {});
      if (closed) break;
      state.breaks++;
      await pause(150);
    }
  })();

  return Object.assign(state, {
    say: (frame: unknown) => {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    drop: () => socket?.terminate(),
    close: async () => {
      closed = true;
      socket?.terminate();
      await run;
    },
  });
}
