import { Controller } from '@nestjs/common';
import { campaigns } from '@parley/contracts/campaigns';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { Handles } from '@parley/service/handles';
import { CampaignsService } from './campaigns.service.js';

@Controller()
export class CampaignsHandler implements Answers<typeof campaigns> {
  constructor(private readonly service: CampaignsService) {}

  @Handles(campaigns.record)
  record(input: Input<typeof campaigns.record>, by: Actor) {
    return this.service.record(input, by);
  }
}
