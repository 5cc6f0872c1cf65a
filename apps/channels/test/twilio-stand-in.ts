import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Call = { method: string; path: string; authorization: string | undefined; fields: Record<string, string> };
type Answer = { status: number; body: unknown; headers?: Record<string, string> } | 'hang up';

/** Stands for Twilio's REST API: keeps what it was asked, answers as told, hangs up where told. */
export class TwilioStandIn {
  readonly calls: Call[] = [];
  readonly listed: Record<string, unknown>[] = [];
  listingStatus = 200;
  /** For the calls to come, first to last; afterwards everything is accepted. */
  readonly answers: Answer[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));
  private count = 0;

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get sent(): Call[] {
    return this.calls.filter(({ method }) => method === 'POST');
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(request.url!, 'http://twilio');
    const fields = Object.fromEntries(new URLSearchParams(request.method === 'POST' ? Buffer.concat(chunks).toString() : url.search));
    this.calls.push({ method: request.method!, path: url.pathname, authorization: request.headers.authorization, fields });
    const told = request.method === 'POST' ? this.answers.shift() : undefined;
    if (told === 'hang up') return void request.socket.destroy();
    const { status, body, headers } = told ?? (request.method === 'GET' ? { status: this.listingStatus, body: { messages: [...this.listed].reverse() }, headers: {} } : this.accepted(fields));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  private accepted(fields: Record<string, string>) {
    return { status: 201, headers: {}, body: { sid: `SM${String(++this.count).padStart(32, '0')}`, status: 'queued', body: fields.Body } };
  }
}
