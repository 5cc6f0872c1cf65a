import { z } from 'zod';
import { Id, Instant, PageInput, page, request } from './contract.js';
import { event } from './events.js';
import { TagName } from './tags.js';
import { Priority, SnoozeFor } from './tickets.js';
import { ViewFilter } from './views.js';

/** Most tickets of one bulk action: named one by one, and chosen by a filter. */
export const BULK_IDS = 10_000;
export const BULK_FILTERED = 100_000;

/** TKT-16: what is done to each ticket, as if an agent had done it there. */
export const BulkAction = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('close') }),
    z.strictObject({ type: z.literal('reopen') }),
    z.strictObject({ type: z.literal('snooze'), ...SnoozeFor }),
    z.strictObject({ type: z.literal('assign'), assigneeId: Id.nullable().optional(), teamId: Id.nullable().optional() }),
    z.strictObject({ type: z.literal('priority'), priority: Priority }),
    z.strictObject({ type: z.literal('tag'), add: z.array(TagName).max(20).default([]), remove: z.array(TagName).max(20).default([]) }),
    z.strictObject({ type: z.literal('spam'), spam: z.boolean().default(true) }),
    z.strictObject({ type: z.literal('read'), unread: z.boolean().default(false) }),
  ])
  .meta({ id: 'BulkAction' });
export type BulkAction = z.output<typeof BulkAction>;

/** Work that goes on after the answer. */
export const Job = z
  .object({
    id: Id,
    kind: z.enum(['bulk']),
    state: z.enum(['running', 'done']),
    action: BulkAction,
    total: z.int().nonnegative(),
    done: z.int().nonnegative().describe('Tickets that are as was asked for, those that were so before among them'),
    failed: z.int().nonnegative(),
    createdAt: Instant,
    finishedAt: Instant.nullable(),
  })
  .meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;

/** Why one ticket was not changed. */
export const JobFailure = z.object({ ticketId: Id, code: z.string().describe('As in a problem: MOVE_NOT_ALLOWED, TICKET_NOT_FOUND, …'), reason: z.string().nullable() }).meta({ id: 'JobFailure' });
export type JobFailure = z.infer<typeof JobFailure>;

export const jobs = {
  bulk: request({
    subject: 'tickets.ticket.bulk', http: 'POST /v1/tickets/bulk', status: 202, scope: 'tickets:write',
    summary: 'Do one thing to many tickets (TKT-16): up to 10,000 named ones, or all that a filter shows at this moment, up to 100,000. Answers a job',
    input: z
      .strictObject({ ids: z.array(Id).min(1).max(BULK_IDS).optional(), filter: ViewFilter.optional(), action: BulkAction })
      .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), 'give ids or filter'),
    output: Job, errors: ['USER_NOT_FOUND', 'TEAM_NOT_FOUND', 'TOO_MANY'],
  }),
  get: request({
    subject: 'tickets.job.get', http: 'GET /v1/jobs/:id', scope: 'tickets:read', summary: 'How far a job is', input: z.strictObject({ id: Id }), output: Job, errors: ['JOB_NOT_FOUND'],
  }),
  failures: request({
    subject: 'tickets.job.failures', http: 'GET /v1/jobs/:id/failures', scope: 'tickets:read', summary: 'Which tickets were not changed, and why, in the order of their ids',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(JobFailure), errors: ['JOB_NOT_FOUND'],
  }),
};

export const jobEvents = {
  updated: event({ type: 'job.updated', service: 'tickets', version: 1, public: true, summary: 'A job has come further, or is done', data: Job }),
};
