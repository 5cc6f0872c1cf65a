import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { errorFields, logger } from '@parley/service/logging';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { Counter } from 'prom-client';
import { DataSource } from 'typeorm';
import { type ChannelAdapter, type ConnectedChannel, type HttpReply, type Raw, type Read } from '../adapter.js';
import { Adapters } from '../adapters.js';
import { ChannelsService } from '../channel/channels.service.js';
import { MailboxService } from '../email/mailbox.service.js';
import { HealthService } from '../health/health.service.js';
import { IntroductionsService } from '../inbound/introductions.service.js';
import { type Arrival, IntakeService } from '../inbound/intake.service.js';
import { allStorable } from '../inbound/content.rules.js';
import { KeywordAnswersService } from '../inbound/keyword-answers.service.js';
import { DeliveriesService } from '../outbound/deliveries.service.js';
import { AmendmentsService } from '../thread/amendments.service.js';
import { EchoesService } from '../thread/echoes.service.js';
import { Batch } from './batch.js';

/** SMS-1: what was turned away at the door. */
export const refused = new Counter({ name: 'parley_hooks_refused_total', help: 'Webhooks that were not taken, by reason', labelNames: ['reason'], registers: [] });

type Delivery = { id: string; channel: ConnectedChannel; raw: Raw; read: Read[] };

/** Most deliveries that share a transaction: enough for any burst, few enough to stay far below the statement timeout. */
const TOGETHER = 64;

@Injectable()
export class HooksService {
  private readonly deliveries = new Batch<Delivery>(TOGETHER, (account, some) => this.commit(account, some));

  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsService,
    private readonly adapters: Adapters,
    private readonly intake: IntakeService,
    private readonly outbound: DeliveriesService,
    private readonly keywords: KeywordAnswersService,
    private readonly health: HealthService,
    private readonly mailbox: MailboxService,
    private readonly amendments: AmendmentsService,
    private readonly echoes: EchoesService,
    private readonly introductions: IntroductionsService,
  ) {}

  /**
   * Takes what a provider posts: verified on the raw bytes, stored with everything read from it in one transaction, and only then acknowledged.
   * Refuses an unknown key with 404 and a wrong signature with 403, and stores nothing of them.
   * @throws ContractError UNAVAILABLE when Postgres is away: the provider should repeat.
   */
  async take(key: string, raw: Raw): Promise<HttpReply> {
    const channel = await this.channels.byKey(key);
    const adapter = channel && this.adapters.hook(channel);
    if (!channel?.enabled || !adapter) return refuse(404, 'unknown key');
    const handshake = raw.method === 'GET' ? adapter.handshake?.(raw, channel) : null;
    if (handshake) return handshake;
    if (!adapter.verify(raw, channel)) return refuse(403, 'bad signature');
    await this.deliveries.add(channel.account, { id: newId(), channel, raw, read: readAll(adapter, raw, channel) });
    return adapter.ack();
  }

  /** Takes what the provider's own books hold and no webhook has brought: as if it had been posted. */
  found(channel: ConnectedChannel, raw: Raw): Promise<void> {
    return this.deliveries.add(channel.account, { id: newId(), channel, raw, read: this.readAgain(channel, raw) });
  }

  /** What the adapter finds today in bytes that were verified and kept. */
  readAgain(channel: ConnectedChannel, raw: Raw): Read[] {
    const adapter = this.adapters.hook(channel);
    return adapter ? readAll(adapter, raw, channel) : [{ kind: 'unreadable', reason: 'Nobody reads what this channel’s provider posts' }];
  }

  /** Files what was found in kept bytes beside what stands in the books already. `standing`: how many pieces. */
  async landAgain(tx: Tx, delivery: Delivery, standing: number) {
    await this.intake.recount(tx, delivery.id, standing + delivery.read.filter(isForTheBooks).length);
    await this.land(tx, [delivery]);
  }

  private commit(account: string, some: Delivery[]): Promise<void> {
    return within(this.db, system(account), async (tx) => {
      for (const { channel } of some) this.health.worked(tx, channel, 'inbound');
      // A whole mail is kept by the mailbox, as it is and without what it was posted in.
      const others = some.filter(({ read }) => !read.length || read.some(({ kind }) => kind !== 'mail'));
      await this.intake.keep(tx, others.map(({ read, ...rest }) => ({ ...rest, items: read.filter(isForTheBooks).length })));
      await this.land(tx, some);
    });
  }

  /** Every kind that an adapter may hand back has its line here; `ignored` stands in the raw bytes alone. */
  private async land(tx: Tx, some: Delivery[]) {
    const all = <K extends Read['kind']>(kind: K) =>
      some.flatMap(({ id, channel, read }) => read.filter((one): one is Extract<Read, { kind: K }> => one.kind === kind).map((one) => ({ channel, rawId: id, one })));
    await this.intake.setAside(tx, all('unreadable').map(({ one, ...rest }) => ({ ...rest, outcome: 'quarantined', reason: one.reason })));
    await this.amendments.alone(tx, some.flatMap(({ channel, read }) => (channel.type === 'sms' ? [] : read.flatMap(idOf)).map((providerMessageId) => ({ channelId: channel.id, providerMessageId }))));
    await this.messages(tx, all('message').map(({ one, ...rest }) => ({ ...rest, message: one })));
    for (const { channel, one: { kind: _, ...mail } } of all('mail')) await this.mailbox.keepIn(tx, { channel, ...mail, via: 'HOOK' });
    for (const { channel, one } of all('status')) await this.outbound.apply(tx, channel, [one]);
    for (const { channel, one } of all('echo')) await this.echoes.take(tx, channel, one);
    for (const { channel, one } of [...all('reaction'), ...all('edit'), ...all('deletion')]) await this.amendments.take(tx, channel, one);
    for (const { channel, one } of all('seen')) await this.outbound.seen(tx, channel, one);
    for (const { channel, one: { kind: _, ...report } } of all('consent')) {
      announce(tx, channelEvents.consentReported, { key: `consent:${report.identifier.value}`, data: { channelId: channel.id, ...report } });
    }
  }

  private async messages(tx: Tx, arrivals: Arrival[]) {
    const accepted = await this.intake.acceptAll(tx, arrivals);
    for (const [place, { channel, message }] of arrivals.entries()) {
      this.introductions.ask(tx, arrivals[place]!, accepted[place]!);
      await this.keywords.answer(tx, channel, message, accepted[place]!);
    }
  }
}

