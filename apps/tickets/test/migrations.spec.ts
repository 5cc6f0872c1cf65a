import { keepsItsSchema } from '@parley/service/testing/migrations';
import { ticketsApp } from '../src/tickets.app.js';

keepsItsSchema(ticketsApp, { open: [] });
