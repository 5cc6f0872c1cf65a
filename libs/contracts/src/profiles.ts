import { z } from 'zod';
import { Attachment, ChannelType, ConsentKind, Identifier, Phone } from './channels.js';
import { Id, IfMatch, Instant, Locale, PageInput, TimeZone, page, request, text } from './contract.js';
import { event } from './events.js';
import { jsonObject } from './json.js';
import { Ticket } from './tickets.js';

export const ConsentState = z.enum(['granted', 'revoked']).meta({ id: 'ConsentState' });
export type ConsentState = z.infer<typeof ConsentState>;

/** Where somebody is, as far as the account was told. */
export const Location = z
  .object({ country: z.string().nullable().describe('ISO 3166-1 alpha-2'), region: z.string().nullable(), city: z.string().nullable() })
  .meta({ id: 'Location' });
const NewLocation = z.strictObject({
  country: z.string().regex(/^[A-Z]{2}$/, 'is no ISO 3166-1 alpha-2 code, such as FR').nullable().default(null),
  region: text(100).nullable().default(null),
  city: text(100).nullable().default(null),
});
/** Custom properties: at most 100, together at most 16 KiB, five levels deep. */
export const Properties = jsonObject({ keys: 100, bytes: 16_384, depth: 5 });
const PropertyChanges = Properties.describe('Only the named ones change; null forgets one');

/** PRO-1: one customer of an account. */
export const Profile = z
  .object({
    id: Id,
    name: z.string().nullable(),
    externalId: z.string().nullable(),
    emails: z.array(z.string()),
    phones: z.array(z.string()),
    identifiers: z.array(Identifier),
    locale: Locale.nullable(),
    timezone: TimeZone.nullable(),
    location: Location.nullable().optional(),
    properties: z.record(z.string(), z.unknown()).optional().describe('Custom properties'),
    consents: z.partialRecord(ConsentKind, ConsentState).describe('Current state by kind; absent: never said'),
    blocked: z.boolean(),
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

export const Consent = z
  .object({ id: Id, kind: ConsentKind, state: ConsentState, source: z.string(), evidence: z.string().nullable(), at: Instant })
  .meta({ id: 'Consent', description: 'One entry of the append-only ledger (PRO-2)' });

export const NewIdentifier = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('email'), value: z.email().max(254) }),
    z.strictObject({ type: z.literal('phone'), value: Phone }),
    z.strictObject({ type: z.literal('externalId'), value: text(255) }),
  ])
  .meta({ id: 'NewIdentifier' });
export type NewIdentifier = z.infer<typeof NewIdentifier>;

/** PRO-5: kept, but in no thread and no view. */
export const Quarantined = z
  .object({ id: Id, why: z.enum(['blocked', 'automatic']), channel: ChannelType, channelId: Id, subject: z.string().nullable(), text: z.string(), attachments: z.array(Attachment), receivedAt: Instant })
  .meta({ id: 'QuarantinedMessage' });
export type Quarantined = z.infer<typeof Quarantined>;

