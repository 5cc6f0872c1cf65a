import { Agent, request } from 'undici';
import { Egress, ForbiddenTarget, type Resolve } from './egress.js';

export { ForbiddenTarget } from './egress.js';
export type HttpRequest = { method: string; url: string; headers?: Record<string, string>; body?: string | Uint8Array; timeoutMs?: number; maxBytes?: number };
export type HttpAnswer = { status: number; headers: Record<string, string>; body: Buffer };

/** Of all headers of an answer together. */
const MOST_HEADER_BYTES = 16 * 1024;

/** There is more than was asked for. Asking again gives the same. */
export class AnswerTooLarge extends Error {}

/**
 * The one way out to other people’s servers (security.md 8): only https to public addresses, looked at when the connection
 * is made, so that a name cannot change its mind; no redirects; bounded in time and size. `allowCidrs` names internal
 * targets that are meant, by http too.
 */
export class SafeHttp {
  /** For other protocols than HTTP: SMTP, IMAP. */
  readonly egress: Egress;
  private readonly agents: Record<'https:' | 'http:', Agent>;

  /** @param allowCidrs such as `10.0.0.0/8`; empty strings are passed over */
  constructor(allowCidrs: string[], resolve?: Resolve) {
    this.egress = new Egress(allowCidrs, resolve);
    const agent = (judge: (address: string) => boolean) => new Agent({ connect: { lookup: this.egress.lookup(judge) }, connections: 32, pipelining: 1, maxHeaderSize: MOST_HEADER_BYTES });
    this.agents = { 'https:': agent((address) => this.egress.mayConnect(address)), 'http:': agent((address) => this.egress.isAllowed(address)) };
  }

  /**
   * Sends and reads the whole answer; any status is an answer. `timeoutMs` is for all of it, however slowly it comes.
   * @throws ForbiddenTarget; else whatever the network does. Without an answer it is unknown whether the other side acted.
   */
  async send({ method, url, headers, body, timeoutMs = 5000, maxBytes = 2 * 1024 * 1024 }: HttpRequest): Promise<HttpAnswer> {
    const target = new URL(url);
    this.check(target);
    const dispatcher = this.agents[target.protocol as 'https:' | 'http:'];
    const answer = await request(target, { method: method as 'GET', headers: headers ?? null, body: body ?? null, dispatcher, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs) });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      if ((bytes += chunk.length) > maxBytes) throw new AnswerTooLarge(`answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return { status: answer.statusCode, headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])), body: Buffer.concat(chunks) };
  }

  /** May this address be used at all? Names are looked at again when connecting. @throws ForbiddenTarget */
  check(url: URL) {
    if (url.username || url.password) throw new ForbiddenTarget('An address with user and password is refused');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isLiteral = /^[\d.]+$/.test(host) || host.includes(':');
    if (isLiteral && !this.mayConnect(host)) throw new ForbiddenTarget('A private address is refused');
    const mayBePlain = isLiteral ? this.egress.isAllowed(host) : this.egress.allowsAny;
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain)) throw new ForbiddenTarget('Only https is allowed');
  }

  /** Is this address public, or explicitly allowed? */
  mayConnect(address: string): boolean {
    return this.egress.mayConnect(address);
  }

  async close() {
    await Promise.all(Object.values(this.agents).map((agent) => agent.close()));
  }
}
