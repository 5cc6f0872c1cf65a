import { Controller } from '@nestjs/common';
import { channelHealth } from '@parley/contracts/channel-health';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { Handles } from '@parley/service/handles';
import { HealthService } from './health.service.js';

@Controller()
export class HealthHandler implements Answers<typeof channelHealth> {
  constructor(private readonly service: HealthService) {}

  @Handles(channelHealth.get)
  get(input: Input<typeof channelHealth.get>, by: Actor) {
    return this.service.get(input, by);
  }
}
