import { Injectable } from '@nestjs/common';
import { EVENT_BY_TYPE } from '@parley/contracts/everything';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { Hears, HearsAll, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { FeedService } from './feed.service.js';

@Injectable()
export class FeedListener {
  constructor(private readonly feed: FeedService) {}

  @HearsAll(['tickets', 'channels', 'access'], 'put-public-facts-into-the-feed', { hurry: (type) => EVENT_BY_TYPE.get(type)?.public ?? false })
  heard(tx: Tx, facts: Fact[]) {
    return this.feed.append(tx, facts);
  }

  @Hears(messageEvents.updated, 'forget-what-was-taken-back')
  async updated(tx: Tx, { message }: Data<typeof messageEvents.updated>) {
    if (message.deletedAt) await this.feed.forget(tx, message);
  }
}
