import { ContractError } from '@parley/contracts/errors';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { problemOf } from '../api/problem.rules.js';
import { ourFault, refusalOf } from '../api/refusals.js';

/** Our own close codes, beside those of RFC 6455. */
export const CLOSE = { resync: [4000, 'resync'], signed_out: [4001, 'signed out'], going_away: [1001, 'going away'], unavailable: [1013, 'try again later'], flood: [1008, 'too much at once'] } as const;

const FRAME_BYTES = 64 * 1024;
const BACKLOG_BYTES = 4 * 1024 * 1024;
const PING_MS = 10_000;

/** One open WebSocket, as its owner sees it. */
export type Line = { send(texts: string[]): Promise<void>; full(): boolean; end(why: keyof typeof CLOSE): void; onText(hear: (text: string) => void): void; onEnd(then: () => void): void };
/** Whoever takes the connections of a path. `admit` decides before the socket opens: what it throws is answered as an HTTP refusal. */
export type Door = { admit(request: IncomingMessage, query: URLSearchParams): Promise<(line: Line) => void> };

/** The WebSocket side of the HTTP server: opening, size limits, heartbeats, closing. */
export class Sockets {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES, perMessageDeflate: false, clientTracking: true });
  private readonly heartbeat = setInterval(() => this.ping(), PING_MS).unref();
  private readonly silent = new WeakSet<WebSocket>();

  constructor(private readonly doors: Record<string, Door>) {}

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://gateway');
    try {
      const door = this.doors[url.pathname];
      if (!door) throw new ContractError('NOT_FOUND', 'There is no such path');
      const welcome = await door.admit(request, url.searchParams);
      this.server.handleUpgrade(request, socket, head, (opened) => welcome(this.lineOf(opened)));
    } catch (error) {
      refuse(socket, error);
    }
  }

  /** Gives everybody a moment to hear why, then hangs up. */
  async close() {
    clearInterval(this.heartbeat);
    const open = [...this.server.clients];
    for (const socket of open) hangUp(socket, 'going_away');
    await Promise.race([Promise.all(open.map((socket) => new Promise((gone) => (socket.readyState === WebSocket.CLOSED ? gone(null) : socket.once('close', gone))))), new Promise((late) => setTimeout(late, 500))]);
    for (const socket of this.server.clients) socket.terminate();
  }

  private lineOf(socket: WebSocket): Line {
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => this.silent.delete(socket));
    return {
      send: (texts) => sendAll(socket, texts),
      full: () => socket.bufferedAmount > BACKLOG_BYTES,
      end: (why) => hangUp(socket, why),
      onText: (hear) => socket.on('message', (data, binary) => (binary ? socket.close(1003, 'text only') : hear(String(data)))),
      onEnd: (then) => void socket.once('close', then),
    };
  }

  /** A line that did not answer the last ping is dead. */
  private ping() {
    for (const socket of this.server.clients) {
      if (this.silent.has(socket)) socket.terminate();
      this.silent.add(socket);
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }
  }
}

const hangUp = (socket: WebSocket, why: keyof typeof CLOSE) => {
  const [code, reason] = CLOSE[why];
  socket.close(code, reason);
};

const sendAll = (socket: WebSocket, texts: string[]) =>
  new Promise<void>((taken) => {
    if (socket.readyState !== WebSocket.OPEN || !texts.length) return taken();
    texts.forEach((text, i) => socket.send(text, i === texts.length - 1 ? () => taken() : undefined));
  });

function refuse(socket: Duplex, error: unknown) {
  const { status, headers, body } = problemOf(refusalOf(error) ?? ourFault(), randomBytes(16).toString('hex'));
  const text = JSON.stringify(body);
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(text)) }).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
