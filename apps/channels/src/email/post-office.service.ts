import { Inject, Injectable } from '@nestjs/common';
import { ENV } from '@parley/service/service';
import type { ConnectedChannel } from '../adapter.js';
import type { ChannelsEnv } from '../channels.config.js';
import { ChannelsService } from '../channel/channels.service.js';
import { canonical, tokenIn } from './address.rules.js';
import { MailboxService } from './mailbox.service.js';
import { type Allowance, SMTP_LIMITS, spend } from './smtp-limits.rules.js';
import { ThreadsService } from './threads.service.js';

/** What a sender is told instead of 250; 4xx: they come again, 5xx: they give up. */
export class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

export type Handover = { host: string; sender: string; recipients: readonly string[]; raw: Buffer };

/** Whom we take mail for, from whom, how much, and into which mailbox. */
@Injectable()
export class PostOfficeService {
  readonly limits = { size: SMTP_LIMITS.mailBytes, maxClients: SMTP_LIMITS.connections };
  private readonly connected = new Map<string, number>();
  private readonly allowances = new Map<string, Allowance>();

  constructor(
    @Inject(ENV) private readonly env: ChannelsEnv,
    private readonly channels: ChannelsService,
    private readonly threads: ThreadsService,
    private readonly mailbox: MailboxService,
  ) {}

  welcome(host: string) {
    const open = (this.connected.get(host) ?? 0) + 1;
    this.connected.set(host, open);
    if (open > SMTP_LIMITS.connectionsPerHost) throw new Refusal(421, 'Too many connections from your address');
  }

  goodbye(host: string) {
    const open = (this.connected.get(host) ?? 1) - 1;
    if (open > 0) this.connected.set(host, open);
    else this.connected.delete(host);
  }

  /** Refuses unknown recipients at once, so that we never send a bounce to a forged sender. */
  async recipient(address: string, before: number) {
    if (before >= SMTP_LIMITS.recipients) throw new Refusal(452, 'Too many recipients');
    if (!(await this.channelOf(address))) throw new Refusal(550, 'No such mailbox here');
  }

  /** Kept durably for each mailbox when this resolves. A sender who is told 451 after half of it sends again, and finds the half a duplicate. */
  async take({ host, sender, recipients, raw }: Handover) {
    this.slowDown(host);
    const mailboxes = new Map<string, { channel: ConnectedChannel; recipient: string }>();
    for (const recipient of recipients) {
      const channel = await this.channelOf(recipient);
      // Two recipients of one mailbox are one mail; an address that carries a token tells more.
      if (channel && (!mailboxes.has(channel.id) || tokenIn(recipient))) mailboxes.set(channel.id, { channel, recipient });
    }
    if (mailboxes.size === 0) throw new Refusal(550, 'No such mailbox here');
    for (const { channel, recipient } of mailboxes.values()) await this.mailbox.keep({ channel, recipient, sender, raw });
  }

  private slowDown(host: string) {
    const allowance = spend(this.allowances.get(host), performance.now(), SMTP_LIMITS.mailsPerHostAndMinute);
    if (this.allowances.size > 10_000) this.allowances.clear();
    this.allowances.set(host, allowance);
    if (!allowance.allowed) throw new Refusal(451, 'Too many mails from your address: slow down');
  }

  /** By the generated address, with or without a plus part, or by a reply token as the whole local part. */
  private async channelOf(address: string): Promise<ConnectedChannel | null> {
    const [local, domain] = canonical(address).split('@');
    if (domain !== this.env.PARLEY_INBOUND_DOMAIN || !local) return null;
    const direct = await this.channels.byForwardingAddress(`${local}@${domain}`);
    if (direct) return direct.enabled ? direct : null;
    const token = tokenIn(`${local}@${domain}`);
    const owner = token ? await this.threads.channelOfToken(token) : null;
    const channel = owner && (await this.channels.byId(owner.account, owner.channelId));
    return channel?.enabled ? channel : null;
  }
}
