import { z } from 'zod';
import { ConsentKind } from './channels.js';
import { Id, IfMatch, Instant, PageInput, page, request, text } from './contract.js';
import { Profile } from './profiles.js';

const Days = z.int().min(1).max(3650).describe('Counted back from now, 24 hours each');
const Count = z.int().min(0).max(1_000_000);

/** One thing that is asked of a customer. */
const Question = z
  .discriminatedUnion('of', [
    z.strictObject({
      of: z.literal('field'),
      field: z.enum(['name', 'locale', 'timezone', 'country', 'region', 'city', 'email', 'phone', 'externalId']),
      is: z.enum(['equals', 'not_equals', 'contains', 'set', 'not_set']).describe('Case does not matter'),
      value: text(500).optional().describe('Needed unless is says set or not_set'),
    }),
    z.strictObject({
      of: z.literal('property'),
      name: text(64).describe('A custom property'),
      is: z.enum(['equals', 'not_equals', 'contains', 'greater', 'less', 'set', 'not_set']).describe('contains: a text in a text, or an element of a list; greater and less: numbers'),
      value: z.union([text(500), z.number(), z.boolean()]).optional(),
    }),
    z.strictObject({ of: z.literal('consent'), kind: ConsentKind, state: z.enum(['granted', 'revoked', 'never_said']) }),
    z.strictObject({ of: z.literal('created'), withinDays: Days.optional(), beforeDays: Days.optional() }).describe('Became known in these days, or before them'),
    z.strictObject({ of: z.literal('event'), metric: text(200), atLeast: Count.default(1), atMost: Count.optional(), withinDays: Days.optional() }),
    z.discriminatedUnion('measure', [
      z.strictObject({ of: z.literal('orders'), measure: z.literal('count'), atLeast: Count.default(1), atMost: Count.optional(), withinDays: Days.optional() }),
      z.strictObject({
        of: z.literal('orders'), measure: z.literal('total'), currency: z.string().regex(/^[A-Z]{3}$/, 'is no ISO 4217 code, such as EUR'),
        atLeast: z.number().optional(), atMost: z.number().optional(), withinDays: Days.optional(),
      }),
      z.strictObject({ of: z.literal('orders'), measure: z.literal('last'), withinDays: Days.optional(), beforeDays: Days.optional() }).describe('The newest order; without days: there is one'),
    ]),
  ])
  .meta({ id: 'SegmentQuestion' });
export type Question = z.infer<typeof Question>;

const most = <T extends z.ZodType>(part: T) => z.array(part).min(1).max(20);
const group = <T extends z.ZodType>(part: T) => z.union([z.strictObject({ all: most(part) }), z.strictObject({ any: most(part) })]);
const Inner = z.union([Question, group(Question)]);

/** PRO-8: all or any of up to 20 questions or groups, three levels deep, at most 60 questions in all. */
export const Condition = group(z.union([Question, group(Inner)]))
  .refine((condition) => questionsIn(condition) <= 60, 'asks more than 60 questions')
  .meta({ id: 'SegmentCondition' });
export type Condition = z.infer<typeof Condition>;
/** Any part of a condition. */
export type Part = Question | { all: Part[] } | { any: Part[] };

const questionsIn = (part: Part): number => ('all' in part ? sum(part.all) : 'any' in part ? sum(part.any) : 1);
const sum = (parts: Part[]): number => parts.reduce((count, part) => count + questionsIn(part), 0);

/** A named condition over customers. Membership is kept: a changed customer is in or out within about a second, a changed condition works through everybody in batches. */
export const Segment = z
  .object({
    id: Id,
    name: z.string(),
    condition: Condition,
    members: z.int().nonnegative(),
    computedAt: Instant.nullable().describe('When everybody was last asked; null until this condition has been asked of everybody'),
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Segment' });
export type Segment = z.infer<typeof Segment>;

export const segments = {
  list: request({
    subject: 'tickets.segment.list', http: 'GET /v1/segments', scope: 'profiles:read', summary: 'The segments (PRO-8), newest first',
    input: z.strictObject(PageInput), output: page(Segment), errors: [],
  }),
  create: request({
    subject: 'tickets.segment.create', http: 'POST /v1/segments', status: 201, scope: 'desk:admin', summary: 'Name a condition; its members are computed from now on',
    input: z.strictObject({ name: text(200), condition: Condition }), output: Segment, errors: ['NAME_TAKEN', 'TOO_MANY'],
  }),
  get: request({
    subject: 'tickets.segment.get', http: 'GET /v1/segments/:id', scope: 'profiles:read', summary: 'A segment',
    input: z.strictObject({ id: Id }), output: Segment, errors: ['SEGMENT_NOT_FOUND'],
  }),
  update: request({
    subject: 'tickets.segment.update', http: 'PATCH /v1/segments/:id', scope: 'desk:admin', summary: 'Rename a segment or change its condition',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, name: text(200).optional(), condition: Condition.optional() }),
    output: Segment, errors: ['SEGMENT_NOT_FOUND', 'NAME_TAKEN', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  remove: request({
    subject: 'tickets.segment.remove', http: 'DELETE /v1/segments/:id', scope: 'desk:admin', summary: 'Forget a segment; answers it as it was',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: Segment, errors: ['SEGMENT_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  members: request({
    subject: 'tickets.segment.members', http: 'GET /v1/segments/:id/members', scope: 'profiles:read', summary: 'Who is in a segment, in the order of their ids',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(Profile), errors: ['SEGMENT_NOT_FOUND'],
  }),
};
