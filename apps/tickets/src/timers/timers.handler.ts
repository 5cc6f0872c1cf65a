import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { timers } from '@parley/contracts/timers';
import { Handles } from '@parley/service/handles';
import { TimersService } from './timers.service.js';

@Controller()
export class TimersHandler implements Answers<typeof timers> {
  constructor(private readonly service: TimersService) {}

  @Handles(timers.list)
  list(input: Input<typeof timers.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(timers.cancel)
  cancel(input: Input<typeof timers.cancel>, by: Actor) {
    return this.service.cancel(input, by);
  }
}