/** Of messages that others may amend, quote or echo at this moment, and of those who do: by these, one waits for the other. SMS knows nothing of the kind. */
const idOf = (one: Read): string[] => {
  if (one.kind === 'echo' || one.kind === 'message') return [one.providerMessageId];
  if (one.kind === 'seen') return [one.upTo];
  return 'about' in one ? [one.about] : [];
};

const isForTheBooks = (one: Read) => one.kind === 'message' || one.kind === 'unreadable';

/**
 * What the adapter finds, with no text that could break a statement and nobody without a name. An adapter promises never to throw; if one does, the
 * delivery is quarantined and not lost.
 */
function readAll(adapter: ChannelAdapter, raw: Raw, channel: ConnectedChannel): Read[] {
  try {
    return adapter.read(raw, channel).map((one) => ofSomebody(allStorable(one)));
  } catch (error) {
    logger.error({ ...errorFields(error), channel: channel.id }, 'adapter failed to read');
    return [{ kind: 'unreadable', reason: 'The adapter failed' }];
  }
}

/** A sender of nothing but what cannot be stored is none. */
function ofSomebody(one: Read): Read {
  if (one.kind === 'message') return one.from[0]?.value ? one : { kind: 'unreadable', reason: 'No sender' };
  const person = one.kind === 'echo' ? one.to : 'person' in one ? one.person : null;
  return !person || person[0]?.value ? one : { kind: 'ignored', reason: 'It is about nobody' };
}

function refuse(status: 403 | 404, reason: string): HttpReply {
  refused.inc({ reason });
  return { status, contentType: 'text/plain', body: status === 404 ? 'unknown address' : 'signature does not match' };
}
