import { z } from 'zod';
import { ConsentKind, Identifier, Phone } from './channels.js';
import { Id, Instant, Locale, PageInput, TimeZone, page, request, text } from './contract.js';
import { event } from './events.js';

export const ConsentState = z.enum(['granted', 'revoked']).meta({ id: 'ConsentState' });
export type ConsentState = z.infer<typeof ConsentState>;

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
    }),
    output: Profile, errors: ['IDENTIFIER_TAKEN'],
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
