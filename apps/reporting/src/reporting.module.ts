import { Module } from '@nestjs/common';
import { FactsListener } from './facts/facts.listener.js';
import { FactsRepository } from './facts/facts.repository.js';
import { FactsService } from './facts/facts.service.js';
import { RebuildService } from './facts/rebuild.service.js';
import { MetricsHandler } from './metrics/metrics.handler.js';
import { MetricsRepository } from './metrics/metrics.repository.js';
import { MetricsService } from './metrics/metrics.service.js';
import { PrivacyHandler } from './privacy/privacy.handler.js';
import { PrivacyService } from './privacy/privacy.service.js';

@Module({
  controllers: [PrivacyHandler, MetricsHandler],
  providers: [FactsListener, FactsService, FactsRepository, RebuildService, MetricsService, MetricsRepository, PrivacyService],
})
export class ReportingModule {}
