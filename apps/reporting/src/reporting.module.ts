import { Module } from '@nestjs/common';
import { FactsListener } from './facts/facts.listener.js';
import { FactsRepository } from './facts/facts.repository.js';
import { FactsService } from './facts/facts.service.js';
import { RebuildService } from './facts/rebuild.service.js';
import { MetricsHandler } from './metrics/metrics.handler.js';
import { MetricsRepository } from './metrics/metrics.repository.js';
import { MetricsService } from './metrics/metrics.service.js';

@Module({
  controllers: [MetricsHandler],
  providers: [FactsListener, FactsService, FactsRepository, RebuildService, MetricsService, MetricsRepository],
})
export class ReportingModule {}
