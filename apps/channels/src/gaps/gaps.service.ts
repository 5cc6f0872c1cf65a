import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SafeHttp } from '@parley/service/http';
import { errorFields, logger } from '@parley/service/logging';
import { Rounds } from '@parley/service/rounds';
import { system, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel, Raw } from '../adapter.js';
import { Adapters } from '../adapters.js';
import { ChannelsService } from '../channel/channels.service.js';
import { HooksService } from '../hooks/hooks.service.js';
import { IntakeService } from '../inbound/intake.service.js';
import { GapsRepository, type Turn } from './gaps.repository.js';

/** How often a provider's books are looked into, and how long a channel rests that has none. */
const [EVERY_MINUTES, REST_MINUTES] = [15, 1440];
/** Books come in late: each look begins so much before the last one. */
const OVERLAP_MS = 3_600_000;
const PAUSE_MS = 20_000;

/**
 * Finds messages whose webhook never came: providers try once or twice, and their books still have them (channels.md 2.3). They land as if the webhook
 * had come, under the same id, so that nothing is there twice.
 */
@Injectable()
export class GapsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rounds = new Rounds(() => this.look(), PAUSE_MS, 'nobody looks for missed messages');

  constructor(
    private readonly db: DataSource,
    private readonly gaps: GapsRepository,
    private readonly channels: ChannelsService,
    private readonly adapters: Adapters,
    private readonly intake: IntakeService,
    private readonly hooks: HooksService,
    private readonly http: SafeHttp,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  onModuleDestroy() {
    return this.rounds.stop();
  }

  /** Of every channel whose turn it is; any number of replicas take turns. */
  async look() {
    await this.gaps.enter(EVERY_MINUTES);
    for (let turn = await this.gaps.claim(EVERY_MINUTES); turn && !this.rounds.stopped; turn = await this.gaps.claim(EVERY_MINUTES)) {
      await this.ask(turn).catch((error) => logger.warn({ ...errorFields(error), channel: turn?.channelId }, 'the provider’s books stay closed for now'));
    }
  }

  private async ask(turn: Turn) {
    const channel = await this.channels.byId(turn.account, turn.channelId);
    const adapter = channel?.enabled ? this.adapters.outbound(channel) : null;
    if (!channel || !adapter?.missed) return this.gaps.rest(turn, REST_MINUTES);
    const listed = (await adapter.missed(new Date(turn.since.getTime() - OVERLAP_MS), channel, { http: this.http, at: turn.at })).map((raw) => ({ raw, id: this.idOf(channel, raw) }));
    const unknown = await within(this.db, system(turn.account), (tx) => this.intake.unknown(tx, channel, listed.flatMap(({ id }) => id ?? [])));
    for (const { raw, id } of listed) if (id !== null && unknown.has(id)) await this.hooks.found(channel, raw);
    if (unknown.size) logger.warn({ channel: channel.id, messages: unknown.size }, 'messages were missed and found');
    await this.gaps.done(turn);
  }

  private idOf(channel: ConnectedChannel, raw: Raw): string | null {
    const message = this.hooks.readAgain(channel, raw).find((one) => one.kind === 'message');
    return message ? message.providerMessageId : null;
  }
}
