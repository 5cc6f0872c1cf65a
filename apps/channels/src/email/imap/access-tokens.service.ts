import { Injectable } from '@nestjs/common';
import { SafeHttp } from '@parley/service/http';
import type { ImapCredentials } from './imap.rules.js';

type Renewable = Extract<ImapCredentials['auth'], { refreshToken: string }>;
type Login = { pass: string } | { accessToken: string };
/** A token is renewed this long before it dies. */
const MARGIN_MS = 60_000;

/** How a mailbox lets us in: by password, or by an OAuth 2 token (XOAUTH2), which is renewed in time and kept in memory. */
@Injectable()
export class AccessTokensService {
  private readonly known = new Map<string, { accessToken: string; until: number }>();

  constructor(private readonly http: SafeHttp) {}

  /** @throws an error with `authenticationFailed` where the provider no longer renews; else what the network throws */
  async login(auth: ImapCredentials['auth']): Promise<Login> {
    if ('password' in auth) return { pass: auth.password };
    return { accessToken: 'accessToken' in auth ? auth.accessToken : await this.token(auth) };
  }

  /** The mailbox refused it: the next one is asked for anew. */
  forget(auth: ImapCredentials['auth']) {
    if ('refreshToken' in auth) this.known.delete(auth.refreshToken);
  }

  private async token(auth: Renewable): Promise<string> {
    const known = this.known.get(auth.refreshToken);
    if (known && known.until > performance.now()) return known.accessToken;
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: auth.refreshToken, client_id: auth.clientId, ...(auth.clientSecret && { client_secret: auth.clientSecret }) });
    const answer = await this.http.send({ method: 'POST', url: auth.tokenUrl, headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }, body: body.toString() });
    const told = jsonOf(answer.body);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`the token server answers ${answer.status}`);
    if (typeof told.access_token !== 'string') throw Object.assign(new Error(`The access was not renewed: ${String(told.error ?? answer.status)}`), { authenticationFailed: true });
    const seconds = typeof told.expires_in === 'number' ? told.expires_in : 300;
    this.known.set(auth.refreshToken, { accessToken: told.access_token, until: performance.now() + seconds * 1000 - MARGIN_MS });
    return told.access_token;
  }
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
