import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { templateEvents, type Template, type templates } from '@parley/contracts/templates';
import { SafeHttp } from '@parley/service/http';
import { announce, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel, OutboundAdapter } from '../adapter.js';
import { Adapters } from '../adapters.js';
import { ChannelsService } from '../channel/channels.service.js';
import { HealthService } from '../health/health.service.js';
import { type Listed, TemplatesRepository } from './templates.repository.js';

/** How long a list is good. */
const GOOD_FOR_MS = 600_000;

/** The templates of a channel: asked of its provider, kept, and told to tickets, which fills them. */
@Injectable()
export class TemplatesService {
  constructor(
    private readonly db: DataSource,
    private readonly repository: TemplatesRepository,
    private readonly channels: ChannelsService,
    private readonly adapters: Adapters,
    private readonly health: HealthService,
    private readonly http: SafeHttp,
  ) {}

  async list({ id }: Input<typeof templates.list>, by: Actor): Promise<Output<typeof templates.list>> {
    const channel = await this.channels.byId(by.account, id);
    if (!channel) throw new ContractError('CHANNEL_NOT_FOUND', `No channel ${id}`);
    const adapter = this.adapters.outbound(channel);
    if (!adapter?.templates) throw new ContractError('CHANNEL_WITHOUT_TEMPLATES', `${channel.type} knows no templates`);
    const { known, at } = await within(this.db, by, async (tx) => ({ known: await this.repository.find(tx, id), at: tx.at }));
    const isGood = known && at.getTime() - known.fetchedAt.getTime() < GOOD_FOR_MS;
    return shown(isGood ? known : await this.renewed(channel, adapter, { known, at, by }));
  }

  /** What the provider lists now; while it does not answer, what it listed last. */
  private async renewed(channel: ConnectedChannel, adapter: OutboundAdapter, { known, at, by }: { known: Listed | null; at: Date; by: Actor }): Promise<Listed> {
    try {
      const found = await adapter.templates!(channel, { http: this.http, at });
      if (!('outcome' in found)) return await this.keep(channel, { items: found, fetchedAt: at }, known, by);
      await within(this.db, by, (tx) => this.health.failed(tx, channel, { ...found.failure, class: found.class }));
      throw new Error(found.failure.reason);
    } catch (error) {
      if (known) return known;
      throw new ContractError('UNAVAILABLE', `The provider does not list its templates: ${(error as Error).message}`);
    }
  }

  private keep(channel: ConnectedChannel, listed: Listed, known: Listed | null, by: Actor): Promise<Listed> {
    return within(this.db, by, async (tx) => {
      await this.repository.save(tx, channel.id, listed);
      if (!isDeepStrictEqual(known?.items, listed.items)) announce(tx, templateEvents.listed, { key: channel.id, data: { channelId: channel.id, templates: listed.items } });
      return listed;
    });
  }
}

const shown = ({ items, fetchedAt }: { items: Template[]; fetchedAt: Date }) => ({ items, fetchedAt: fetchedAt.toISOString() });
