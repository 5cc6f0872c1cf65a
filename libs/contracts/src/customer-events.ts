import { z } from 'zod';
import { ConsentKind, Phone } from './channels.js';
import { Id, IfMatch, Instant, PageInput, TimeZone, page, request, text } from './contract.js';
import { jsonObject } from './json.js';
import { ConsentState, Location } from './profiles.js';

/** Exactly one way to name a customer. Somebody unknown by externalId, email or phone becomes known; an unknown id is refused. */
export const ProfileRef = z
  .strictObject({ id: Id.optional(), externalId: text(255).optional(), email: z.email().max(254).optional(), phone: Phone.optional() })
  .refine((ref) => Object.values(ref).filter((value) => value !== undefined).length === 1, 'names a profile in exactly one way')
  .meta({ id: 'ProfileRef' });
export type ProfileRef = z.infer<typeof ProfileRef>;

/** The metric that makes an event an order (PRO-4). */
export const ORDER_METRIC = 'Placed Order';

const Metric = text(200);
const NewEvent = z
  .strictObject({
    profile: ProfileRef,
    metric: Metric.describe('Such as Placed Order, whose properties value (a number), currency and orderId make an order'),
    time: Instant.optional().describe('Default: now'),
    properties: jsonObject({ keys: 100, bytes: 8192, depth: 5 }).default({}),
    uniqueId: text(200).optional().describe('An event of the same uniqueId is recorded once per account'),
  })
  .meta({ id: 'NewCustomerEvent' });
export type NewEvent = z.infer<typeof NewEvent>;

const Recorded = z
  .object({ status: z.enum(['recorded', 'duplicate', 'refused']), id: Id.nullable().describe('Of the event that stands; null where it was refused'), code: z.string().nullable().describe('Why it was refused: PROFILE_NOT_FOUND') })
  .meta({ id: 'RecordedEvent' });

/** PRO-3: what a customer did, or what happened between them and us. */
export const CustomerEvent = z
  .object({
    id: Id, metric: z.string(), at: Instant, properties: z.record(z.string(), z.unknown()),
    origin: z.enum(['api', 'parley']).describe('parley: seen by Parley itself, from the customer’s side: Received SMS is what we sent, Sent SMS what they wrote; likewise Email, WhatsApp, Instagram Message, Chat Message'),
  })
  .meta({ id: 'CustomerEvent' });
export type CustomerEvent = z.infer<typeof CustomerEvent>;

export const Order = z
  .object({ id: Id, orderId: z.string().nullable(), value: z.number().nullable(), currency: z.string().nullable(), at: Instant, properties: z.record(z.string(), z.unknown()) })
  .meta({ id: 'Order', description: 'An event of the metric Placed Order' });
export type Order = z.infer<typeof Order>;

/**
 * What is expected of a customer. Number of orders and churn: the BG/NBD model (Fader, Hardie and Lee, Marketing Science 24(2),
 * 2005), with the parameters that paper estimates, time in weeks; value of an order: the gamma-gamma model (Fader and Hardie, 2013), its
 * mean being the account's own. Nothing is predicted below three orders.
 */
export const Predictions = z
  .object({
    horizonDays: z.int().describe('How far orders are expected: 364 days'),
    currency: z.string().nullable().describe('The one of most of the customer’s orders; values of other currencies are left out'),
    expectedOrders: z.number().describe('Within the horizon'),
    expectedOrderValue: z.number().nullable(),
    lifetimeValue: z.number().nullable().describe('What orders have come to, and what is expected within the horizon'),
    churnRisk: z.number().min(0).max(1).describe('How likely it is that no order comes any more'),
    nextOrderAt: Instant.describe('Expected, supposing that one comes'),
  })
  .meta({ id: 'Predictions' });
export type Predictions = z.infer<typeof Predictions>;

