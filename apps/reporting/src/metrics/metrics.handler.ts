import { Controller } from '@nestjs/common';
import type { Actor, Answers, Input } from '@parley/contracts/contract';
import { reports } from '@parley/contracts/reports';
import { Handles } from '@parley/service/handles';
import { MetricsService } from './metrics.service.js';

@Controller()
export class MetricsHandler implements Answers<typeof reports> {
  constructor(private readonly metrics: MetricsService) {}

  @Handles(reports.catalogue)
  async catalogue() {
    return this.metrics.catalogue();
  }

  @Handles(reports.report)
  async report(input: Input<typeof reports.report>, by: Actor) {
    return this.metrics.report(input, by);
  }

  @Handles(reports.drillDown)
  async drillDown(input: Input<typeof reports.drillDown>, by: Actor) {
    return this.metrics.drillDown(input, by);
  }
}
