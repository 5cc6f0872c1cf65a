import { z } from 'zod';
import { Id, Instant, request } from './contract.js';
import { event } from './events.js';
import { TicketSnapshot } from './tickets.js';

/** TKT-22: two tickets that became one, or one that became two. */
export const Merge = z
  .object({
    id: Id,
    kind: z.enum(['merge', 'split']),
    fromId: Id.describe('The ticket whose messages moved'),
    intoId: Id.describe('The ticket they moved to: of a split, the new one'),
    messages: z.int().nonnegative().describe('How many moved'),
    by: Id.nullable(),
    at: Instant,
    undoneAt: Instant.nullable(),
  })
  .meta({ id: 'Merge' });
export type Merge = z.infer<typeof Merge>;

export const merging = {
  merge: request({
    subject: 'tickets.ticket.merge', http: 'POST /v1/tickets/:id/merge', status: 201, scope: 'tickets:write',
    summary: 'Put a ticket into another one of the same person and channel (TKT-22): messages stand in order of time under new numbers, and the old id answers with the surviving ticket',
    input: z.strictObject({ id: Id, intoId: Id }), output: Merge, errors: ['TICKET_NOT_FOUND', 'MERGE_NOT_ALLOWED'],
  }),
  split: request({
    subject: 'tickets.ticket.split', http: 'POST /v1/tickets/:id/split', status: 201, scope: 'tickets:write',
    summary: 'Move a message and all behind it to a ticket of their own (TKT-22); what the customer writes next still comes to this one',
    input: z.strictObject({ id: Id, fromMessageId: Id }), output: Merge, errors: ['TICKET_NOT_FOUND', 'MESSAGE_NOT_FOUND', 'MERGE_NOT_ALLOWED'],
  }),
  undo: request({
    subject: 'tickets.merge.undo', http: 'DELETE /v1/merges/:id', scope: 'tickets:write',
    summary: 'Undo a merge or a split: messages return to their tickets; those that came since stay where they came',
    input: z.strictObject({ id: Id }), output: Merge, errors: ['MERGE_NOT_FOUND', 'MERGE_NOT_ALLOWED'],
  }),
};

export const mergingEvents = {
  merged: event({
    type: 'ticket.merged', service: 'tickets', version: 1, public: true, summary: 'Tickets were merged or split, or that was undone: load the threads of both again',
    data: z.object({ merge: Merge, from: TicketSnapshot, into: TicketSnapshot }),
  }),
};
