import { z } from 'zod';
import { Id, IfMatch, Instant, Nothing, PageInput, page, request, text } from './contract.js';
import { TagName } from './tags.js';

/** What using a macro does beside writing; left out: nothing. */
export const MacroActions = z
  .strictObject({
    addTags: z.array(TagName).max(20).default([]),
    status: z.enum(['open', 'snoozed', 'closed']).nullable().default(null),
    snooze: z.enum(['later_today', 'tomorrow', 'next_week']).default('tomorrow').describe('Until when, where status is snoozed'),
    assignee: z.union([Id, z.literal('me'), z.literal('nobody')]).nullable().default(null),
  })
  .meta({ id: 'MacroActions' });
export type MacroActions = z.infer<typeof MacroActions>;

/** A placeholder: `{{profile.first_name|default:"there"}}`, `{{coupon.WELCOME10}}`. */
const MacroText = text(20_000).describe('May hold placeholders such as {{profile.first_name|default:"there"}} or {{coupon.WELCOME10}}; an unknown one is refused, with its position');
const Category = text(100).nullable();

/** TKT-13. */
export const Macro = z
  .object({
    id: Id, name: z.string(), category: z.string().nullable(), text: z.string(), actions: MacroActions,
    uses: z.int().nonnegative(), lastUsedAt: Instant.nullable(), createdAt: Instant, updatedAt: Instant, version: z.int().positive(),
  })
  .meta({ id: 'Macro' });
export type Macro = z.infer<typeof Macro>;

const stale = ['MACRO_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'] as const;

export const macros = {
  list: request({
    subject: 'tickets.macro.list', http: 'GET /v1/macros', scope: 'tickets:read', summary: 'Macros by name; searched in name, category and text',
    input: z.strictObject({ q: text(200).optional(), category: text(100).optional(), ...PageInput }), output: page(Macro), errors: [],
  }),
  create: request({
    subject: 'tickets.macro.create', http: 'POST /v1/macros', status: 201, scope: 'desk:admin', summary: 'Make a macro',
    input: z.strictObject({ name: text(200), category: Category.default(null), text: MacroText, actions: MacroActions.prefault({}) }), output: Macro, errors: ['NAME_TAKEN'],
  }),
  get: request({ subject: 'tickets.macro.get', http: 'GET /v1/macros/:id', scope: 'tickets:read', summary: 'A macro', input: z.strictObject({ id: Id }), output: Macro, errors: ['MACRO_NOT_FOUND'] }),
  update: request({
    subject: 'tickets.macro.update', http: 'PATCH /v1/macros/:id', scope: 'desk:admin', summary: 'Change a macro; actions are replaced whole',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, name: text(200).optional(), category: Category.optional(), text: MacroText.optional(), actions: MacroActions.optional() }),
    output: Macro, errors: [...stale, 'NAME_TAKEN'],
  }),
  remove: request({
    subject: 'tickets.macro.remove', http: 'DELETE /v1/macros/:id', scope: 'desk:admin', summary: 'Delete a macro',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: Nothing, errors: stale,
  }),
  preview: request({
    subject: 'tickets.macro.preview', http: 'POST /v1/macros/:id/preview', scope: 'tickets:write', summary: 'What the macro would write in a ticket. Coupons stay placeholders: no code is taken before it is sent',
    input: z.strictObject({ id: Id, ticketId: Id }),
    output: z.object({ text: z.string(), actions: MacroActions, missing: z.array(z.string()).describe('Placeholders without a value and without a default: nothing stands in their place') }).meta({ id: 'MacroPreview' }),
    errors: ['MACRO_NOT_FOUND', 'TICKET_NOT_FOUND'],
  }),
};

export const CouponPool = z
  .object({
    id: Id, name: z.string().describe('As in {{coupon.NAME}}'), free: z.int().nonnegative().describe('Codes that nobody has'), given: z.int().nonnegative(),
    createdAt: Instant,
  })
  .meta({ id: 'CouponPool' });
export type CouponPool = z.infer<typeof CouponPool>;
const PoolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'takes letters, digits, _ and -');
const Codes = z.array(z.string().regex(/^[\x21-\x7e]{1,100}$/, 'is no code of visible ASCII characters')).min(1).max(10_000);

/** Codes to give away, each to one person (TKT-13). */
export const coupons = {
  list: request({
    subject: 'tickets.coupon.list', http: 'GET /v1/coupon-pools', scope: 'tickets:read', summary: 'The coupon pools of the account, by name',
    input: z.strictObject(PageInput), output: page(CouponPool), errors: [],
  }),
  create: request({
    subject: 'tickets.coupon.create', http: 'POST /v1/coupon-pools', status: 201, scope: 'desk:admin', summary: 'Make a coupon pool',
    input: z.strictObject({ name: PoolName, codes: Codes.optional() }), output: CouponPool, errors: ['NAME_TAKEN'],
  }),
  get: request({ subject: 'tickets.coupon.get', http: 'GET /v1/coupon-pools/:id', scope: 'tickets:read', summary: 'A coupon pool, without its codes', input: z.strictObject({ id: Id }), output: CouponPool, errors: ['COUPON_POOL_NOT_FOUND'] }),
  fill: request({
    subject: 'tickets.coupon.fill', http: 'POST /v1/coupon-pools/:id/codes', scope: 'desk:admin', summary: 'Add codes, up to 10,000 at once; one that the pool has or had already is passed over',
    input: z.strictObject({ id: Id, codes: Codes }), output: CouponPool.extend({ added: z.int().nonnegative() }).meta({ id: 'FilledCouponPool' }), errors: ['COUPON_POOL_NOT_FOUND'],
  }),
};
