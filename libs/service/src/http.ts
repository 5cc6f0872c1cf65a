import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, request } from 'undici';

export type HttpRequest = { method: string; url: string; headers?: Record<string, string>; body?: string | Uint8Array; timeoutMs?: number; maxBytes?: number };
export type HttpAnswer = { status: number; headers: Record<string, string>; body: Buffer };

/** The target may not be reached: a private address, another scheme, user and password in the address. Never worth a second try. */
export class ForbiddenTarget extends Error {}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * The one way out to other people’s servers (security.md 8): only https to public addresses, looked at when the connection
 * is made, so that a name cannot change its mind; no redirects; bounded in time and size. `allowCidrs` names internal
 * targets that are meant, by http too.
 */
export class SafeHttp {
  private readonly allowed: Range[];
  private readonly agent: Agent;

  /** @param allowCidrs such as `10.0.0.0/8`; empty strings are passed over */
  constructor(allowCidrs: string[]) {
    this.allowed = allowCidrs.map((cidr) => cidr.trim()).filter(Boolean).map((cidr) => ipaddr.parseCIDR(cidr));
    this.agent = new Agent({ connect: { lookup: this.lookup }, connections: 32, pipelining: 1 });
  }

  /**
   * Sends and reads the whole answer; any status is an answer.
   * @throws ForbiddenTarget; else whatever the network does. Without an answer it is unknown whether the other side acted.
   */
  async send({ method, url, headers, body, timeoutMs = 5000, maxBytes = 2 * 1024 * 1024 }: HttpRequest): Promise<HttpAnswer> {
    this.check(new URL(url));
    const answer = await request(url, { method: method as 'GET', headers: headers ?? null, body: body ?? null, dispatcher: this.agent, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs) });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      if ((bytes += chunk.length) > maxBytes) throw new Error(`answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return { status: answer.statusCode, headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])), body: Buffer.concat(chunks) };
  }

  /** May this address be used at all? Names are looked at again when connecting. @throws ForbiddenTarget */
  check(url: URL) {
    if (url.username || url.password) throw new ForbiddenTarget('An address with user and password is refused');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const literal = ipaddr.isValid(host);
    if (literal && !this.mayConnect(host)) throw new ForbiddenTarget('A private address is refused');
    if (url.protocol === 'https:') return;
    if (url.protocol !== 'http:' || !this.allowed.length) throw new ForbiddenTarget('Only https is allowed');
  }

  /** Is this address public, or explicitly allowed? Mapped and translated IPv4 addresses are judged by what they stand for. */
  mayConnect(address: string): boolean {
    const ip = ipaddr.process(address);
    if (this.allowed.some(([range, bits]) => ip.kind() === range.kind() && ip.match(range as never, bits))) return true;
    return ip.range() === 'unicast';
  }

  async close() {
    await this.agent.close();
  }

  private readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      if (addresses.some(({ address }) => !this.mayConnect(address))) return callback(new ForbiddenTarget('The name leads to a private address'), '', 0);
      if (options.all) return callback(null, addresses as never);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}
