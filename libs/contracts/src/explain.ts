import { z } from 'zod';
import { ActorType, Id, Instant, PageInput, page, request } from './contract.js';
import { Message, Note } from './messages.js';

export const DecisionKind = z.enum(['thread', 'language', 'spam', 'routing', 'assignment', 'tags', 'status', 'attribution']).meta({ id: 'DecisionKind' });
export type DecisionKind = z.infer<typeof DecisionKind>;

/** TKT-21: something that was decided about a ticket by itself. */
export const Decision = z
  .object({
    id: Id,
    at: Instant,
    kind: DecisionKind,
    rule: z.string().describe('A rule of the product, such as TKT-2, or routing-rule/<id>'),
    ruleVersion: z.int().positive(),
    inputs: z.record(z.string(), z.unknown()).describe('What was looked at; never what somebody wrote'),
    outcome: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Decision' });
export type Decision = z.infer<typeof Decision>;

/** Something that happened to a ticket: an event without its content, a message or a note. */
export const TimelineEntry = z
  .object({
    id: Id,
    at: Instant,
    type: z.string().describe('As in the feed: ticket.closed, message.received, note.added, …'),
    actor: z.object({ type: ActorType, id: z.string().nullable() }),
    changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })).nullable().describe('What changed of the ticket; of the subject only that it did'),
    message: Message.nullable(),
    note: Note.nullable(),
  })
  .meta({ id: 'TimelineEntry' });

export const explain = {
  explain: request({
    subject: 'tickets.ticket.explain', http: 'GET /v1/tickets/:id/explain', scope: 'tickets:read',
    summary: 'What was decided about a ticket by itself, by which rule and from what (TKT-21), newest first',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(Decision), errors: ['TICKET_NOT_FOUND'],
  }),
  timeline: request({
    subject: 'tickets.ticket.timeline', http: 'GET /v1/tickets/:id/timeline', scope: 'tickets:read', summary: 'Everything that happened to a ticket, newest first',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(TimelineEntry), errors: ['TICKET_NOT_FOUND'],
  }),
};
