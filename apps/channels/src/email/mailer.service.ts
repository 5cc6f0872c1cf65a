import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SafeHttp } from '@parley/service/http';
import { ENV } from '@parley/service/service';
import { createTransport, type Transporter } from 'nodemailer';
import type { ChannelsEnv } from '../channels.config.js';
import type { Composed } from './composing.rules.js';

/** Signs what leaves (RFC 6376). */
export type Dkim = { domain: string; selector: string; privateKey: string };
type Pool = { transporter: Transporter; until: number };
/** A pool is made anew after a while, so that a changed name is noticed. */
const POOL_MS = 300_000;
const POOLS = 50;

/** Connections to outgoing mail servers, a small pool for each. */
@Injectable()
export class MailerService implements OnApplicationShutdown {
  private readonly pools = new Map<string, Promise<Pool>>();

  constructor(
    @Inject(ENV) private readonly env: ChannelsEnv,
    private readonly http: SafeHttp,
  ) {}

  /** Hands the mail to the channel's server, or to the installation's; answers what the server said. @throws what the connection or the server refused */
  async send(url: string | undefined, mail: Composed, dkim?: Dkim): Promise<string> {
    const { transporter } = await this.pool(url);
    const { response } = (await transporter.sendMail({ ...mail, ...(dkim && { dkim: { domainName: dkim.domain, keySelector: dkim.selector, privateKey: dkim.privateKey } }) })) as { response: string };
    return response;
  }

  async onApplicationShutdown() {
    for (const pool of this.pools.values()) (await pool.catch(() => null))?.transporter.close();
  }

  private async pool(own: string | undefined): Promise<Pool> {
    const url = own ?? this.env.PARLEY_OUTBOUND_SMTP_URL;
    const known = await this.pools.get(url)?.catch(() => null);
    if (known && known.until > performance.now()) return known;
    known?.transporter.close();
    const fresh = this.open(url, own !== undefined);
    this.pools.set(url, fresh);
    fresh.catch(() => this.pools.delete(url));
    if (this.pools.size > POOLS) this.forgetOldest();
    return fresh;
  }

  private forgetOldest() {
    const [[url, pool]] = [...this.pools] as [[string, Promise<Pool>]];
    this.pools.delete(url);
    pool.then(({ transporter }) => transporter.close(), () => undefined);
  }

  /** A server that an account names must be public like any other target, and is reached at the very address that was looked at (security.md 8). */
  private async open(url: string, ofAccount: boolean): Promise<Pool> {
    const { protocol, hostname, port, username, password } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const secure = protocol === 'smtps:';
    const address = ofAccount ? (await this.http.egress.address(host)).address : host;
    const transporter = createTransport({
      pool: true, maxConnections: 4, maxMessages: 100, maxRequeues: 0,
      host: address, port: Number(port) || (secure ? 465 : 25), secure, tls: { servername: host },
      ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
      connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 15_000,
    } as object);
    return { transporter, until: performance.now() + POOL_MS };
  }
}
