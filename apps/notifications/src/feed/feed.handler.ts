import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { feed } from '@parley/contracts/feed';
import { Handles } from '@parley/service/handles';
import { FeedService } from './feed.service.js';

@Controller()
export class FeedHandler implements Answers<typeof feed> {
  constructor(private readonly feed: FeedService) {}

  @Handles(feed.read)
  async read(input: Input<typeof feed.read>, by: Actor) {
    return this.feed.read(input, by);
  }
}
