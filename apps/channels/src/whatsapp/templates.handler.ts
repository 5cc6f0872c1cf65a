import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { templates } from '@parley/contracts/templates';
import { Handles } from '@parley/service/handles';
import { TemplatesService } from './templates.service.js';

@Controller()
export class TemplatesHandler implements Answers<typeof templates> {
  constructor(private readonly service: TemplatesService) {}

  @Handles(templates.list)
  list(input: Input<typeof templates.list>, by: Actor) {
    return this.service.list(input, by);
  }
}
