import { Injectable } from '@nestjs/common';
import { EVENT_BY_TYPE } from '@parley/contracts/everything';
import { HearsAll, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { FeedService } from './feed.service.js';

@Injectable()
export class FeedListener {
  constructor(private readonly feed: FeedService) {}

  @HearsAll(['tickets', 'channels', 'access'], 'put-public-facts-into-the-feed', { hurry: (type) => EVENT_BY_TYPE.get(type)?.public ?? false })
  heard(tx: Tx, facts: Fact[]) {
    return this.feed.append(tx, facts);
  }
}
