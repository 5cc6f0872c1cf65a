import { z } from 'zod';
import { ChatFile } from './attachments.js';
import { Attachment } from './channels.js';
import { Id, Instant, Locale, Nothing, request, text } from './contract.js';

/** Files of one message of a visitor; those that were uploaded and wait to be sent. */
export const CHAT_FILES = 5;
export const WAITING_FILES = 20;

/** What a visitor sees of a message: no staff notes, no delivery details. */
export const ChatMessage = z
  .object({
    id: Id,
    seq: z.int().positive().describe('The message’s number in its thread (settled: the socket has no other)'),
    from: z.enum(['visitor', 'brand']),
    name: z.string().nullable(),
    text: z.string(),
    at: Instant,
    clientId: z.string().nullable().describe('The visitor’s own id of a message they sent'),
    attachments: z.array(ChatFile).default([]),
  })
  .meta({ id: 'ChatMessage' });
export type ChatMessage = z.infer<typeof ChatMessage>;

const Visibility = z.enum(['all', 'signed_in']);
const WidgetFaq = z.object({ id: Id, question: z.string(), answer: z.string() }).meta({ id: 'WidgetFaq' });
/** Nothing is shown to whoever is not signed in where the channel says so (CHAT-1). Texts are in the language that was asked for, or the nearest there is. */
export const WidgetConfig = z
  .discriminatedUnion('visible', [
    z.object({ visible: z.literal(false), enabled: z.boolean(), visibility: Visibility }),
    z.object({
      visible: z.literal(true), enabled: z.boolean(), visibility: Visibility,
      signedIn: z.boolean().describe('Did a good proof come with the question? Only who is signed in may start a chat'),
      welcome: z.string().nullable().describe('Shown before the first message and over the launcher; no ticket (CHAT-4)'),
      faqs: z.array(WidgetFaq).describe('Published ones, in their order: shown first (CHAT-3)'),
      chat: z.object({ sessionId: Id, open: z.boolean() }).nullable().describe('Where the chatLink leads'),
      officeHours: z.object({ open: z.boolean(), nextOpening: Instant.nullable() }).nullable().describe('null: no hours are set (CHAT-9)'),
      name: z.string(), locale: z.string(), logoUrl: z.string().nullable(), brandColor: z.string().nullable(), accentColor: z.string().nullable(),
      privacyUrl: z.string().nullable(), termsUrl: z.string().nullable(),
    }),
  ])
  .meta({ id: 'WidgetConfig' });

/** What the button of a follow-up e-mail gives the page: good for one chat, until it expires (TIME-2). */
const ChatLink = z.string().min(1).max(1024).describe('`parley_chat` of the page’s address, from the button of a follow-up e-mail');
const PROOFS = ['WIDGET_NOT_FOUND', 'ORIGIN_NOT_ALLOWED', 'IDENTITY_TOKEN_INVALID', 'IDENTITY_TOKEN_EXPIRED', 'CHAT_LINK_INVALID', 'CHAT_LINK_EXPIRED'] as const;
const Language = Locale.optional().describe('What the visitor reads; the account’s own where it is not told');

const ClientId = z.string().min(1).max(64).regex(/^[A-Za-z0-9._-]+$/);

