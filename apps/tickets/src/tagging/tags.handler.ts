import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { tags } from '@parley/contracts/tags';
import { Handles } from '@parley/service/handles';
import { TagsService } from './tags.service.js';

@Controller()
export class TagsHandler implements Answers<typeof tags> {
  constructor(private readonly service: TagsService) {}

  @Handles(tags.list)
  list(input: Input<typeof tags.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(tags.create)
  create(input: Input<typeof tags.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(tags.get)
  get(input: Input<typeof tags.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(tags.rename)
  rename(input: Input<typeof tags.rename>, by: Actor) {
    return this.service.rename(input, by);
  }

  @Handles(tags.remove)
  remove(input: Input<typeof tags.remove>, by: Actor) {
    return this.service.remove(input, by);
  }

  @Handles(tags.merge)
  merge(input: Input<typeof tags.merge>, by: Actor) {
    return this.service.merge(input, by);
  }

  @Handles(tags.put)
  put(input: Input<typeof tags.put>, by: Actor) {
    return this.service.put(input, by);
  }

  @Handles(tags.take)
  take(input: Input<typeof tags.take>, by: Actor) {
    return this.service.take(input, by);
  }

  @Handles(tags.history)
  history(input: Input<typeof tags.history>, by: Actor) {
    return this.service.history(input, by);
  }
}
