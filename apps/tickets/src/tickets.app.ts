import type { ServiceApp } from '@parley/service/service';
import { Tickets1763640000000 } from './migrations/2026-11-20-tickets.js';
import { Customers1763650100000 } from './migrations/2026-11-20-customers.js';
import { Working1763650200000 } from './migrations/2026-11-20-working.js';
import { Assignment1763650400000 } from './migrations/2026-11-20-assignment.js';
import { Privacy1763650510000 } from './migrations/2026-11-20-privacy.js';
import { Inbox1763650300000 } from './migrations/2026-11-20-inbox.js';
import { Templates1763662100000 } from './migrations/2026-11-20-templates.js';
import { Meta1763662000000 } from './migrations/2026-11-20-meta.js';
import { Retries1763667000000 } from './migrations/2026-11-20-retries.js';
import { Thread1763663000000 } from './migrations/2026-11-20-thread.js';
import { Texting1763664000000 } from './migrations/2026-11-20-texting.js';
import { TICKETS_ENV } from './tickets.config.js';
import { TicketsModule } from './tickets.module.js';

/** The tickets service: tickets, their messages, the customers, and what the clock does with them. */
export const ticketsApp: ServiceApp = {
  name: 'tickets',
  module: TicketsModule,
  env: TICKETS_ENV,
  entities: [],
  migrations: [Privacy1763650510000, Tickets1763640000000, Customers1763650100000, Inbox1763650300000, Working1763650200000, Assignment1763650400000, Meta1763662000000, Templates1763662100000, Thread1763663000000, Texting1763664000000, Retries1763667000000],
};