export const profiles = {
  list: request({
    subject: 'tickets.profile.list', http: 'GET /v1/profiles', scope: 'profiles:read', summary: 'The customers, newest first',
    input: z.strictObject({ ...PageInput, email: z.string().max(254).optional(), phone: z.string().max(20).optional(), externalId: z.string().max(255).optional() }),
    output: page(Profile), errors: [],
  }),
  upsert: request({
    subject: 'tickets.profile.upsert', http: 'POST /v1/profiles', status: 201, scope: 'profiles:write', summary: 'Make or update the customer who holds any of these identifiers',
    input: z.strictObject({
      externalId: text(255).optional(), email: z.email().max(254).optional(), phone: Phone.optional(),
      name: text(200).nullable().optional(), locale: Locale.nullable().optional(), timezone: TimeZone.nullable().optional(),
      location: NewLocation.nullable().optional(), properties: PropertyChanges.optional(),
    }),
    output: Profile, errors: ['IDENTIFIER_TAKEN', 'IDENTIFIER_ERASED'],
  }),
  update: request({
    subject: 'tickets.profile.update', http: 'PATCH /v1/profiles/:id', scope: 'profiles:write',
    summary: 'Change a customer (PRO-1). An identifier of somebody else is refused; a second externalId too, until the first is removed',
    input: z.strictObject({
      id: Id, ifMatch: IfMatch, name: text(200).nullable().optional(), locale: Locale.nullable().optional(), timezone: TimeZone.nullable().optional(),
      location: NewLocation.nullable().optional(), properties: PropertyChanges.optional(),
      removeIdentifiers: z.array(NewIdentifier).max(20).default([]).describe('Taken away before others are added'),
      addIdentifiers: z.array(NewIdentifier).max(20).default([]),
    }),
    output: Profile, errors: ['PROFILE_NOT_FOUND', 'IDENTIFIER_TAKEN', 'IDENTIFIER_ERASED', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  tickets: request({
    subject: 'tickets.profile.tickets', http: 'GET /v1/profiles/:id/tickets', scope: 'tickets:read', summary: 'The customer’s tickets by all channels, newest first; spam is not among them',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(Ticket), errors: ['PROFILE_NOT_FOUND'],
  }),
  quarantine: request({
    subject: 'tickets.profile.quarantine', http: 'GET /v1/profiles/:id/quarantine', scope: 'tickets:read',
    summary: 'What the customer wrote while blocked (PRO-5), and automatic answers that belong nowhere, newest first', input: z.strictObject({ id: Id, ...PageInput }), output: page(Quarantined), errors: ['PROFILE_NOT_FOUND'],
  }),
  get: request({
    subject: 'tickets.profile.get', http: 'GET /v1/profiles/:id', scope: 'profiles:read', summary: 'A customer',
    input: z.strictObject({ id: Id }), output: Profile, errors: ['PROFILE_NOT_FOUND'],
  }),
  consents: request({
    subject: 'tickets.profile.consents', http: 'GET /v1/profiles/:id/consents', scope: 'profiles:read', summary: 'The ledger of consents, newest first (PRO-2)',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(Consent), errors: ['PROFILE_NOT_FOUND'],
  }),
  setConsent: request({
    subject: 'tickets.profile.set-consent', http: 'PUT /v1/profiles/:id/consents/:kind', scope: 'profiles:write', summary: 'Record that somebody consented or revoked (PRO-2)',
    input: z.strictObject({ id: Id, kind: ConsentKind, state: ConsentState, source: text(100), evidence: text(2000).nullable().default(null) }),
    output: Profile, errors: ['PROFILE_NOT_FOUND'],
  }),
  block: request({
    subject: 'tickets.profile.block', http: 'PUT /v1/profiles/:id/block', scope: 'tickets:write', summary: 'Block a customer: their open tickets close, later messages go to quarantine (PRO-5)',
    input: z.strictObject({ id: Id }), output: Profile, errors: ['PROFILE_NOT_FOUND'],
  }),
  unblock: request({
    subject: 'tickets.profile.unblock', http: 'DELETE /v1/profiles/:id/block', scope: 'tickets:write', summary: 'Unblock a customer; what came meanwhile stays in quarantine',
    input: z.strictObject({ id: Id }), output: Profile, errors: ['PROFILE_NOT_FOUND'],
  }),
};

export const profileEvents = {
  created: event({ type: 'profile.created', service: 'tickets', version: 1, public: true, summary: 'A customer became known', data: Profile }),
  updated: event({ type: 'profile.updated', service: 'tickets', version: 1, public: true, summary: 'A customer changed', data: Profile }),
  blocked: event({ type: 'profile.blocked', service: 'tickets', version: 1, public: true, summary: 'A customer was blocked or unblocked', data: Profile }),
  consentChanged: event({ type: 'consent.changed', service: 'tickets', version: 1, public: true, summary: 'A consent was given or revoked', data: z.object({ profileId: Id, consent: Consent }) }),
};
