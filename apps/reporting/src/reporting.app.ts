import { SERVICE_ENV } from '@parley/service/config';
import type { ServiceApp } from '@parley/service/service';
import { Reporting1795132800000 } from './migrations/2026-11-20-reporting.js';
import { ReportingModule } from './reporting.module.js';

/** The reporting service: hears everything, keeps it, and answers what it adds up to. */
export const reportingApp: ServiceApp = {
  name: 'reporting',
  module: ReportingModule,
  env: SERVICE_ENV,
  entities: [],
  migrations: [Reporting1795132800000],
};
