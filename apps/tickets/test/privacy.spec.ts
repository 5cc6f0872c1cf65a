import { knowsWhatItHolds } from '@parley/service/testing/privacy';
import { ticketsApp } from '../src/tickets.app.js';
import { HOLDINGS } from '../src/privacy/holdings.js';

knowsWhatItHolds(ticketsApp, HOLDINGS);
