import { z } from 'zod';
import { Id, Instant, request } from './contract.js';
import { event } from './events.js';

/** Who holds something of a customer: each is asked, and an erasure is done only when each has answered. In this order: who says things before who hears them. */
export const HOLDERS = ['tickets', 'channels', 'notifications', 'reporting'] as const;
export type Holder = (typeof HOLDERS)[number];

/** A customer as all services know them: by the ids that are kept, and by the identifiers that are not. Travels between our services only. */
export const Person = z.object({
  profileIds: z.array(Id).min(1).describe('The profile first, then those that were merged into it'),
  ticketIds: z.array(Id),
  sessionIds: z.array(Id).describe('Web chat'),
  threadIds: z.array(Id).describe('E-mail'),
  messageIds: z.array(Id).describe('Messages that stand in no thread'),
  identifiers: z.array(z.object({ type: z.string(), value: z.string() })),
  files: z.array(z.string().regex(/^[0-9a-f]{64}$/)).default([]).describe('SHA-256 of the files that nobody else sent or got'),
});
export type Person = z.infer<typeof Person>;

/** How far an erasure is (PRO-6). */
export const Erasure = z
  .object({
    id: Id,
    profileId: Id,
    state: z.enum(['running', 'done']),
    services: z.array(z.object({ service: z.enum(HOLDERS), state: z.enum(['waiting', 'done']), doneAt: Instant.nullable() })),
    requestedAt: Instant,
    doneAt: Instant.nullable(),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.infer<typeof Erasure>;

const ProfileExport = z
  .object({
    id: Id,
    profileId: Id,
    url: z.string().describe('Everything that is held of the customer, as NDJSON: a line {service, kind, row} each, with a `url` where it is a file, and {"end": true} as the last. Whoever has the link may read it'),
    expiresAt: Instant.describe('24 hours on'),
  })
  .meta({ id: 'ProfileExport' });

/** PRO-6, answered by the gateway: it asks every service for its part. */
export const privacy = {
  export: request({
    subject: 'access.privacy.export', http: 'POST /v1/profiles/:id/export', status: 201, scope: 'settings:admin',
    summary: 'A link to everything that is held of a customer (PRO-6); nothing is stored for it, it is read when it is followed',
    input: z.strictObject({ id: Id }), output: ProfileExport, errors: ['PROFILE_NOT_FOUND'],
  }),
  erase: request({
    subject: 'access.privacy.erase', http: 'POST /v1/profiles/:id/erasure', status: 202, scope: 'settings:admin',
    summary: 'Remove a customer’s content and identifiers everywhere, for good (PRO-6); counts in reports stay, and the identifiers are not imported again',
    input: z.strictObject({ id: Id }), output: Erasure, errors: ['PROFILE_NOT_FOUND'],
  }),
  erasure: request({
    subject: 'access.privacy.erasure', http: 'GET /v1/erasures/:id', scope: 'settings:admin', summary: 'How far an erasure is; done when every service has answered',
    input: z.strictObject({ id: Id }), output: Erasure, errors: ['ERASURE_NOT_FOUND'],
  }),
};

/** What the gateway asks each service. */
export const holder = (service: Holder) => ({
  export: request({
    subject: `${service}.privacy.export`, scope: 'internal', summary: 'A piece of what this service holds of somebody; ask after `next` until it is null',
    input: z.object({ person: Person, after: z.object({ table: z.int(), row: z.int() }).nullable() }),
    output: z.object({ rows: z.array(z.object({ kind: z.string(), row: z.record(z.string(), z.unknown()) })), next: z.object({ table: z.int(), row: z.int() }).nullable() }), errors: [],
  }),
  erase: request({
    subject: `${service}.privacy.erase`, scope: 'internal', summary: 'Erase somebody; begins where it has not begun, and tells whether it is done: ask again until it is',
    input: z.object({ erasureId: Id, person: Person }), output: z.object({ done: z.boolean() }), errors: [],
  }),
});

/** Asked of tickets alone, which knows who is who. */
export const person = request({
  subject: 'tickets.privacy.person', scope: 'internal', summary: 'How all services know a customer',
  input: z.object({ profileId: Id }), output: Person, errors: ['PROFILE_NOT_FOUND'],
});

export const privacyEvents = {
  erased: event({
    type: 'profile.erased', service: 'tickets', version: 1, public: true, summary: 'A customer was erased: forget what you hold of them (PRO-6)',
    data: z.object({ profileId: Id, mergedIds: z.array(Id).describe('Profiles that had been merged into it'), ticketIds: z.array(Id) }),
  }),
};

