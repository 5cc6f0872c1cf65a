import { z } from 'zod';
import { Id, Instant, request } from './contract.js';
import { event } from './events.js';

/** A text of the brand that Meta has seen (WhatsApp): outside of 24 hours only approved ones may be sent (TKT-11). */
export const Template = z
  .object({
    name: z.string(),
    language: z.string().describe('As Meta writes it, such as en_US'),
    status: z.string().describe('APPROVED, PENDING, REJECTED, PAUSED …'),
    category: z.string().nullable(),
    header: z.string().nullable(),
    text: z.string().describe('With places such as {{1}}'),
    footer: z.string().nullable(),
    buttons: z.array(z.string()),
    variables: z.array(z.string()).describe('The places of the text, in the order in which they are to be filled'),
    problem: z.string().nullable().describe('Why it cannot be sent from here; null: it can'),
  })
  .meta({ id: 'Template' });
export type Template = z.infer<typeof Template>;

export const templates = {
  list: request({
    subject: 'channels.template.list', http: 'GET /v1/channels/:id/templates', scope: 'tickets:read',
    summary: 'The WhatsApp templates of a channel, as Meta had them at most ten minutes ago, or longer while it does not answer',
    input: z.strictObject({ id: Id }), output: z.object({ items: z.array(Template), fetchedAt: Instant }).meta({ id: 'Templates' }),
    errors: ['CHANNEL_NOT_FOUND', 'CHANNEL_WITHOUT_TEMPLATES'],
  }),
};

export const templateEvents = {
  listed: event({
    type: 'channel.templates_listed', service: 'channels', version: 1, public: false, summary: 'The templates of a channel have changed: these are all of them',
    data: z.object({ channelId: Id, templates: z.array(Template) }),
  }),
};
