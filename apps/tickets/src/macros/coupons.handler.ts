import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { coupons } from '@parley/contracts/macros';
import { Handles } from '@parley/service/handles';
import { CouponsService } from './coupons.service.js';

@Controller()
export class CouponsHandler implements Answers<typeof coupons> {
  constructor(private readonly service: CouponsService) {}

  @Handles(coupons.list)
  list(input: Input<typeof coupons.list>, by: Actor) {
    return this.service.list(input, by);
  }

  @Handles(coupons.create)
  create(input: Input<typeof coupons.create>, by: Actor) {
    return this.service.create(input, by);
  }

  @Handles(coupons.get)
  get(input: Input<typeof coupons.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(coupons.fill)
  fill(input: Input<typeof coupons.fill>, by: Actor) {
    return this.service.fill(input, by);
  }
}
