import type { MetricName } from '@parley/contracts/reports';

type Definition = {
  name: MetricName;
  version: number;
  unit: 'tickets' | 'seconds' | 'messages';
  summary: string;
  starts: string;
  stops: string | null;
  actors: string;
  credit: string;
  countedAt: string;
};

/** REP-2: what every number means, as the API publishes it. A changed meaning is a new `version`. `learn` measures by it. */
export const CATALOGUE: Record<MetricName, Definition> = {
  'ticket-volume': {
    name: 'ticket-volume', version: 1, unit: 'tickets', summary: 'Tickets that customers opened',
    starts: 'Every ticket counts once', stops: null, actors: 'Customers',
    credit: 'The agent to whom the ticket is assigned now', countedAt: 'When the ticket was created',
  },
  'first-response-time': {
    name: 'first-response-time', version: 1, unit: 'seconds', summary: 'How long customers waited for the first answer of a person, in calendar time',
    starts: 'The first message of the customer', stops: 'The first public reply of an agent',
    actors: 'Agents; notes, AI answers and automatic messages do not stop it',
    credit: 'The agent who sent the reply, whoever is assigned', countedAt: 'When the reply was sent',
  },
  'resolution-time': {
    name: 'resolution-time', version: 1, unit: 'seconds', summary: 'Full resolution: how long until a ticket was closed, at every close, in calendar time',
    starts: 'The first message of the customer', stops: 'The close; when a timer closed the ticket, the last answer to the customer before it',
    actors: 'Whoever closed the ticket: an agent, an integration, the visitor or a timer; each close of a ticket that was reopened counts',
    credit: 'The agent who closed it; nobody where anybody else did', countedAt: 'When the ticket was closed',
  },
  'first-resolution-time': {
    name: 'first-resolution-time', version: 1, unit: 'seconds', summary: 'First resolution: how long until a ticket was closed for the first time, in calendar time',
    starts: 'The first message of the customer', stops: 'The first close; when a timer closed the ticket, the last answer to the customer before it',
    actors: 'Whoever closed the ticket first: an agent, an integration, the visitor or a timer',
    credit: 'The agent who closed it; nobody where anybody else did', countedAt: 'When the ticket was closed for the first time',
  },
  replies: {
    name: 'replies', version: 1, unit: 'messages', summary: 'Public replies of agents',
    starts: 'Every public reply counts once, delivered or not', stops: null, actors: 'Agents; notes, AI answers and automatic messages do not count',
    credit: 'The agent who sent the reply', countedAt: 'When the reply was sent',
  },
  closes: {
    name: 'closes', version: 1, unit: 'tickets', summary: 'Times a ticket was closed',
    starts: 'Every close counts, also of a ticket that was reopened', stops: null, actors: 'Agents, integrations, visitors and timers',
    credit: 'The agent who closed it; nobody where anybody else did', countedAt: 'When the ticket was closed',
  },
};
