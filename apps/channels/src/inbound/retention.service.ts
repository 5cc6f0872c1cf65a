import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { errorFields, logger } from '@parley/service/logging';
import { system, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ChannelsService } from '../channel/channels.service.js';
import { LinksService } from '../links/links.service.js';
import { InboundRepository } from './inbound.repository.js';

/** How long the bytes of deliveries are kept, callbacks for messages that never were ours, and links that lead nowhere any more. */
export const KEEP_DAYS = 30;
const HOUR_MS = 3_600_000;

/** Forgets what is older than KEEP_DAYS by the account's time; every replica looks once an hour, and finds less to do. */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsService,
    private readonly inbound: InboundRepository,
    private readonly links: LinksService,
  ) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => void this.forget().catch((error) => logger.warn(errorFields(error), 'old bytes stay for now')), HOUR_MS);
  }

  onModuleDestroy() {
    clearInterval(this.timer);
  }

  /** Of every account, in small transactions. */
  async forget() {
    for (const account of await this.channels.accounts()) {
      while ((await within(this.db, system(account), (tx) => this.inbound.forget(tx, KEEP_DAYS))) > 0);
      while ((await within(this.db, system(account), (tx) => this.links.forget(tx, KEEP_DAYS))) > 0);
    }
  }
}
