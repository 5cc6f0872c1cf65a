import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { profileMerges } from '@parley/contracts/profile-merges';
import { Handles } from '@parley/service/handles';
import { MergesService } from './merges.service.js';

@Controller()
export class MergesHandler implements Answers<typeof profileMerges> {
  constructor(private readonly service: MergesService) {}

  @Handles(profileMerges.merge)
  merge(input: Input<typeof profileMerges.merge>, by: Actor) {
    return this.service.merge(input, by);
  }

  @Handles(profileMerges.undo)
  undo(input: Input<typeof profileMerges.undo>, by: Actor) {
    return this.service.undo(input, by);
  }

  @Handles(profileMerges.list)
  list(input: Input<typeof profileMerges.list>, by: Actor) {
    return this.service.list(input, by);
  }
}
