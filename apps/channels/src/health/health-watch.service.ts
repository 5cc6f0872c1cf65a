import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { errorFields, logger } from '@parley/service/logging';
import { system, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { HealthRepository } from './health.repository.js';
import { HealthService } from './health.service.js';

const EVERY_MS = 15_000;
/** Answers that have waited for so long are looked at, whether or not anything else happens in their channel. */
const WAITED_SECONDS = 300;

/** Nobody tells of what does not happen: looks after channels whose answers wait, until they wait no longer. Every replica looks. */
@Injectable()
export class HealthWatchService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private watched = new Map<string, { account: string; channelId: string }>();

  constructor(
    private readonly db: DataSource,
    private readonly repository: HealthRepository,
    private readonly health: HealthService,
  ) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => void this.look().catch((error) => logger.warn(errorFields(error), 'nobody looks after the channels for now')), EVERY_MS);
  }

  onModuleDestroy() {
    clearInterval(this.timer);
  }

  /** One round. */
  async look() {
    const stuck = new Map((await this.repository.stuck(WAITED_SECONDS)).map((one) => [one.channelId, one]));
    for (const { account, channelId } of new Map([...this.watched, ...stuck]).values()) {
      await within(this.db, system(account), (tx) => this.health.reviewed(tx, channelId));
    }
    this.watched = stuck;
  }
}
