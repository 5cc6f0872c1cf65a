import { z } from 'zod';
import { ChannelType } from './channels.js';
import { IfMatch, request, text } from './contract.js';
import { event } from './events.js';
import { OfficeHours } from './office-hours.js';

/** TIME-3: 10 minutes to 999 days. */
const AutoCloseRule = z.strictObject({
  afterSeconds: z.int().min(600).max(999 * 86_400),
  closingMessage: text(2000).nullable().default(null),
});

/** Account settings by area, each with its defaults. */
export const SETTINGS = {
  inbox: z.strictObject({
    badgeEnabled: z.boolean().default(true),
    spamThreshold: z.number().min(0.5).max(1).nullable().default(0.8).describe('TKT-20: messages that score as much or more are spam; null: nothing is'),
  }),
  'follow-up': z.strictObject({
    enabled: z.boolean().default(true),
    delaySeconds: z.int().min(10).max(86_400).default(180).describe('TIME-1'),
    from: z.email().nullable().default(null).describe('Default: the account’s senderEmail'),
    replyTo: z.email().nullable().default(null),
  }),
  routing: z.strictObject({
    roundRobin: z.boolean().default(false).describe('RTE-3: new tickets go to whoever is online and was given one longest ago'),
    capacity: z.int().min(1).max(1000).nullable().default(null).describe('Open tickets that one person is given at most; null: any number'),
    reopened: z.enum(['keep', 'team', 'round_robin']).default('keep').describe('RTE-6: where a reopened ticket goes while its assignee is offline'),
    officeHours: OfficeHours.nullable().default(null).describe('RTE-4: when web chats are handed out; null: always. A team may have its own'),
  }),
  profiles: z.strictObject({ pinnedProperties: z.array(text(64)).max(5).default([]).describe('PRO-4: custom properties that the summary beside a ticket shows, in this order') }),
  attribution: z.strictObject({ windowSeconds: z.int().min(60).max(30 * 86_400).default(86_400).describe('SMS-5: how long after a campaign or flow message an answer is attributed to it') }),
  sms: z.strictObject({
    shortenLinks: z.boolean().default(true).describe('SMS-4: links in outgoing texts become short ones, and visits stand in the customer’s timeline'),
    linkDays: z.int().min(1).max(3650).default(90).describe('How long a short link leads on'),
  }),
  notifications: z
    .strictObject({
      notifyOn: z.enum(['nothing', 'new_tickets', 'every_message']).default('nothing').describe('NTF-1: what the recipients are told of by e-mail; never of spam'),
      recipients: z.array(z.email()).default([]).describe('Each gets a mail of their own; at least one unless notifyOn is nothing'),
      mentions: z.boolean().default(true).describe('TKT-12: who is mentioned in a note is told by e-mail'),
      from: z.email().nullable().default(null).describe('Default: the account’s senderEmail; without either no mail goes out'),
    })
    .refine(({ notifyOn, recipients }) => notifyOn === 'nothing' || recipients.length > 0, { path: ['recipients'], message: 'names nobody who would get the mails' }),
  'auto-close': z.strictObject({ channels: z.partialRecord(ChannelType, AutoCloseRule).default({}).describe('Off for channels that are absent') }),
} as const;
export const SettingsArea = z.enum(['inbox', 'follow-up', 'auto-close', 'routing', 'profiles', 'attribution', 'sms', 'notifications']).meta({ id: 'SettingsArea' });
export type SettingsArea = z.infer<typeof SettingsArea>;
export type Settings<A extends SettingsArea> = z.output<(typeof SETTINGS)[A]>;

const Answer = z.object({ area: SettingsArea, values: z.record(z.string(), z.unknown()), version: z.int().positive() }).meta({ id: 'SettingsAnswer' });

export const settings = {
  get: request({
    subject: 'tickets.settings.get', http: 'GET /v1/settings/:area', scope: 'tickets:read', summary: 'Settings of an area, defaults filled in',
    input: z.strictObject({ area: SettingsArea }), output: Answer, errors: [],
  }),
  update: request({
    subject: 'tickets.settings.update', http: 'PATCH /v1/settings/:area', scope: 'settings:admin', summary: 'Change settings; only the named values change',
    input: z.strictObject({ area: SettingsArea, ifMatch: IfMatch, values: z.record(z.string(), z.unknown()) }), output: Answer, errors: ['VERSION_STALE', 'VERSION_MISSING'],
  }),
};

export const settingsEvents = {
  changed: event({ type: 'settings.changed', service: 'tickets', version: 1, public: false, summary: 'Settings of an area changed; all its values, defaults filled in', data: Answer }),
};
