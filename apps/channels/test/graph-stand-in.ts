import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type GraphCall = { method: string; path: string; token: string | undefined; json: Record<string, unknown> };
type Answer = { status: number; body: unknown } | 'hang up';

/** Stands for Meta's Graph API: keeps what it was asked, takes every message, answers as told, hangs up where told. */
export class GraphStandIn {
  readonly calls: GraphCall[] = [];
  /** For the messages to come, first to last; afterwards everything is accepted. */
  readonly answers: Answer[] = [];
  /** What lies under an id of media; its address wants the token. */
  readonly media = new Map<string, Buffer>();
  /** The SHA-256 that it says its media have; null: it says none. */
  announced: string | null = null;
  templates: object[] = [];
  /** Instagram's profiles by id. */
  readonly names = new Map<string, { name?: string; username?: string }>();
  /** The token is no longer good for media. */
  dead = false;
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private count = 0;
  url = '';

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return (this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  /** Messages that were asked for. */
  get sent() {
    return this.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages')).map(({ json }) => json);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { pathname: path, searchParams: query } = new URL(request.url!, 'http://graph');
    const json = request.headers['content-type'] === 'application/json' ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {};
    this.calls.push({ method: request.method!, path, token: request.headers.authorization, json });
    if (path.startsWith('/bytes/')) return void response.writeHead(request.headers.authorization ? 200 : 401).end(this.media.get(path.split('/').at(-1)!));
    const given = query.has('fields') ? { status: 200, body: this.names.get(path.split('/').at(-1)!) ?? {} } : this.answerTo(request.method!, path);
    if (given === 'hang up') return void request.socket.destroy();
    response.writeHead(given.status, { 'content-type': 'application/json' }).end(JSON.stringify(given.body));
  }

  private answerTo(method: string, path: string): Answer {
    const id = path.split('/').at(-1)!;
    if (path.endsWith('/messages') && method === 'POST') return this.answers.shift() ?? { status: 200, body: path.includes('/me/') ? { message_id: `mid-${++this.count}` } : { messages: [{ id: `wamid.${++this.count}` }] } };
    if (path.endsWith('/message_templates')) return this.answers.shift() ?? { status: 200, body: { data: this.templates } };
    if (this.dead && method === 'GET') return graphRefusal(190, 'Session has expired');
    if (this.media.has(id)) return { status: 200, body: { url: `${this.url}/bytes/${id}`, mime_type: 'image/png', id, ...(this.announced && { sha256: this.announced }) } };
    return { status: 400, body: { error: { code: 100, message: 'Unsupported get request' } } };
  }
}

/** A refusal of the Graph API. */
export const graphRefusal = (code: number, message: string): Answer => ({ status: code === 190 ? 401 : 400, body: { error: { message, type: 'OAuthException', code } } });