/** PRO-4: what stands beside a ticket. */
export const ProfileSummary = z
  .object({
    profileId: Id,
    name: z.string().nullable(),
    blocked: z.boolean(),
    subscriptions: z.partialRecord(ConsentKind, ConsentState).describe('Absent: never said'),
    location: Location.nullable(),
    timezone: TimeZone.nullable(),
    localTime: z.string().nullable().describe('Where the customer is, with its offset; null where the time zone is not known'),
    recentActivity: z.array(CustomerEvent).describe('The last 10'),
    recentOrders: z.array(Order).describe('The last 5'),
    orders: z.int().nonnegative(),
    ordersTotal: z.array(z.object({ currency: z.string().nullable(), value: z.number() })),
    tickets: z.int().nonnegative(),
    openTickets: z.int().nonnegative(),
    pinned: z.array(z.object({ name: z.string(), value: z.unknown() })).max(5).describe('Custom properties that the settings of area profiles name'),
    predictions: Predictions.nullable().describe('Null below three orders'),
  })
  .meta({ id: 'ProfileSummary' });
export type ProfileSummary = z.infer<typeof ProfileSummary>;

/** A saved choice of metrics for timelines (PRO-3). */
export const EventFilter = z.object({ id: Id, name: z.string(), metrics: z.array(z.string()), createdAt: Instant, version: z.int().positive() }).meta({ id: 'EventFilter' });
export type EventFilter = z.infer<typeof EventFilter>;
const Metrics = z.array(Metric).min(1).max(50);

export const customerEvents = {
  record: request({
    subject: 'tickets.event.record', http: 'POST /v1/events', scope: 'events:write', summary: 'What customers did: one event, or up to 500 at once, each with its own outcome (PRO-3)',
    input: z.union([NewEvent, z.strictObject({ events: z.array(NewEvent).min(1).max(500) })]),
    output: z.object({ items: z.array(Recorded).describe('In the order of the events') }), errors: [],
  }),
  timeline: request({
    subject: 'tickets.event.list', http: 'GET /v1/profiles/:id/events', scope: 'profiles:read', summary: 'What happened, newest first, of all metrics, one, or those of a saved filter (PRO-3)',
    input: z.strictObject({ id: Id, metric: Metric.optional(), filterId: Id.optional(), ...PageInput }), output: page(CustomerEvent), errors: ['PROFILE_NOT_FOUND', 'EVENT_FILTER_NOT_FOUND'],
  }),
  orders: request({
    subject: 'tickets.order.list', http: 'GET /v1/profiles/:id/orders', scope: 'profiles:read', summary: 'The customer’s orders, newest first',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(Order), errors: ['PROFILE_NOT_FOUND'],
  }),
  summary: request({
    subject: 'tickets.profile.summary', http: 'GET /v1/profiles/:id/summary', scope: 'profiles:read', summary: 'What stands beside a ticket (PRO-4)',
    input: z.strictObject({ id: Id }), output: ProfileSummary, errors: ['PROFILE_NOT_FOUND'],
  }),
  filters: request({
    subject: 'tickets.event-filter.list', http: 'GET /v1/event-filters', scope: 'profiles:read', summary: 'Saved filters of timelines, newest first',
    input: z.strictObject(PageInput), output: page(EventFilter), errors: [],
  }),
  saveFilter: request({
    subject: 'tickets.event-filter.create', http: 'POST /v1/event-filters', status: 201, scope: 'profiles:write', summary: 'Save a choice of metrics under a name',
    input: z.strictObject({ name: text(200), metrics: Metrics }), output: EventFilter, errors: ['NAME_TAKEN'],
  }),
  changeFilter: request({
    subject: 'tickets.event-filter.update', http: 'PATCH /v1/event-filters/:id', scope: 'profiles:write', summary: 'Rename a saved filter or choose other metrics',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, name: text(200).optional(), metrics: Metrics.optional() }), output: EventFilter,
    errors: ['EVENT_FILTER_NOT_FOUND', 'NAME_TAKEN', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  removeFilter: request({
    subject: 'tickets.event-filter.remove', http: 'DELETE /v1/event-filters/:id', scope: 'profiles:write', summary: 'Forget a saved filter; answers it as it was',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: EventFilter, errors: ['EVENT_FILTER_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
};
