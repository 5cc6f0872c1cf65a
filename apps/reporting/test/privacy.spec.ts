import { knowsWhatItHolds } from '@parley/service/testing/privacy';
import { reportingApp } from '../src/reporting.app.js';
import { HOLDINGS } from '../src/privacy/holdings.js';

knowsWhatItHolds(reportingApp, HOLDINGS, ['event_log']);
