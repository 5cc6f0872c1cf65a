import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { quarantine } from '@parley/contracts/quarantine';
import { Handles } from '@parley/service/handles';
import { QuarantineService } from './quarantine.service.js';

@Controller()
export class QuarantineHandler implements Answers<typeof quarantine> {
  constructor(private readonly service: QuarantineService) {}

  @Handles(quarantine.list)
  list(input: Input<typeof quarantine.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(quarantine.get)
  get(input: Input<typeof quarantine.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(quarantine.retry)
  retry(input: Input<typeof quarantine.retry>, by: Actor) {
    return this.service.retry(input, by);
  }

  @Handles(quarantine.dismiss)
  dismiss(input: Input<typeof quarantine.dismiss>, by: Actor) {
    return this.service.dismiss(input, by);
  }
}
