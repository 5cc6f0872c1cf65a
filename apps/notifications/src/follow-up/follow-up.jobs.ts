import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { errorFields, logger } from '@parley/service/logging';
import { DeliveryService } from './delivery.service.js';
import { MailBell } from './mail-bell.js';
import { Mailer } from './mailer.js';

const POLL_MS = 1000;

/** Delivers mails when the bell rings and every second: one round at a time. */
@Injectable()
export class FollowUpJobs implements OnApplicationBootstrap, OnApplicationShutdown {
  private poller?: NodeJS.Timeout;
  private round: Promise<void> | null = null;
  private rang = false;

  constructor(
    private readonly delivery: DeliveryService,
    private readonly bell: MailBell,
    private readonly mailer: Mailer,
  ) {}

  onApplicationBootstrap() {
    this.bell.onRing(() => this.start());
    this.poller = setInterval(() => this.start(), POLL_MS);
  }

  async onApplicationShutdown() {
    clearInterval(this.poller);
    this.bell.onRing(() => undefined);
    this.rang = false;
    await this.round;
    this.mailer.close();
  }

  private start() {
    this.rang = true;
    this.round ??= this.rounds().finally(() => (this.round = null));
  }

  private async rounds() {
    while (this.rang) {
      this.rang = false;
      await this.delivery.deliverDue().catch((error) => logger.warn(errorFields(error), 'mails not delivered'));
    }
  }
}
