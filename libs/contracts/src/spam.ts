import { z } from 'zod';
import { Id, IfMatch, request } from './contract.js';
import { event } from './events.js';
import { Ticket, TicketSnapshot } from './tickets.js';

const One = z.strictObject({ id: Id, ifMatch: IfMatch.optional() });

export const spam = {
  mark: request({
    subject: 'tickets.spam.mark', http: 'PUT /v1/tickets/:id/spam', scope: 'tickets:write',
    summary: 'This is spam (TKT-20): the ticket moves to the Spam view, and the filter of the account learns from it; needs no If-Match',
    input: One, output: Ticket, errors: ['TICKET_NOT_FOUND', 'VERSION_STALE'],
  }),
  unmark: request({
    subject: 'tickets.spam.unmark', http: 'DELETE /v1/tickets/:id/spam', scope: 'tickets:write',
    summary: 'This is no spam (TKT-20): the ticket is back, what was held back happens now, and the filter of the account learns from it; needs no If-Match',
    input: One, output: Ticket, errors: ['TICKET_NOT_FOUND', 'VERSION_STALE'],
  }),
};

export const spamEvents = {
  changed: event({ type: 'ticket.spam_changed', service: 'tickets', version: 1, public: true, summary: 'A ticket was found to be spam, or to be none', data: TicketSnapshot }),
};
