import { z } from 'zod';
import { FILES_PER_MESSAGE } from './attachments.js';
import { Id, Instant, Locale, request, text } from './contract.js';
import { Attachment, ChannelType, DeliveryState, Failure, Identifier, Keyword, MessageDetail, MessageTemplate } from './channels.js';
import { event } from './events.js';
import { SmsLength } from './sms.js';
import { CanReply, ReplyWarning, TicketSnapshot } from './tickets.js';

export const AuthorType = z.enum(['customer', 'agent', 'ai_agent', 'automation', 'campaign', 'flow', 'external']).meta({ id: 'AuthorType' }).describe('external: somebody of the brand, in the provider’s own app');
export type AuthorType = z.infer<typeof AuthorType>;

/** TKT-8. */
export const Message = z
  .object({
    id: Id,
    ticketId: Id,
    seq: z.int().positive().describe('Place in the thread, counted per ticket'),
    direction: z.enum(['inbound', 'outbound']),
    author: z.object({ type: AuthorType, id: z.string().nullable(), name: z.string().nullable() }),
    text: z.string(),
    html: z.string().nullable().describe('Sanitised. Images that came with it bear the id of their file in `data-attachment`; those from elsewhere are held back in `data-remote`, and shown by /v1/messages/:id/remote-images/:place (MAIL-5)'),
    truncated: z.boolean(),
    attachments: z.array(Attachment),
    details: z.array(MessageDetail).default([]).describe('Places, contacts, choices, stories: what the message holds beside its text'),
    inReplyTo: Id.nullable().default(null).describe('The message of this thread that it quotes'),
    newText: z.string().nullable().default(null).describe('MAIL-5: `text` without quoted history and signature; null: nothing was folded away'),
    reactions: z.array(z.object({ by: z.enum(['customer', 'brand']), emoji: z.string() })).default([]),
    editedAt: Instant.nullable().default(null),
    deletedAt: Instant.nullable().default(null).describe('Taken back by its author: the content is gone'),
    retryOf: Id.nullable().default(null).describe('The failed message that was sent once more as this one'),
    retriedAs: Id.nullable().default(null).describe('It failed, and was sent once more as this message'),
    keyword: Keyword.nullable(),
    automatic: z.enum(['auto_reply', 'bulk']).nullable(),
    language: Locale.nullable().optional().describe('TKT-23: of a customer’s message, as found in its words, else that of its ticket'),
    note: z.string().nullable().describe('What staff should know of this message; never shown to a customer'),
    delivery: z.object({ state: DeliveryState, failure: Failure.nullable() }).nullable().describe('Of outbound messages; states never go backwards'),
    occurredAt: Instant.describe('The provider’s time of an inbound message'),
    receivedAt: Instant,
    readAt: Instant.nullable().describe('Web chat: when the visitor had seen it'),
    length: SmsLength.optional().describe('SMS-6: on the answer to whoever sends it'),
    warnings: z.array(ReplyWarning).optional().describe('SMS-7: likewise'),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof Message>;

/** TKT-12: for staff only, in no channel, e-mail or visitor's socket. */
export const Note = z
  .object({ id: Id, ticketId: Id, afterSeq: z.int().nonnegative().describe('Stands behind this message of the thread'), author: z.object({ id: Id, name: z.string().nullable() }), text: z.string(), mentions: z.array(Id).default([]).describe('People who are to read it'), createdAt: Instant })
  .meta({ id: 'Note' });
export type Note = z.infer<typeof Note>;

/** A reply that waits for its time. When it comes, whether one can answer is asked again; a reply that cannot go then stands in the thread as failed. */
export const ScheduledReply = z
  .object({ id: Id, ticketId: Id, timerId: Id.describe('Calls it off: DELETE /v1/timers/:id'), text: z.string(), attachments: z.array(Attachment), macroId: Id.nullable(), sendAt: Instant })
  .meta({ id: 'ScheduledReply' });
export type ScheduledReply = z.infer<typeof ScheduledReply>;

/** Where an outbound message goes: enough for the channels service to send it without asking. */
export const Route = z.object({
  channelId: Id,
  channel: ChannelType,
  to: Identifier,
  toName: z.string().nullable(),
  sessionId: Id.nullable(),
  threadId: Id.nullable(),
  subject: z.string().nullable(),
  shortLinks: z.object({ expireAt: Instant }).nullable().default(null).describe('SMS-4: links of the text are replaced by short ones that lead on until then; null: they stay'),
});

export const messages = {
  list: request({
    subject: 'tickets.message.list', http: 'GET /v1/tickets/:id/messages', scope: 'tickets:read',
    summary: 'The thread, newest page first; items stand in order of seq (TKT-9)',
    input: z.strictObject({ id: Id, before: z.coerce.number().int().positive().optional().describe('Only messages with a smaller seq'), limit: z.coerce.number().int().min(1).max(100).default(50) }),
    output: z.object({ items: z.array(Message), notes: z.array(Note).describe('Notes that stand among these messages'), nextBefore: z.int().nullable() }).meta({ id: 'Thread' }),
    errors: ['TICKET_NOT_FOUND'],
  }),
  reply: request({
    subject: 'tickets.message.reply', http: 'POST /v1/tickets/:id/messages', status: 201, scope: 'messages:send',
    summary: 'Answer the customer (TKT-10); whether one can is asked again at this moment (TKT-11)',
    input: z.strictObject({
      id: Id,
      text: text(50_000).optional().describe('May be left out where there is a macro or a file'),
      attachments: z.array(Id).max(FILES_PER_MESSAGE).default([]).describe('Files that were uploaded before, up to 100 MiB together'),
      macroId: Id.optional().describe('TKT-13: writes the macro’s text, or `text` where it was edited; fills placeholders, takes coupon codes, does the macro’s actions'),
      template: MessageTemplate.optional().describe('WhatsApp: a template in place of words, files and macros; the only answer after 24 hours. It is sent now'),
      sendAt: Instant.optional().describe('Not now but then; listed and called off among the ticket’s timers'),
      lastSeenSeq: z.int().nonnegative().optional().describe('TKT-19: the newest message you have seen'),
      force: z.boolean().default(false),
      keepSnoozed: z.boolean().default(false),
    }),
    output: z.union([Message, ScheduledReply]),
    errors: ['TICKET_NOT_FOUND', 'REPLY_NOT_ALLOWED', 'NEWER_MESSAGE', 'MACRO_NOT_FOUND', 'TEMPLATE_NOT_FOUND', 'ATTACHMENT_NOT_FOUND', 'ATTACHMENTS_NOT_SUPPORTED', 'TOO_LARGE', 'COUPON_POOL_EMPTY', 'MOVE_NOT_ALLOWED', 'TOO_MANY'],
  }),
  preview: request({
    subject: 'tickets.message.preview', http: 'POST /v1/tickets/:id/messages/preview', scope: 'messages:send', summary: 'What a reply would be: with placeholders filled, how long by SMS, and whether it may be sent (SMS-6, SMS-7)',
    input: z.strictObject({ id: Id, text: text(50_000).optional(), macroId: Id.optional().describe('As in a reply; coupons are taken only by that') }),
    output: z.object({
      text: z.string(), length: SmsLength.nullable().describe('Of SMS, with its links as they leave'),
      plain: z.object({ text: z.string(), length: SmsLength }).nullable().describe('The text with plain punctuation, where that is cheaper'), canReply: CanReply,
    }).meta({ id: 'ReplyPreview' }),
    errors: ['TICKET_NOT_FOUND', 'MACRO_NOT_FOUND'],
  }),
  retry: request({
    subject: 'tickets.message.retry', http: 'POST /v1/messages/:id/retry', status: 201, scope: 'messages:send',
    summary: 'Send an answer that failed once more, as a message of its own; whether one can answer is asked again (TKT-8, TKT-11)',
    input: z.strictObject({ id: Id, force: z.boolean().default(false).describe('Also where nobody can say whether the first attempt arrived') }),
    output: Message, errors: ['MESSAGE_NOT_FOUND', 'RETRY_NOT_POSSIBLE', 'REPLY_NOT_ALLOWED', 'ATTACHMENTS_NOT_SUPPORTED'],
  }),
  note: request({
    subject: 'tickets.note.create', http: 'POST /v1/tickets/:id/notes', status: 201, scope: 'tickets:write', summary: 'Leave an internal note (TKT-12)',
    input: z.strictObject({ id: Id, text: text(50_000), mentions: z.array(Id).max(20).default([]).describe('People of the account who are told') }), output: Note, errors: ['TICKET_NOT_FOUND'],
  }),
};

const InThread = z.object({ message: Message, ticket: TicketSnapshot });

export const messageEvents = {
  received: event({
    type: 'message.received', service: 'tickets', version: 1, public: true, summary: 'A customer’s message stands in its ticket; its id is the one under which it was accepted',
    data: InThread.extend({ sessionId: Id.nullable() }),
  }),
  sent: event({
    type: 'message.sent', service: 'tickets', version: 1, public: true, summary: 'An answer stands in the thread and is on its way',
    data: InThread.extend({ route: Route, template: MessageTemplate.nullable().default(null).describe('WhatsApp: sent in place of the words') }),
  }),
  deliveryChanged: event({ type: 'message.delivery_changed', service: 'tickets', version: 1, public: true, summary: 'An answer moved on, or failed (TKT-8)', data: z.object({ message: Message }) }),
  updated: event({ type: 'message.updated', service: 'tickets', version: 1, public: true, summary: 'A message got a reaction, was rewritten or taken back, or its files are there now; or the brand wrote it elsewhere, in the provider’s own app (author external)', data: z.object({ message: Message }) }),
  read: event({
    type: 'message.read', service: 'tickets', version: 1, public: true, summary: 'The customer has seen the thread up to a message (CHAT-8)',
    data: z.object({ ticketId: Id, upToSeq: z.int().nonnegative(), readAt: Instant }),
  }),
  noteAdded: event({ type: 'note.added', service: 'tickets', version: 1, public: true, summary: 'An internal note was left', data: z.object({ note: Note, ticket: TicketSnapshot.optional() }) }),
  /** Of messages that do not reach a thread now: the outcome goes back to the books (OPS-6). */
  filed: event({
    type: 'inbound.filed', service: 'tickets', version: 1, public: false, summary: 'What became of an accepted message that opened or joined no thread; and thread, or keyword, of one whose ticket turned out to be no spam',
    data: z.object({ inboundId: Id, outcome: z.enum(['thread', 'keyword', 'blocked', 'spam', 'quarantined', 'refused']), reason: z.string().nullable() }),
  }),
};