/** Answered by channels. Visitors act by the opaque session token that `start` gives. */
export const webchat = {
  config: request({
    subject: 'channels.webchat.config', http: 'GET /v1/webchat/:widgetKey/config', scope: 'public', summary: 'What the widget shows before anybody writes',
    input: z.strictObject({
      widgetKey: z.string().max(64), locale: Language,
      chatLink: ChatLink.optional(),
      identity: z.string().min(1).max(8192).optional().describe('Identity token of the visitor; over HTTP the header Parley-Identity'),
      origin: z.string().max(300).optional().describe('Over HTTP the header Origin'),
    }),
    output: WidgetConfig, errors: PROOFS,
  }),
  start: request({
    subject: 'channels.webchat.start', http: 'POST /v1/webchat/:widgetKey/sessions', status: 201, scope: 'public', summary: 'Prove who the visitor is: by an identity token, which begins a chat or returns to the living one (CHAT-2), or by a chatLink, which opens that chat',
    input: z.strictObject({
      widgetKey: z.string().max(64), identityToken: z.string().min(1).max(8192).optional().describe('One with a `jti` is good for one start'), chatLink: ChatLink.optional(), locale: Language,
      faqsRead: z.array(Id).max(20).default([]).describe('Questions whose answers were read before: staff see which (CHAT-3)'), origin: z.string().max(300).optional(),
    }).refine(({ identityToken, chatLink }) => (identityToken === undefined) !== (chatLink === undefined), { path: ['identityToken'], error: 'is needed, or a chatLink, and not both' }),
    output: z.object({
      sessionToken: z.string(), sessionId: Id,
      profile: z.object({ externalId: z.string(), name: z.string().nullable(), email: z.string().nullable() }),
      ticket: z.object({ id: Id }).nullable(),
    }).meta({ id: 'ChatSession' }),
    errors: [...PROOFS, 'IDENTITY_TOKEN_USED', 'CHAT_CLOSED'],
  }),
  admits: request({
    subject: 'channels.webchat.admits', scope: 'internal', summary: 'May a page of this origin use the widget? Asked by the gateway before a page’s first request',
    input: z.strictObject({ widgetKey: z.string().max(64), origin: z.string().max(300) }), output: z.object({ allowed: z.boolean() }), errors: ['WIDGET_NOT_FOUND'],
  }),
  authenticate: request({
    subject: 'channels.webchat.authenticate', scope: 'internal', summary: 'Whose session token is this? Asked by the gateway for every visitor',
    input: z.strictObject({ sessionToken: z.string().min(1).max(256), origin: z.string().max(300).optional() }),
    output: z.object({ account: Id, sessionId: Id, open: z.boolean() }), errors: ['SESSION_REVOKED', 'ORIGIN_NOT_ALLOWED'],
  }),
  messages: request({
    subject: 'channels.webchat.messages', http: 'GET /v1/webchat/messages', scope: 'visitor', summary: 'The visitor’s thread after a message; empty once the chat is closed (CHAT-7)',
    input: z.strictObject({ afterSeq: z.coerce.number().int().nonnegative().default(0), limit: z.coerce.number().int().min(1).max(200).default(100) }),
    output: z.object({ items: z.array(ChatMessage), open: z.boolean(), readUpToSeq: z.int() }).meta({ id: 'ChatThread' }), errors: [],
  }),
  send: request({
    subject: 'channels.webchat.send', http: 'POST /v1/webchat/messages', status: 202, scope: 'visitor', summary: 'Write to the brand; the same clientId again is the same message',
    input: z
      .strictObject({ clientId: ClientId, text: text(10_000).optional().describe('May be left out where there is a file'), attachments: z.array(Id).max(CHAT_FILES).default([]).describe('Files that this visitor has uploaded before') })
      .refine(({ text: words, attachments }) => words !== undefined || attachments.length > 0, { path: ['text'], error: 'is needed where there is no file' }),
    output: z.object({ id: Id, clientId: ClientId, acceptedAt: Instant, sessionId: Id.describe('Another than before where the chat had been closed meanwhile: a new one began') }),
    errors: ['CHAT_CLOSED', 'ATTACHMENT_NOT_FOUND'],
  }),
  readFaq: request({
    subject: 'channels.webchat.read_faq', http: 'POST /v1/webchat/faq-reads', scope: 'visitor', summary: 'Tell that the answer to a question was read; it opens no ticket, and the next message shows it to staff (CHAT-3)',
    input: z.strictObject({ faqId: Id }), output: Nothing, errors: ['FAQ_NOT_FOUND', 'CHAT_CLOSED'],
  }),
  read: request({
    subject: 'channels.webchat.read', http: 'PUT /v1/webchat/read', scope: 'visitor', summary: 'Seen up to this message (CHAT-8)',
    input: z.strictObject({ upToSeq: z.int().nonnegative() }), output: Nothing, errors: [],
  }),
  end: request({
    subject: 'channels.webchat.end', http: 'POST /v1/webchat/end', scope: 'visitor', summary: 'End the chat, for good (CHAT-7)',
    input: z.strictObject({}), output: Nothing, errors: [],
  }),
  keepFile: request({
    subject: 'channels.webchat.keep_file', scope: 'internal', summary: 'The visitor has uploaded a file, and may send it with a message within a day; told by the gateway',
    input: z.strictObject({ file: Attachment.extend({ sha256: z.string() }) }), output: Nothing, errors: ['CHAT_CLOSED', 'TOO_MANY'],
  }),
  file: request({
    subject: 'channels.webchat.file', scope: 'internal', summary: 'A file that stands in an open chat, or waits to be sent in it; asked by the gateway before it gives the visitor the bytes',
    input: z.strictObject({ sessionId: Id, attachmentId: Id }), output: Attachment, errors: ['ATTACHMENT_NOT_FOUND'],
  }),
  presence: request({
    subject: 'channels.webchat.presence', scope: 'internal', summary: 'A socket of the visitor lives on, or is gone; the gateway renews it every 5 seconds',
    input: z.strictObject({ sessionId: Id, leaseId: Id, alive: z.boolean() }), output: Nothing, errors: [],
  }),
};

/** Pushed by channels over core NATS on `chat.<sessionId>`: may be lost, sockets then read `messages`. */
export const ChatHint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('messages'), items: z.array(ChatMessage) }),
  z.object({ kind: z.literal('closed') }),
]);
export type ChatHint = z.infer<typeof ChatHint>;
