import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { spam } from '@parley/contracts/spam';
import { Handles } from '@parley/service/handles';
import { SpamService } from './spam.service.js';

@Controller()
export class SpamHandler implements Answers<typeof spam> {
  constructor(private readonly service: SpamService) {}

  @Handles(spam.mark)
  mark(input: Input<typeof spam.mark>, by: Actor) {
    return this.service.mark(input, by);
  }

  @Handles(spam.unmark)
  unmark(input: Input<typeof spam.unmark>, by: Actor) {
    return this.service.unmark(input, by);
  }
}
