import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { jobs } from '@parley/contracts/jobs';
import { Handles } from '@parley/service/handles';
import { BulkService } from './bulk.service.js';

@Controller()
export class BulkHandler implements Answers<typeof jobs> {
  constructor(private readonly service: BulkService) {}

  @Handles(jobs.bulk)
  bulk(input: Input<typeof jobs.bulk>, by: Actor) {
    return this.service.start(input, by);
  }

  @Handles(jobs.get)
  get(input: Input<typeof jobs.get>, by: Actor) {
    return this.service.get(input, by);
  }

  @Handles(jobs.failures)
  failures(input: Input<typeof jobs.failures>, by: Actor) {
    return this.service.failures(input, by);
  }
}
