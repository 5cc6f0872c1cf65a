import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = { method: string; path: string; authorization: string | undefined };
type Given = { status: number; headers?: Record<string, string>; body?: Buffer } | 'hang up' | 'never';

/** Stands for a place where providers keep files: answers as told, path by path, the last answer for ever; 404 where nothing was told. */
export class MediaHost {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, Given[]>();
  private readonly open = new Set<ServerResponse>();
  private readonly server = createServer((request, response) => {
    const path = request.url!;
    this.asked.push({ method: request.method!, path, authorization: request.headers.authorization });
    const told = this.answers.get(path) ?? [];
    const given = (told.length > 1 ? told.shift() : told[0]) ?? { status: 404 };
    if (given === 'hang up') return void request.socket.destroy();
    if (given === 'never') return void this.open.add(response);
    response.writeHead(given.status, given.headers).end(given.body);
  });
  url = '';

  async start() {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** What is answered there; the address. */
  put(path: string, ...given: Given[]): string {
    this.answers.set(path, given);
    return this.url + path;
  }

  askedFor(path: string): Asked[] {
    return this.asked.filter((one) => one.path === path);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
