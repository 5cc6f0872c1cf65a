import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request with its body read. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}
/** What to answer, bytes as they are; `cut` closes the connection instead. */
export type Answer = { status: number; body: unknown; html?: boolean; headers?: Record<string, string> } | 'cut' | 'never';

/** Listens on a loopback port (0: any free one) and answers by one function; JSON unless told otherwise. */
export async function serve(port: number, host: string, answer: (asked: Asked) => Promise<Answer> | Answer): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void respond(request, response, answer).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: (asked: Asked) => Promise<Answer> | Answer): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://stand-in');
  const body = await text(request);
  const given = await answer({ method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, headers: request.headers, body });
  if (given === 'never') return;
  if (given === 'cut') return void response.destroy();
  const type = given.html ? 'text/html; charset=utf-8' : 'application/json';
  response.writeHead(given.status, { 'content-type': type, 'cache-control': 'no-store', ...given.headers });
  response.end(given.html || Buffer.isBuffer(given.body) ? given.body : JSON.stringify(given.body));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
