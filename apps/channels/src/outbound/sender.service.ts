import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ForbiddenTarget, SafeHttp } from '@parley/service/http';
import { errorFields, logger } from '@parley/service/logging';
import { system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { type ConnectedChannel, type OutboundAdapter, Outage, type Receipt, type Sent } from '../adapter.js';
import { Adapters } from '../adapters.js';
import { ChannelsService } from '../channel/channels.service.js';
import { HealthService } from '../health/health.service.js';
import { Bell } from './bell.js';
import { type Attempt, DeliveriesService } from './deliveries.service.js';
import { BLIND_REPEATS, waitSeconds } from './delivery.rules.js';
import { OutgoingFilesService } from './outgoing-files.service.js';
import { type Job, OutboxRepository } from './outbox.repository.js';

const POLL_MS = 1000;
/** Calls of this process that may be under way at once. */
const AT_ONCE = 16;

type Outcome = Receipt | { outcome: 'outage'; reason: string; retryAfterSeconds: number | undefined };

/**
 * Sends what stands in the outbox, in any number of replicas: claim and commit, call the provider outside any transaction, commit what came of it
 * (messaging.md, external send). What may have been taken is asked about before it is repeated.
 */
@Injectable()
export class SenderService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private lookAgain = false;

  constructor(
    private readonly db: DataSource,
    private readonly outbox: OutboxRepository,
    private readonly deliveries: DeliveriesService,
    private readonly channels: ChannelsService,
    private readonly adapters: Adapters,
    private readonly http: SafeHttp,
    private readonly files: OutgoingFilesService,
    private readonly bell: Bell,
    private readonly health: HealthService,
  ) {}

  onApplicationBootstrap() {
    this.bell.listen(() => void this.look());
    this.timer = setInterval(() => void this.look(), POLL_MS);
  }

  async onModuleDestroy() {
    clearInterval(this.timer);
    this.bell.listen(() => undefined);
    this.timer = undefined;
    await Promise.all(this.running);
  }

  /** Claims what is due, as long as hands are free. */
  private async look() {
    this.lookAgain = true;
    if (this.looking) return;
    this.looking = true;
    while (this.lookAgain && this.timer && this.running.size < AT_ONCE) {
      this.lookAgain = false;
      for (const job of await this.claim()) this.start(job);
    }
    this.looking = false;
  }

  private claim() {
    return this.outbox.claim(AT_ONCE - this.running.size).catch((error) => (logger.warn(errorFields(error), 'outbox cannot be read'), [] as Job[]));
  }

  private start(job: Job) {
    // What fails here is our own trouble (Postgres): the lease ends, and the message is asked about before it is repeated.
    const work = this.deliver(job).catch((error) => logger.warn({ ...errorFields(error), delivery: job.id }, 'sending failed'));
    this.running.add(work);
    void work.finally(() => {
      this.running.delete(work);
      void this.look();
    });
  }

  private async deliver(job: Job) {
    const channel = await this.channels.byId(job.account, job.channelId);
    const attempt = await within(this.db, system(job.account), (tx) => this.deliveries.begin(tx, job, channel));
    if (!attempt) return;
    const adapter = this.adapters.outbound(attempt.channel);
    const outcome: Outcome = adapter ? await this.call(adapter, attempt) : { outcome: 'refused', failure: { code: 'channel_off', reason: 'Nothing can be sent by this channel' }, class: 'config' };
    await this.settle(job, adapter, outcome, attempt.unsure);
  }

  private async call(adapter: OutboundAdapter, { message, channel, unsure, at }: Attempt): Promise<Outcome> {
    if (unsure > BLIND_REPEATS && !adapter.reconcile) return { outcome: 'unknown', reason: 'Nobody can say whether it was sent' };
    const io = { http: this.http, at, ...this.files.of(channel) };
    try {
      const before = unsure > 0 && adapter.reconcile ? await this.unrecorded(channel, await adapter.reconcile(message, channel, io)) : null;
      return before ?? (await adapter.send(message, channel, io));
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** Of what the provider has taken, the first that is not another message of ours. */
  private async unrecorded(channel: ConnectedChannel, found: Sent[]): Promise<Sent | null> {
    const ids = found.map(({ providerMessageId }) => providerMessageId);
    const recorded = await within(this.db, system(channel.account), (tx) => this.deliveries.recorded(tx, channel.id, ids));
    return found.find(({ providerMessageId }) => !recorded.has(providerMessageId)) ?? null;
  }

  private settle(job: Job, adapter: OutboundAdapter | null, outcome: Outcome, unsure: number) {
    return within(this.db, system(job.account), async (tx) => {
      await this.tell(tx, { id: job.channelId }, outcome);
      if (outcome.outcome === 'sent') return this.deliveries.taken(tx, job.id, outcome);
      if (outcome.outcome === 'refused') return this.deliveries.failed(tx, job, outcome.failure, outcome);
      if (outcome.outcome === 'outage') return this.later(tx, job, 'provider_unavailable', outcome);
      const mayRepeat = adapter?.reconcile !== undefined || unsure < BLIND_REPEATS;
      return mayRepeat ? this.later(tx, job, 'unknown_outcome', outcome) : this.deliveries.failed(tx, job, { code: 'unknown_outcome', reason: outcome.reason });
    });
  }

  /** What the answer says of the channel itself. */
  private async tell(tx: Tx, channel: { id: string }, outcome: Outcome) {
    if (outcome.outcome === 'sent') this.health.worked(tx, channel, 'outbound');
    else if (outcome.outcome === 'refused') await this.health.failed(tx, channel, { ...outcome.failure, class: outcome.class });
    else await this.health.failed(tx, channel, { class: 'unreachable', code: outcome.outcome === 'unknown' ? 'unknown_outcome' : 'provider_unavailable', reason: outcome.reason });
  }

  private later(tx: Tx, job: Job, code: 'provider_unavailable' | 'unknown_outcome', { reason, retryAfterSeconds }: { reason: string; retryAfterSeconds?: number | undefined }) {
    const seconds = waitSeconds(job.attempt, Math.random(), retryAfterSeconds);
    if (seconds === null) return this.deliveries.failed(tx, job, { code, reason });
    return this.deliveries.postponed(tx, job, seconds, code === 'unknown_outcome');
  }
}

/** Errors by which nothing can have reached the provider. */
const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

function outcomeOf(error: unknown): Outcome {
  const { code, message } = error as { code?: string; message?: string };
  const reason = message || code || 'No answer';
  if (error instanceof Outage) return { outcome: 'outage', reason, retryAfterSeconds: error.retryAfterSeconds };
  if (error instanceof ForbiddenTarget) return { outcome: 'refused', failure: { code: 'forbidden_target', reason }, class: 'config' };
  if (code && NOT_REACHED.includes(code)) return { outcome: 'outage', reason, retryAfterSeconds: undefined };
  return { outcome: 'unknown', reason };
}
