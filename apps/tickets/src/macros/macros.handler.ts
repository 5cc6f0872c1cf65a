import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { macros } from '@parley/contracts/macros';
import { Handles } from '@parley/service/handles';
import { MacrosService } from './macros.service.js';

@Controller()
export class MacrosHandler implements Answers<typeof macros> {
  constructor(private readonly service: MacrosService) {}

  @Handles(macros.list)
  list(input: Input<typeof macros.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(macros.create)
  create(input: Input<typeof macros.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(macros.get)
  get(input: Input<typeof macros.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(macros.update)
  update(input: Input<typeof macros.update>, by: Actor) {
    return this.service.update(input, by);
  }

  @Handles(macros.remove)
  remove(input: Input<typeof macros.remove>, by: Actor) {
    return this.service.remove(input, by);
  }

  @Handles(macros.preview)
  preview(input: Input<typeof macros.preview>, by: Actor) {
    return this.service.preview(input, by);
  }
}
