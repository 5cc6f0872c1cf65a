import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { explain } from '@parley/contracts/explain';
import { Handles } from '@parley/service/handles';
import { ExplainService } from './explain.service.js';

@Controller()
export class ExplainHandler implements Answers<typeof explain> {
  constructor(private readonly service: ExplainService) {}

  @Handles(explain.explain)
  explain(input: Input<typeof explain.explain>, by: Actor) {
    return this.service.explain(input, by);
  }

  @Handles(explain.timeline)
  timeline(input: Input<typeof explain.timeline>, by: Actor) {
    return this.service.timeline(input, by);
  }
}
