import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { errorFields, logger } from '@parley/service/logging';
import { FeedService } from './feed.service.js';

const HOUR_MS = 3_600_000;

/** Clears away what is too old to be read, every hour; every replica may. */
@Injectable()
export class FeedJobs implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(private readonly feed: FeedService) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => void this.feed.expire().catch((error) => logger.warn(errorFields(error), 'feed not cleared')), HOUR_MS);
  }

  onApplicationShutdown() {
    clearInterval(this.timer);
  }
}
