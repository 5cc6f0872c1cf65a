import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { segments } from '@parley/contracts/segments';
import { Handles } from '@parley/service/handles';
import { SegmentsService } from './segments.service.js';

@Controller()
export class SegmentsHandler implements Answers<typeof segments> {
  constructor(private readonly service: SegmentsService) {}

  @Handles(segments.list)
  list(input: Input<typeof segments.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(segments.create)
  create(input: Input<typeof segments.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(segments.get)
  get(input: Input<typeof segments.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(segments.update)
  update(input: Input<typeof segments.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(segments.remove)
  remove(input: Input<typeof segments.remove>, by: Actor) {
    return this.service.remove(input, by);
  }

  @Handles(segments.members)
  members(input: Input<typeof segments.members>, by: Actor) {
    return this.service.members(input, by);
  }
}
