import { z } from 'zod';
import { Id, IfMatch, Instant, Nothing, PageInput, page, request, text } from './contract.js';
import { event } from './events.js';
import { Ticket, TicketSnapshot } from './tickets.js';

/** Blanks around it do not count, nor does upper or lower case when two are compared. */
export const TagName = text(64).meta({ id: 'TagName', description: 'Of one line; told apart without regard to case' });
/** Most tags of one ticket. */
export const TAGS_PER_TICKET = 50;

export const Tag = z.object({ id: Id, name: z.string(), createdAt: Instant, version: z.int().positive() }).meta({ id: 'Tag' });
export type Tag = z.infer<typeof Tag>;

/** TKT-14: who put it there. */
export const TagOrigin = z.enum(['person', 'rule', 'auto']).meta({ id: 'TagOrigin' });
export type TagOrigin = z.infer<typeof TagOrigin>;

/** One tag on one ticket, from when to when. It stays when the tag is taken off, renamed or merged. */
export const Tagging = z
  .object({
    tagId: Id, name: z.string().describe('As the tag is called now'), nameThen: z.string().describe('As it was called when it was given'),
    origin: TagOrigin, by: Id.nullable().describe('Person, key or rule'), at: Instant,
    removedAt: Instant.nullable(), removedBy: Id.nullable(),
  })
  .meta({ id: 'Tagging' });
export type Tagging = z.infer<typeof Tagging>;

const stale = ['TAG_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'] as const;

export const tags = {
  list: request({
    subject: 'tickets.tag.list', http: 'GET /v1/tags', scope: 'tickets:read', summary: 'The tags of the account, by name',
    input: z.strictObject({ q: text(64).optional().describe('Only those whose name holds this'), ...PageInput }), output: page(Tag), errors: [],
  }),
  create: request({
    subject: 'tickets.tag.create', http: 'POST /v1/tags', status: 201, scope: 'desk:admin', summary: 'Make a tag before anybody uses it',
    input: z.strictObject({ name: TagName }), output: Tag, errors: ['NAME_TAKEN'],
  }),
  get: request({ subject: 'tickets.tag.get', http: 'GET /v1/tags/:id', scope: 'tickets:read', summary: 'A tag', input: z.strictObject({ id: Id }), output: Tag, errors: ['TAG_NOT_FOUND'] }),
  rename: request({
    subject: 'tickets.tag.rename', http: 'PATCH /v1/tags/:id', scope: 'desk:admin', summary: 'Rename a tag, on every ticket that has it; who gave it and when stays known (TKT-14)',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, name: TagName }), output: Tag, errors: [...stale, 'NAME_TAKEN'],
  }),
  remove: request({
    subject: 'tickets.tag.remove', http: 'DELETE /v1/tags/:id', scope: 'desk:admin', summary: 'Take a tag off every ticket and out of the list',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: Nothing, errors: stale,
  }),
  merge: request({
    subject: 'tickets.tag.merge', http: 'POST /v1/tags/:id/merge', scope: 'desk:admin', summary: 'Make one tag of two: this one ends, its tickets and their history go to the other (TKT-14)',
    input: z.strictObject({ id: Id, intoId: Id }), output: Tag, errors: ['TAG_NOT_FOUND'],
  }),
  put: request({
    subject: 'tickets.tag.put', http: 'PUT /v1/tickets/:id/tags/:tag', scope: 'tickets:write', summary: 'Give a ticket a tag; needs no If-Match: repeating it changes nothing',
    input: z.strictObject({ id: Id, tag: TagName }), output: Ticket, errors: ['TICKET_NOT_FOUND', 'TOO_MANY'],
  }),
  take: request({
    subject: 'tickets.tag.take', http: 'DELETE /v1/tickets/:id/tags/:tag', scope: 'tickets:write', summary: 'Take a tag off a ticket; needs no If-Match',
    input: z.strictObject({ id: Id, tag: TagName }), output: Ticket, errors: ['TICKET_NOT_FOUND'],
  }),
  history: request({
    subject: 'tickets.tag.history', http: 'GET /v1/tickets/:id/tags', scope: 'tickets:read', summary: 'The tags a ticket has and had, newest first: from where, by whom and when (TKT-14)',
    input: z.strictObject({ id: Id }), output: z.object({ items: z.array(Tagging), nextCursor: z.null() }), errors: ['TICKET_NOT_FOUND'],
  }),
};

export const tagEvents = {
  tagged: event({
    type: 'ticket.tagged', service: 'tickets', version: 1, public: true, summary: 'A ticket was given a tag, or lost one',
    data: TicketSnapshot.extend({ tag: z.object({ id: Id, name: z.string(), added: z.boolean(), origin: TagOrigin }) }),
  }),
  changed: event({
    type: 'tag.changed', service: 'tickets', version: 1, public: false, summary: 'A tag was renamed, merged or removed, on all tickets at once',
    data: z.object({ id: Id, name: z.string(), became: z.object({ id: Id, name: z.string() }).nullable().describe('Null: it was removed') }),
  }),
};
