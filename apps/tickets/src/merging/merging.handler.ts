import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { merging } from '@parley/contracts/merging';
import { Handles } from '@parley/service/handles';
import { MergingService } from './merging.service.js';

@Controller()
export class MergingHandler implements Answers<typeof merging> {
  constructor(private readonly service: MergingService) {}

  @Handles(merging.merge)
  merge(input: Input<typeof merging.merge>, by: Actor) {
    return this.service.merge(input, by);
  }

  @Handles(merging.split)
  split(input: Input<typeof merging.split>, by: Actor) {
    return this.service.split(input, by);
  }

  @Handles(merging.undo)
  undo(input: Input<typeof merging.undo>, by: Actor) {
    return this.service.undo(input, by);
  }
}
