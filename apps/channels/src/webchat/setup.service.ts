import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Actor } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { recordChange } from '@parley/service/audit';
import { type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ChannelsService } from '../channel/channels.service.js';
import { type Setup, SetupRepository } from './setup.repository.js';

/** As it stands: what was set, or what holds where nothing was. */
export type Standing<P extends keyof Setup> = { value: Setup[P]; version: number };
/** How a part is shown: what a stale version is answered with. */
export type Show<P extends keyof Setup, T> = (tx: Tx, channelId: string, standing: Standing<P>) => Promise<T>;

const UNSET: Setup = { faqs: [], hours: { hours: null, during: null, outside: null } };
/** What the audit log is told: of many questions only those that differ. */
const AUDIT: { [P in keyof Setup]: { action: string; fields(value: Setup[P]): object } } = {
  faqs: { action: 'channel.faqs_updated', fields: (faqs) => ({ order: faqs.map(({ id }) => id), ...Object.fromEntries(faqs.map(({ id, ...faq }) => [id, faq])) }) },
  hours: { action: 'channel.office_hours_updated', fields: (hours) => hours },
};

/** The parts of a web chat that staff write: read and replaced whole, by versions, and told to the audit log. */
@Injectable()
export class SetupService {
  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsService,
    private readonly setups: SetupRepository,
  ) {}

  async read<P extends keyof Setup>(tx: Tx, channelId: string, part: P): Promise<Standing<P>> {
    const { value, version } = await this.setups.find(tx, channelId, part);
    return { value: value ?? UNSET[part], version };
  }

  /** @throws ContractError CHANNEL_NOT_FOUND where it is none of the account's web chats. */
  async show<P extends keyof Setup, T>(by: Actor, channelId: string, part: P, shown: Show<P, T>): Promise<T> {
    await this.demand(by, channelId);
    return within(this.db, by, async (tx) => shown(tx, channelId, await this.read(tx, channelId, part)));
  }

  /** @throws ContractError CHANNEL_NOT_FOUND, VERSION_STALE */
  async replace<P extends keyof Setup, T>(
    by: Actor, { id, ifMatch }: { id: string; ifMatch: number }, part: P, wish: (before: Setup[P]) => Setup[P], shown: Show<P, T>,
  ): Promise<T> {
    await this.demand(by, id);
    return within(this.db, by, async (tx) => {
      const { value, version } = await this.setups.lock(tx, id, part);
      const before: Standing<P> = { value: value ?? UNSET[part], version };
      if (version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${version}`, { current: await shown(tx, id, before) });
      const after = { value: wish(before.value), version: version + 1 };
      await this.setups.save(tx, id, part, after);
      const { action, fields } = AUDIT[part];
      recordChange(tx, auditEvents.channels, { action, resource: `channel/${id}`, before: fields(before.value), after: fields(after.value) });
      return shown(tx, id, after);
    });
  }

  /** Looked up before the transaction: a channel may have to be read from the database, on a connection of its own. */
  private async demand(by: Actor, id: string) {
    const channel = await this.channels.byId(by.account, id);
    if (channel?.type !== 'webchat') throw new ContractError('CHANNEL_NOT_FOUND', `No web chat ${id}`);
  }
}
