import { z } from 'zod';
import { ChannelType } from './channels.js';
import { Id, IfMatch, Instant, Locale, PageInput, page, request, text } from './contract.js';
import { OfficeHours, Weekday, WallTime } from './office-hours.js';
import { TagName } from './tags.js';
import { Priority } from './tickets.js';

/** RTE-1: who works together, and when. */
export const Team = z
  .object({
    id: Id,
    name: z.string(),
    memberIds: z.array(Id).describe('People who may work tickets'),
    officeHours: OfficeHours.nullable().describe('Null: those of the account'),
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Team' });
export type Team = z.infer<typeof Team>;

const TeamFields = { name: text(200), memberIds: z.array(Id).max(1000), officeHours: OfficeHours.nullable() };

export const teams = {
  list: request({
    subject: 'tickets.team.list', http: 'GET /v1/teams', scope: 'tickets:read', summary: 'The teams (RTE-1), oldest first',
    input: z.strictObject(PageInput), output: page(Team), errors: [],
  }),
  create: request({
    subject: 'tickets.team.create', http: 'POST /v1/teams', status: 201, scope: 'desk:admin', summary: 'Make a team',
    input: z.strictObject({ name: TeamFields.name, memberIds: TeamFields.memberIds.default([]), officeHours: TeamFields.officeHours.default(null) }),
    output: Team, errors: ['NAME_TAKEN', 'USER_NOT_FOUND', 'TOO_MANY'],
  }),
  get: request({
    subject: 'tickets.team.get', http: 'GET /v1/teams/:id', scope: 'tickets:read', summary: 'A team',
    input: z.strictObject({ id: Id }), output: Team, errors: ['TEAM_NOT_FOUND'],
  }),
  update: request({
    subject: 'tickets.team.update', http: 'PATCH /v1/teams/:id', scope: 'desk:admin', summary: 'Rename a team, change its members or hours',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, ...z.strictObject(TeamFields).partial().shape }),
    output: Team, errors: ['TEAM_NOT_FOUND', 'NAME_TAKEN', 'USER_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  remove: request({
    subject: 'tickets.team.remove', http: 'DELETE /v1/teams/:id', scope: 'desk:admin', summary: 'Dissolve a team that no routing rule names; its tickets keep their agents. Answers it as it was',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: Team, errors: ['TEAM_NOT_FOUND', 'TEAM_IN_USE', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
};

const some = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(50).optional();

/** RTE-2: what a rule asks of a ticket. Everything that is given must hold; of several values one is enough; a rule that asks nothing holds for every ticket. */
export const RoutingConditions = z
  .strictObject({
    channels: some(ChannelType),
    channelIds: some(Id),
    languages: some(Locale).describe('en holds for en-GB, too'),
    tags: some(text(64)),
    segmentIds: some(Id).describe('The customer is in one of these segments'),
    text: some(text(200)).describe('Subject or message contains one of these as words; case and accents do not matter'),
    hours: z
      .strictObject({ days: z.array(Weekday).min(1).max(7).optional(), from: WallTime, to: WallTime.describe('Exclusive; before from: over midnight') })
      .optional()
      .describe('When the ticket was opened, by the clock of the account; days are those on which the hours begin'),
  })
  .meta({ id: 'RoutingConditions' });
export type RoutingConditions = z.infer<typeof RoutingConditions>;

/** RTE-2: what a rule does with a ticket. */
export const RoutingActions = z
  .strictObject({
    teamId: Id.optional(),
    assigneeId: Id.optional().describe('Given to this person whether online or not, as long as they may work tickets'),
    tags: z.array(TagName).min(1).max(20).optional().describe('Added'),
    priority: Priority.optional(),
  })
  .refine((actions) => Object.values(actions).some((action) => action !== undefined), 'does nothing')
  .meta({ id: 'RoutingActions' });
export type RoutingActions = z.infer<typeof RoutingActions>;

export const RoutingRule = z
  .object({
    id: Id,
    position: z.int().positive().describe('Rules are asked in this order; the first that holds decides'),
    name: z.string(),
    enabled: z.boolean(),
    onReopened: z.boolean().describe('Asked of reopened tickets, too'),
    conditions: RoutingConditions,
    actions: RoutingActions,
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'RoutingRule' });
export type RoutingRule = z.infer<typeof RoutingRule>;

const RuleFields = { position: z.int().min(1).max(1000), name: text(200), enabled: z.boolean(), onReopened: z.boolean(), conditions: RoutingConditions, actions: RoutingActions };
const NewRule = z.strictObject({
  position: RuleFields.position.optional().describe('Default: the end'), name: RuleFields.name, enabled: RuleFields.enabled.default(true),
  onReopened: RuleFields.onReopened.default(false), conditions: RuleFields.conditions.prefault({}), actions: RuleFields.actions,
});

/** Of one condition: what was asked, what was found, and whether it held. */
export const Reason = z.object({ condition: z.string(), wanted: z.unknown(), found: z.unknown(), holds: z.boolean() }).meta({ id: 'RoutingReason' });
export type Reason = z.infer<typeof Reason>;

/** A made-up ticket to try rules on. */
const Sample = z.strictObject({
  channel: ChannelType, channelId: Id.optional(), language: Locale.optional(), tags: z.array(text(64)).max(50).default([]),
  profileId: Id.optional().describe('Whose segments count'), text: z.string().max(10_000).default(''), at: Instant.optional().describe('Default: now'),
});

export const routingRules = {
  list: request({
    subject: 'tickets.routing-rule.list', http: 'GET /v1/routing-rules', scope: 'tickets:read', summary: 'The routing rules (RTE-2), in their order',
    input: z.strictObject(PageInput), output: page(RoutingRule), errors: [],
  }),
  create: request({
    subject: 'tickets.routing-rule.create', http: 'POST /v1/routing-rules', status: 201, scope: 'desk:admin', summary: 'Add a rule; tickets of before stay as they are',
    input: NewRule, output: RoutingRule, errors: ['TEAM_NOT_FOUND', 'USER_NOT_FOUND', 'TOO_MANY'],
  }),
  get: request({
    subject: 'tickets.routing-rule.get', http: 'GET /v1/routing-rules/:id', scope: 'tickets:read', summary: 'A routing rule',
    input: z.strictObject({ id: Id }), output: RoutingRule, errors: ['RULE_NOT_FOUND'],
  }),
  update: request({
    subject: 'tickets.routing-rule.update', http: 'PATCH /v1/routing-rules/:id', scope: 'desk:admin', summary: 'Change or move a rule; conditions and actions are replaced whole',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, ...z.strictObject(RuleFields).partial().shape }),
    output: RoutingRule, errors: ['RULE_NOT_FOUND', 'TEAM_NOT_FOUND', 'USER_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  remove: request({
    subject: 'tickets.routing-rule.remove', http: 'DELETE /v1/routing-rules/:id', scope: 'desk:admin', summary: 'Forget a rule; answers it as it was',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: RoutingRule, errors: ['RULE_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  simulate: request({
    subject: 'tickets.routing-rule.simulate', http: 'POST /v1/routing-rules/simulate', scope: 'desk:admin',
    summary: 'What rules would do, and why, without doing it (RTE-7): on a sample, or on the newest tickets with what customers wrote first and the segments they are in now',
    input: z.strictObject({
      rules: z.array(NewRule).max(200).optional().describe('Default: the enabled rules of the account'),
      sample: Sample.optional(),
      newest: z.int().min(1).max(200).default(50).describe('So many tickets, where no sample is given'),
    }),
    output: z.object({
      items: z.array(z.object({
        ticketId: Id.nullable(), number: z.int().nullable(),
        matched: z.object({ id: Id.nullable(), name: z.string(), place: z.int() }).nullable(),
        actions: RoutingActions.nullable(),
        why: z.array(z.object({ id: Id.nullable(), name: z.string(), holds: z.boolean(), reasons: z.array(Reason) })).describe('Every rule that was asked, in order'),
      })),
    }).meta({ id: 'RoutingSimulation' }),
    errors: [],
  }),
};
