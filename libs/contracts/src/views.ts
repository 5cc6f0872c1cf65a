import { z } from 'zod';
import { Id, IfMatch, Instant, request, text } from './contract.js';
import { TicketFields, TicketSort } from './tickets.js';

/** The views that everybody has. */
export const BuiltInView = z.enum(['mine', 'unassigned', 'all', 'spam']).meta({ id: 'BuiltInView' });
export type BuiltInView = z.infer<typeof BuiltInView>;

/** What a view shows: a built-in view, narrowed by the filters that GET /v1/tickets takes. */
export const ViewFilter = z.strictObject({ view: BuiltInView.default('all'), ...TicketFields }).meta({ id: 'ViewFilter' });
export type ViewFilter = z.output<typeof ViewFilter>;

/** How many tickets a view shows: exact up to 1,000. Counting looks at a bounded number of tickets, so it does not grow with the account. */
export const ViewCount = z.object({ value: z.int().nonnegative(), orMore: z.boolean().describe('There may be more than value') }).meta({ id: 'ViewCount' });
export type ViewCount = z.infer<typeof ViewCount>;

/** A saved filter (TKT-15). */
export const View = z
  .object({
    id: Id,
    name: z.string(),
    shared: z.boolean().describe('Everybody sees it; else only who made it'),
    ownerId: Id,
    filter: ViewFilter,
    sort: TicketSort,
    createdAt: Instant,
    version: z.int().positive(),
    count: ViewCount.nullable().describe('For whoever asks; null where it was not asked for'),
  })
  .meta({ id: 'View' });
export type View = z.infer<typeof View>;

const Counted = z.enum(['true', 'false']).default('false').describe('Also count the tickets of each');
const changing = ['VIEW_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'] as const;

export const views = {
  list: request({
    subject: 'tickets.view.list', http: 'GET /v1/views', scope: 'tickets:read', summary: 'The built-in views, and the custom ones that are shared or one’s own, by name (TKT-15)',
    input: z.strictObject({ counts: Counted }),
    output: z.object({ builtIn: z.array(z.object({ view: BuiltInView, count: ViewCount.nullable() })), items: z.array(View), nextCursor: z.null() }), errors: [],
  }),
  create: request({
    subject: 'tickets.view.create', http: 'POST /v1/views', status: 201, scope: 'tickets:write', summary: 'Save a filter as a view; a shared one needs desk:admin',
    input: z.strictObject({ name: text(100), shared: z.boolean().default(false), filter: ViewFilter, sort: TicketSort.default('last_message') }), output: View, errors: ['TOO_MANY'],
  }),
  get: request({
    subject: 'tickets.view.get', http: 'GET /v1/views/:id', scope: 'tickets:read', summary: 'A view, with the number of its tickets', input: z.strictObject({ id: Id }), output: View, errors: ['VIEW_NOT_FOUND'],
  }),
  update: request({
    subject: 'tickets.view.update', http: 'PATCH /v1/views/:id', scope: 'tickets:write', summary: 'Rename a view, change what it shows, share it; whatever is or becomes shared needs desk:admin',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, name: text(100).optional(), shared: z.boolean().optional(), filter: ViewFilter.optional(), sort: TicketSort.optional() }), output: View, errors: changing,
  }),
  remove: request({
    subject: 'tickets.view.remove', http: 'DELETE /v1/views/:id', scope: 'tickets:write', summary: 'Forget a view; answers it as it was', input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: View, errors: changing,
  }),
};
