import { keepsItsSchema } from '@parley/service/testing/migrations';
import { reportingApp } from '../src/reporting.app.js';

keepsItsSchema(reportingApp, { open: ['reported_account'] });
