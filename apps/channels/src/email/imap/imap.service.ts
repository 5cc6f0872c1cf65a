import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ForbiddenTarget } from '@parley/service/http';
import { errorFields, logger } from '@parley/service/logging';
import { Rounds } from '@parley/service/rounds';
import { system, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ChannelsService } from '../../channel/channels.service.js';
import { HealthService } from '../../health/health.service.js';
import { ImapReaderService, LeaseLost } from './imap-reader.service.js';
import { type Claimed, ImapRepository } from './imap.repository.js';
import { type Trouble, troubleOf, waitSeconds } from './imap.rules.js';

const LOOK_MS = 1_000;
const RENEW_MS = 20_000;
/** Connections of one process. */
const AT_ONCE = 100;
/** A channel that is switched off is looked at again after so long; a change of it is noticed at once. */
const OFF_SECONDS = 60;

/** Keeps every mailbox read by exactly one replica. */
@Injectable()
export class ImapService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds = new Rounds(() => this.look(), LOOK_MS, 'mailboxes cannot be claimed');
  private readonly reading = new Map<string, { ended: Promise<void>; stop: AbortController }>();
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly db: DataSource,
    private readonly cursors: ImapRepository,
    private readonly reader: ImapReaderService,
    private readonly channels: ChannelsService,
    private readonly health: HealthService,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  async onModuleDestroy() {
    await this.rounds.stop();
    for (const { stop } of this.reading.values()) stop.abort();
    await Promise.all([...this.reading.values()].map(({ ended }) => ended));
  }

  private async look() {
    for (const claimed of await this.cursors.claim(AT_ONCE - this.reading.size)) {
      const stop = new AbortController();
      const ended = this.keep(claimed, stop).catch((error: unknown) => logger.warn({ ...errorFields(error), channel: claimed.channelId }, 'mailbox not given back'));
      this.reading.set(claimed.lease, { ended, stop });
      void ended.finally(() => this.reading.delete(claimed.lease));
    }
  }

  private async keep(claimed: Claimed, stop: AbortController) {
    // Not from memory: what another process wrote into it a moment ago is why this mailbox is free.
    const channel = await this.channels.fresh(claimed.account, claimed.channelId);
    if (!channel?.enabled || !channel.credentials.imap) return this.cursors.giveBack(claimed, OFF_SECONDS);
    const renewing = setInterval(() => void this.renew(claimed, channel.version, stop).catch(() => undefined), RENEW_MS);
    try {
      await this.reader.read(claimed, channel, stop.signal, () => this.failures.delete(claimed.channelId));
      await this.cursors.giveBack(claimed, 0);
    } catch (error) {
      if (error instanceof LeaseLost) return;
      await this.failed(claimed, error instanceof ForbiddenTarget ? { class: 'config', code: 'forbidden_target', reason: error.message } : troubleOf(error));
    } finally {
      clearInterval(renewing);
    }
  }

  /** Ends where the lease is lost, or the channel was changed: whoever comes next reads it as it is now. */
  private async renew(claimed: Claimed, version: number, stop: AbortController) {
    const held = await this.cursors.renew(claimed);
    const channel = await this.channels.byId(claimed.account, claimed.channelId);
    if (!held || channel?.version !== version) stop.abort();
  }

  private async failed(claimed: Claimed, trouble: Trouble) {
    const failures = (this.failures.get(claimed.channelId) ?? 0) + 1;
    this.failures.set(claimed.channelId, failures);
    logger.warn({ channel: claimed.channelId, code: trouble.code, failures }, 'mailbox not read');
    // Before anybody hears of it: whoever mends the channel then is not undone.
    await this.cursors.giveBack(claimed, waitSeconds(failures, trouble.class !== 'unreachable'));
    await within(this.db, system(claimed.account), (tx) => this.health.failed(tx, { id: claimed.channelId }, { ...trouble, direction: 'inbound' }));
  }
}
