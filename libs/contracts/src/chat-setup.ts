import { z } from 'zod';
import { Id, IfMatch, Instant, request, text, TimeZone, wordsIn } from './contract.js';
import { OfficeHours } from './office-hours.js';

/** A question that customers ask, with its answer: plain text, in as many languages as the brand speaks. */
export const Faq = z
  .strictObject({
    id: Id.optional().describe('Of one that is there already; a new one gets its own'),
    published: z.boolean().default(false).describe('Only what is published is shown to visitors'),
    texts: wordsIn(z.strictObject({ question: text(300), answer: text(5000) })),
  })
  .meta({ id: 'Faq' });
const KeptFaq = Faq.required({ id: true }).meta({ id: 'KeptFaq' });
export type Faq = z.infer<typeof KeptFaq>;

const Faqs = z.object({ channelId: Id, items: z.array(KeptFaq), version: z.int().positive() }).meta({ id: 'Faqs' });

/** Bytes of all questions of a web chat together, as JSON. */
const FAQ_BYTES = 256 * 1024;

/** CHAT-9. Without hours there is no automatic text, and without a text for the occasion neither. */
export const ChatHours = z
  .strictObject({
    hours: OfficeHours.nullable().default(null),
    during: wordsIn(text(2000)).nullable().default(null).describe('Sent once to every new request that comes while somebody works'),
    outside: wordsIn(text(2000)).nullable().default(null).describe('Sent once to every new request that comes while nobody does'),
  })
  .meta({ id: 'ChatHours' });
export type ChatHours = z.infer<typeof ChatHours>;

const HoursAnswer = ChatHours.safeExtend({
  channelId: Id, timezone: TimeZone.describe('The account’s: by its clocks the hours are meant'),
  open: z.boolean().nullable().describe('Now; null where no hours are set'), nextOpening: Instant.nullable(), version: z.int().positive(),
}).meta({ id: 'ChatHoursAnswer' });

/** What a web chat says by itself. Answered by channels. */
export const chatSetup = {
  faqs: request({
    subject: 'channels.faq.list', http: 'GET /v1/channels/:id/faqs', scope: 'tickets:read', summary: 'The questions and answers of a web chat, published or not, in their order (CHAT-3)',
    input: z.strictObject({ id: Id }), output: Faqs, errors: ['CHANNEL_NOT_FOUND'],
  }),
  setFaqs: request({
    subject: 'channels.faq.replace', http: 'PUT /v1/channels/:id/faqs', scope: 'desk:admin', summary: 'Write the questions and answers of a web chat anew, in this order; what is left out is gone',
    input: z.strictObject({ id: Id, ifMatch: IfMatch, items: z.array(Faq).max(100).refine((items) => new TextEncoder().encode(JSON.stringify(items)).length <= FAQ_BYTES, 'hold more than 256 KiB together') }), output: Faqs, errors: ['CHANNEL_NOT_FOUND', 'FAQ_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  officeHours: request({
    subject: 'channels.office-hours.get', http: 'GET /v1/channels/:id/office-hours', scope: 'tickets:read', summary: 'The office hours of a web chat, and whether it is open now (CHAT-9)',
    input: z.strictObject({ id: Id }), output: HoursAnswer, errors: ['CHANNEL_NOT_FOUND'],
  }),
  setOfficeHours: request({
    subject: 'channels.office-hours.replace', http: 'PUT /v1/channels/:id/office-hours', scope: 'desk:admin', summary: 'Set the office hours of a web chat and its texts; customers can always write (CHAT-9)',
    input: ChatHours.safeExtend({ id: Id, ifMatch: IfMatch }), output: HoursAnswer, errors: ['CHANNEL_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
};
