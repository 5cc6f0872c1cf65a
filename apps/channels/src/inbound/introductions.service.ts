import { Injectable } from '@nestjs/common';
import { channelEvents, type Identifier } from '@parley/contracts/channels';
import { SafeHttp } from '@parley/service/http';
import { errorFields, logger } from '@parley/service/logging';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import { Adapters } from '../adapters.js';
import type { Accepted, Arrival } from './intake.service.js';

/** Asks providers for the names of those who write for the first time and come without one. Nothing waits for it: without an answer somebody has no name. */
@Injectable()
export class IntroductionsService {
  constructor(
    private readonly db: DataSource,
    private readonly adapters: Adapters,
    private readonly http: SafeHttp,
  ) {}

  /** After the commit, for the first message of a conversation. */
  ask(tx: Tx, { channel, message }: Arrival, { duplicate, conversationKey, conversationSeq }: Accepted): void {
    const [person] = message.from;
    const isStranger = !duplicate && conversationSeq === 1 && !message.name;
    if (isStranger && person && this.adapters.outbound(channel)?.nameOf) tx.after(() => this.introduce(channel, person, { key: conversationKey, at: tx.at }));
  }

  /** Told behind the message, in its place of the log: whoever hears it knows the person by then. */
  private async introduce(channel: ConnectedChannel, person: Identifier, { key, at }: { key: string; at: Date }): Promise<void> {
    try {
      const name = await this.adapters.outbound(channel)!.nameOf!(person, channel, { http: this.http, at });
      if (!name) return;
      await within(this.db, system(channel.account), async (tx) => announce(tx, channelEvents.customerIntroduced, { key, data: { channelId: channel.id, identifier: person, name } }));
    } catch (error) {
      logger.info({ ...errorFields(error), channel: channel.id }, 'no name was told');
    }
  }
}
