import { createHash } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FILE_BYTES } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import { typeOf } from '@parley/service/file-names';
import { FileStore } from '@parley/service/files';
import { AnswerTooLarge, ForbiddenTarget, SafeHttp } from '@parley/service/http';
import { errorFields, logger } from '@parley/service/logging';
import { Rounds } from '@parley/service/rounds';
import { system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { type ConnectedChannel, type Io, type Media, type OutboundAdapter, Outage } from '../adapter.js';
import { Adapters } from '../adapters.js';
import { ChannelsService } from '../channel/channels.service.js';
import { HealthService } from '../health/health.service.js';
import { type MediaJob, MediaRepository, type MediaRow } from './media.repository.js';
import { meaningOf, nameWithEnding, TOO_LARGE } from './media.rules.js';
import { MediaService } from './media.service.js';

const PAUSE_MS = 300;
/** Files of this process that may be under way at once; each may be held in memory whole. */
const AT_ONCE = 8;
const TIMEOUT_MS = 30_000;

type Found = Extract<Media, { outcome: 'found' }>;
/** What came of asking for a file. */
type Outcome = { kind: 'bytes'; bytes: Buffer } | { kind: 'never'; problem: string } | { kind: 'later'; reason: string; seconds: number | undefined };

/** Fetches what customers sent from where providers keep it, in any number of replicas (META-4, SMS-6): claim and commit, ask outside any transaction, commit what came of it. */
@Injectable()
export class FetchingService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly running = new Set<Promise<void>>();
  private readonly rounds = new Rounds(() => this.work(), PAUSE_MS, 'files are not fetched');

  constructor(
    private readonly db: DataSource,
    private readonly queue: MediaRepository,
    private readonly media: MediaService,
    private readonly channels: ChannelsService,
    private readonly adapters: Adapters,
    private readonly http: SafeHttp,
    private readonly store: FileStore,
    private readonly health: HealthService,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  async onModuleDestroy() {
    await this.rounds.stop();
    await Promise.all(this.running);
  }

  /** One round: begins everything that is due, as long as hands are free, and takes out the bytes that nobody needs any more. A slow file keeps no other waiting. */
  async work(): Promise<void> {
    for (let isMore = true; isMore && !this.rounds.stopped; ) {
      if (this.running.size >= AT_ONCE) await Promise.race(this.running);
      const jobs = await this.queue.claim(AT_ONCE - this.running.size);
      for (const job of jobs) this.start(job);
      isMore = jobs.length > 0;
    }
    for (const file of await this.queue.leaving()) {
      await this.store.remove(file.account, file.sha256);
      await this.queue.left(file);
    }
  }

  private start(job: MediaJob) {
    // What fails here is our own trouble: the lease ends, and the file is asked for again.
    const work = this.one(job).catch((error) => logger.warn({ ...errorFields(error), media: job.id }, 'file not fetched'));
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }

  private async one(job: MediaJob): Promise<void> {
    const { row, at } = await this.within(job, async (tx) => ({ row: await this.media.begin(tx, job), at: tx.at }));
    if (!row) return;
    const channel = await this.channels.byId(job.account, job.channelId);
    const adapter = channel && this.adapters.outbound(channel);
    if (!channel || !adapter) return this.within(job, (tx) => this.media.failed(tx, row, 'The channel is disconnected'));
    const io = { http: this.http, at };
    if (job.task === 'discard') return this.discard(job, row, channel, adapter, io);
    const outcome = await this.ask(job, row, channel, adapter, io);
    if (outcome.kind === 'later') return this.within(job, (tx) => this.media.later(tx, job, row, outcome.reason, outcome.seconds));
    if (outcome.kind === 'never') return this.within(job, (tx) => this.media.failed(tx, row, outcome.problem));
    const file = await this.keep(job.account, row.attachment, outcome.bytes);
    await this.within(job, (tx) => this.media.stored(tx, row, file, adapter.discard !== undefined));
  }

  private async ask(job: MediaJob, row: MediaRow, channel: ConnectedChannel, adapter: OutboundAdapter, io: Io): Promise<Outcome> {
    try {
      const place = adapter.media ? await adapter.media(row.remote, channel, io) : asItStands(row);
      if (place.outcome === 'found') return asAnnounced(place, await this.fetch(place));
      if (place.class !== 'auth') return { kind: 'never', problem: place.failure.reason };
      await this.within(job, (tx) => this.health.failed(tx, channel, { ...place.failure, class: 'auth' }));
      return { kind: 'later', reason: place.failure.reason, seconds: undefined };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** At most one hop, without the headers, to where the adapter says it may lead. */
  private async fetch({ url, headers, redirectHosts = [] }: Found): Promise<Outcome> {
    const first = await this.get(url, headers);
    if (first.kind !== 'redirect') return first;
    if (!redirectHosts.includes(first.to.host)) return { kind: 'never', problem: `The file leads on to ${first.to.host}, which is not allowed` };
    const second = await this.get(first.to.href, {});
    return second.kind === 'redirect' ? { kind: 'never', problem: 'The file leads on more than once' } : second;
  }

  private async get(url: string, headers: Record<string, string>): Promise<Outcome | { kind: 'redirect'; to: URL }> {
    const answer = await this.http.send({ method: 'GET', url, headers, timeoutMs: TIMEOUT_MS, maxBytes: FILE_BYTES });
    const meaning = meaningOf(answer.status, answer.headers, url);
    if (meaning.kind === 'bytes') return answer.body.length ? { kind: 'bytes', bytes: answer.body } : { kind: 'never', problem: 'The file is empty' };
    return 'problem' in meaning ? { kind: 'never', problem: meaning.problem } : meaning;
  }

  private async keep(account: string, { fetch: _, problem: __, ...file }: Attachment, bytes: Buffer): Promise<Attachment> {
    const { sha256, sizeBytes, head } = await this.store.put(account, [bytes], FILE_BYTES);
    const contentType = await typeOf(head, file.contentType);
    return { ...file, name: nameWithEnding(file.name, contentType), contentType, sizeBytes, sha256 };
  }

  private async discard(job: MediaJob, { id, remote }: MediaRow, channel: ConnectedChannel, adapter: OutboundAdapter, io: Io): Promise<void> {
    await adapter.discard?.(remote, channel, io).catch((error: unknown) => logger.warn({ ...errorFields(error), media: id }, 'file stays at the provider'));
    await this.within(job, (tx) => this.media.discarded(tx, id));
  }

  private within<T>({ account }: MediaJob, work: (tx: Tx) => Promise<T>): Promise<T> {
    return within(this.db, system(account), work);
  }
}

const asItStands = ({ remote }: MediaRow): Media =>
  'url' in remote ? { outcome: 'found', url: remote.url, headers: {} } : { outcome: 'refused', failure: { code: 'no_address', reason: 'Nobody knows where the file is' }, class: 'permanent' };

/** Other bytes than the provider has announced are none of ours. */
function asAnnounced({ sha256 }: Found, outcome: Outcome): Outcome {
  const isOther = outcome.kind === 'bytes' && sha256 !== undefined && createHash('sha256').update(outcome.bytes).digest('hex') !== sha256.toLowerCase();
  return isOther ? { kind: 'later', reason: 'The provider sent other bytes than it had announced', seconds: undefined } : outcome;
}

/** What was thrown. A file that is too large stays so, and so does a forbidden address; everything else may pass. */
function outcomeOf(error: unknown): Outcome {
  const { message, code } = error as { message?: string; code?: string };
  if (error instanceof Outage) return { kind: 'later', reason: error.message, seconds: error.retryAfterSeconds };
  if (error instanceof ForbiddenTarget) return { kind: 'never', problem: message ?? 'A forbidden address' };
  if (error instanceof AnswerTooLarge) return { kind: 'never', problem: TOO_LARGE };
  return { kind: 'later', reason: message || code || 'No answer', seconds: undefined };
}
