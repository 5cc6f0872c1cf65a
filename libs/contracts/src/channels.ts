import { z } from 'zod';
import { Id, IfMatch, Instant, Locale, PageInput, TimeZone, page, request, text, wordsIn } from './contract.js';
import { event } from './events.js';
import { AutoResponder, KeywordSettings } from './texting.js';

/** The five doors. What each does with tickets is `POLICY` in the tickets service (TKT-2). */
export const ChannelType = z.enum(['webchat', 'email', 'sms', 'instagram', 'whatsapp']).meta({ id: 'ChannelType' });
export type ChannelType = z.infer<typeof ChannelType>;

export const Phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'is no E.164 number, such as +15005550100').meta({ id: 'Phone' });
const Origin = z.string().regex(/^https?:\/\/[^/\s]+$/, 'is no origin, such as https://shop.example').max(300);
const WebUrl = z.url({ protocol: /^https?$/ }).max(2048);

export const WebchatSettings = z.strictObject({
  visibility: z.enum(['all', 'signed_in']).default('all').describe('CHAT-1'),
  welcome: z.union([text(2000), wordsIn(text(2000))]).nullable().default(null).describe('CHAT-4: shown before the first message; for everybody, or by language'),
  siteUrl: WebUrl.nullable().default(null).describe('Page of the brand that holds the widget: where the button of the follow-up e-mail leads'),
  allowedOrigins: z.array(Origin).max(50).default([]).describe('Websites that may use the widget; empty: any'),
  presenceGraceSeconds: z.int().min(1).max(600).default(15).describe('CHAT-10'),
  jwksUrl: WebUrl.nullable().default(null).describe('Public keys of the brand’s backend (RFC 7517), which then signs by RS256 or ES256 (CHAT-2)'),
});
export const EmailSettings = z.strictObject({
  address: z.email().max(254).describe('The brand’s own address: From of the replies'),
  fromName: text(200).nullable().default(null),
});
const Texting = { ...KeywordSettings.shape, autoResponder: AutoResponder.prefault({}) };
const OurNumber = Phone.describe('The account’s number; alphanumeric senders are refused (SMS-6)');
export const SmsSettings = z.strictObject({ phoneNumber: OurNumber, messagingServiceSid: z.string().regex(/^MG[0-9a-zA-Z]{1,40}$/).nullable().default(null), ...Texting });
export const TelnyxSettings = z.strictObject({ phoneNumber: OurNumber, messagingProfileId: z.uuid().nullable().default(null), ...Texting });
const GraphId = z.string().regex(/^\d{1,40}$/, 'is no id of Meta’s Graph API: digits only');
export const InstagramSettings = z.strictObject({
  accountId: GraphId.describe('Of the professional account: what webhooks call `recipient.id`'),
  login: z.enum(['instagram', 'facebook']).default('instagram').describe('Who gave the access token: Instagram itself, or the Facebook page'),
  humanAgent: z.boolean().default(false).describe('Meta has approved the feature Human Agent: people may answer for 7 days instead of 24 hours (TKT-11)'),
});
export const WhatsappSettings = z.strictObject({
  phoneNumber: Phone.describe('The account’s number'),
  phoneNumberId: GraphId.describe('Of the number: what webhooks call `phone_number_id`'),
  businessAccountId: GraphId.describe('Of the WhatsApp business account, which holds the templates'),
  ...KeywordSettings.shape,
  buttons: z
    .strictObject({ stop: z.array(text(256)).max(50).default([]), start: z.array(text(256)).max(50).default([]) })
    .prefault({})
    .describe('Payloads of template buttons that opt out or in; the title of a button never does (META-3)'),
});

const IdentitySecret = z.string().min(32).max(512);
const WebchatCredentials = z.strictObject({
  identitySecret: IdentitySecret.optional().describe('HS256 secret shared with the brand’s backend (CHAT-2); needed where there is no jwksUrl'),
  formerIdentitySecret: IdentitySecret.optional().describe('While the secret is changed: the one before, which is good as well until it is left out'),
});
const HostName = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^[0-9a-fA-F:]{2,45}$/, 'is no host name');
const Imap = z.strictObject({
  host: HostName, port: z.int().min(1).max(65_535).default(993),
  security: z.enum(['tls', 'starttls', 'none']).default('tls').describe('none: only inside the network that the installation allows'),
  user: z.string().min(1).max(254),
  auth: z.union([
    z.strictObject({ password: z.string().min(1).max(1024) }),
    z.strictObject({ accessToken: z.string().min(1).max(8192) }).describe('XOAUTH2, until it dies'),
    z.strictObject({ refreshToken: z.string().min(1).max(8192), clientId: z.string().min(1).max(512), clientSecret: z.string().max(512), tokenUrl: z.url({ protocol: /^https?$/ }).max(2048) }).describe('XOAUTH2, renewed at tokenUrl'),
  ]),
  mailbox: z.string().min(1).max(255).default('INBOX'),
});
const Dkim = z.strictObject({ domain: HostName, selector: z.string().regex(/^[A-Za-z0-9._-]{1,63}$/), privateKey: z.string().regex(/^-----BEGIN (RSA )?PRIVATE KEY-----[^]+-----END (RSA )?PRIVATE KEY-----\s*$/, 'is no private key (PEM)').max(10_000) });
export const EmailCredentials = z.strictObject({
  smtpUrl: z.string().regex(/^smtps?:\/\//, 'starts with smtp:// or smtps://').max(1000).optional().describe('Outgoing server; absent: the installation’s'),
  imap: Imap.optional().describe('A mailbox to fetch mail from, read-only (MAIL-1)'),
  dkim: Dkim.optional().describe('Signs what leaves; publish the public key at <selector>._domainkey.<domain>'),
});
/** Providers that sign nothing: user and password of the webhook’s address, `https://user:password@…`. */
const HookLogin = { hookUser: z.string().regex(/^[^:\s]{1,100}$/), hookPassword: z.string().min(16).max(256) };
const LoginMailCredentials = EmailCredentials.extend(HookLogin);
const MailgunCredentials = EmailCredentials.extend({ signingKey: z.string().min(8).max(256).describe('HTTP webhook signing key') });
const SmsCredentials = z.strictObject({ accountSid: z.string().regex(/^AC[0-9a-zA-Z]{1,40}$/), authToken: z.string().min(8).max(256) });
const TelnyxCredentials = z.strictObject({
  apiKey: z.string().min(8).max(256),
  publicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'is no Ed25519 key (32 bytes, base64)').describe('Signs what Telnyx posts: Keys & Credentials, Public Key'),
});
const MetaCredentials = z.strictObject({
  appSecrets: z.array(z.string().min(8).max(256)).min(1).max(5).describe('Any of them may sign webhooks; the first one belongs to the access token. Instagram login signs with the Instagram app secret'),
  verifyToken: z.string().min(8).max(256).describe('Of your choice; enter it beside the webhook address'),
  accessToken: z.string().min(8).max(2048),
});

/** What is needed to connect a channel, by type. */
export const NewChannel = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: z.literal('webchat'), provider: z.literal('parley').default('parley'), name: text(200), settings: WebchatSettings.prefault({}), credentials: WebchatCredentials.prefault({}) })
      .refine(({ settings, credentials }) => settings.jwksUrl !== null || credentials.identitySecret !== undefined, { path: ['credentials', 'identitySecret'], error: 'is needed where there is no jwksUrl' }),
    z.discriminatedUnion('provider', [
      z.strictObject({ type: z.literal('email'), provider: z.literal('smtp').default('smtp'), name: text(200), settings: EmailSettings, credentials: EmailCredentials.prefault({}) }),
      z.strictObject({ type: z.literal('email'), provider: z.literal('postmark'), name: text(200), settings: EmailSettings, credentials: LoginMailCredentials }),
      z.strictObject({ type: z.literal('email'), provider: z.literal('sendgrid'), name: text(200), settings: EmailSettings, credentials: LoginMailCredentials }),
      z.strictObject({ type: z.literal('email'), provider: z.literal('mailgun'), name: text(200), settings: EmailSettings, credentials: MailgunCredentials }),
    ]),
    z.discriminatedUnion('provider', [
      z.strictObject({ type: z.literal('sms'), provider: z.literal('twilio').default('twilio'), name: text(200), settings: SmsSettings, credentials: SmsCredentials }),
      z.strictObject({ type: z.literal('sms'), provider: z.literal('telnyx'), name: text(200), settings: TelnyxSettings, credentials: TelnyxCredentials }),
    ]),
    z.strictObject({ type: z.literal('instagram'), provider: z.literal('meta').default('meta'), name: text(200), settings: InstagramSettings, credentials: MetaCredentials }),
    z.strictObject({ type: z.literal('whatsapp'), provider: z.literal('meta').default('meta'), name: text(200), settings: WhatsappSettings, credentials: MetaCredentials }),
  ])
  .meta({ id: 'NewChannel' });

/** A connected channel, as configured and with the addresses to enter elsewhere. Credentials are never read back. */
export const Channel = z
  .object({
    id: Id,
    type: ChannelType,
    provider: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    address: z.string().nullable().describe('The brand’s side: number, handle or e-mail address'),
    settings: z.record(z.string(), z.unknown()),
    webhookUrl: z.string().nullable().describe('Enter it at the provider (SMS: for messages and status callbacks)'),
    forwardingAddress: z.string().nullable().describe('Forward the brand’s mail to it'),
    widgetKey: z.string().nullable(),
    createdAt: Instant,
    version: z.int().positive(),
  })
  .meta({ id: 'Channel' });
export type Channel = z.infer<typeof Channel>;

export const channels = {
  list: request({
    subject: 'channels.channel.list', http: 'GET /v1/channels', scope: 'tickets:read', summary: 'The channels of the account',
    input: z.strictObject(PageInput), output: page(Channel), errors: [],
  }),
  create: request({
    subject: 'channels.channel.create', http: 'POST /v1/channels', status: 201, scope: 'channels:admin',
    summary: 'Connect a channel; the answer carries the addresses to configure', input: NewChannel, output: Channel,
    errors: ['ADDRESS_TAKEN'],
  }),
  get: request({
    subject: 'channels.channel.get', http: 'GET /v1/channels/:id', scope: 'tickets:read', summary: 'A channel',
    input: z.strictObject({ id: Id }), output: Channel, errors: ['CHANNEL_NOT_FOUND'],
  }),
  update: request({
    subject: 'channels.channel.update', http: 'PATCH /v1/channels/:id', scope: 'channels:admin', summary: 'Change a channel; settings and credentials are replaced whole',
    input: z.strictObject({
      id: Id, ifMatch: IfMatch, name: text(200).optional(), enabled: z.boolean().optional(),
      settings: z.record(z.string(), z.unknown()).optional(), credentials: z.record(z.string(), z.unknown()).optional(),
    }),
    output: Channel, errors: ['CHANNEL_NOT_FOUND', 'ADDRESS_TAKEN', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  remove: request({
    subject: 'channels.channel.remove', http: 'DELETE /v1/channels/:id', scope: 'channels:admin',
    summary: 'Disconnect a channel: it takes and sends nothing any more, its tickets stay',
    input: z.strictObject({ id: Id, ifMatch: IfMatch }), output: Channel, errors: ['CHANNEL_NOT_FOUND', 'VERSION_STALE', 'VERSION_MISSING'],
  }),
  books: request({
    subject: 'channels.books.get', http: 'GET /v1/reconciliation', scope: 'channels:admin',
    summary: 'Do the books balance? Every inbound message of a channel and day by outcome, every outbound by state (OPS-6)',
    input: z.strictObject({ channelId: Id, day: z.iso.date(), timezone: TimeZone.default('UTC') }),
    output: z.object({
      channelId: Id, day: z.iso.date(), timezone: TimeZone,
      inbound: z.record(z.string(), z.int()).describe('thread, duplicate, keyword, blocked, spam, quarantined, and pending: on their way'),
      outbound: z.record(z.string(), z.int()).describe('delivered, failed, pending'),
      echoes: z.int().nonnegative().describe('What the brand wrote in the provider’s own app; in no other sum'),
      unmatched: z.int().nonnegative().describe('Callbacks for messages that are none of ours: see /v1/channels/:id/unmatched-statuses'),
      balanced: z.boolean(),
    }).meta({ id: 'Books' }),
    errors: ['CHANNEL_NOT_FOUND'],
  }),
};

/** One way to recognise a person (PRO-1). `visitor` is the `sub` of a proven web chat token: the external id. */
export const Identifier = z
  .object({ type: z.enum(['phone', 'email', 'visitor', 'igsid', 'wa_id', 'bsuid', 'alnum']), value: z.string().min(1).max(512), verified: z.boolean() })
  .meta({ id: 'Identifier' });
export type Identifier = z.infer<typeof Identifier>;

export const Attachment = z
  .object({
    id: Id, name: z.string(), contentType: z.string(), sizeBytes: z.int().nonnegative(), inline: z.boolean(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/).optional().describe('Of the bytes, which can be read at /v1/attachments/:id; absent where they are not kept'),
    contentId: z.string().max(998).optional().describe('E-mail: what `cid:` in the HTML stands for'),
    fetch: z.enum(['pending', 'failed']).optional().describe('META-4: the bytes are still to be fetched from the provider, or could not be had; absent: neither'),
    problem: z.string().max(500).optional().describe('Why the bytes could not be had'),
  })
  .meta({ id: 'Attachment' });
export type Attachment = z.infer<typeof Attachment>;

export const Keyword = z.enum(['stop', 'start', 'help', 'join']).meta({ id: 'Keyword' });
export type Keyword = z.infer<typeof Keyword>;

const Words = z.string().max(4000);
const Link = z.string().max(2048).describe('http or https; it may have expired');

/** What a message holds beside its text, as far as it can be shown or used. Words in it are the sender's: never markup, never a command. */
export const MessageDetail = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('location'), latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180), name: Words.nullable(), address: Words.nullable() }),
    z.object({ kind: z.literal('contact'), name: Words, phones: z.array(z.string().max(100)).max(20), emails: z.array(z.string().max(320)).max(20) }),
    z.object({
      kind: z.literal('choice'), via: z.enum(['button', 'list', 'quick_reply', 'postback', 'form']),
      id: Words.nullable(), title: Words, description: Words.nullable(), answers: z.record(z.string(), z.unknown()).nullable(),
    }),
    z.object({ kind: z.literal('story'), act: z.enum(['reply', 'mention']), storyId: z.string().max(200).nullable(), url: Link.nullable() }),
    z.object({ kind: z.literal('share'), what: z.string().max(100), title: Words.nullable(), url: Link.nullable() }),
    z.object({ kind: z.literal('referral'), source: z.string().max(200).nullable(), title: Words.nullable(), url: Link.nullable(), received: z.record(z.string(), z.unknown()) }),
    z.object({
      kind: z.literal('order'), text: Words.nullable(),
      products: z.array(z.object({ id: Words, quantity: z.number(), price: z.string().max(40).nullable(), currency: z.string().max(10).nullable() })).max(100),
    }),
    z.object({ kind: z.literal('faq'), id: Id, question: Words }).describe('The visitor had read the answer to this question before'),
    z.object({ kind: z.literal('unsupported'), what: z.string().max(200) }),
  ])
  .meta({ id: 'MessageDetail' });
export type MessageDetail = z.infer<typeof MessageDetail>;

/** A customer's message as an adapter read it, accepted and numbered in its conversation. Content above 64 KiB is cut and flagged; the raw bytes are kept. */
export const AcceptedMessage = z.object({
  inboundId: Id.describe('Becomes the id of the message in the thread'),
  channelId: Id,
  channel: ChannelType,
  conversationKey: z.string(),
  conversationSeq: z.int().positive(),
  from: z.array(Identifier).min(1).describe('The first one finds the profile; the others are added where no other profile holds them'),
  name: z.string().nullable(),
  locale: Locale.nullable(),
  sessionId: Id.nullable().describe('Web chat'),
  threadId: Id.nullable().describe('E-mail: the mail thread, chosen by MAIL-2'),
  subject: z.string().nullable(),
  text: z.string(),
  html: z.string().nullable().describe('As received; sanitised where it is shown'),
  truncated: z.boolean(),
  attachments: z.array(Attachment),
  details: z.array(MessageDetail).max(20).default([]),
  inReplyTo: Id.nullable().default(null).describe('The message of this conversation that it quotes or answers'),
  newText: z.string().nullable().default(null).describe('MAIL-5: `text` without quoted history and signature; null: nothing was folded away'),
  keyword: Keyword.nullable().describe('SMS-2: changes consent, opens nothing'),
  automatic: z.enum(['auto_reply', 'bulk']).nullable().describe('RFC 3834: reopens, wakes and answers nothing'),
  note: z.string().nullable().describe('What an agent should know: other sender, unreadable mail, reused Message-ID'),
  occurredAt: Instant.describe('The provider’s time'),
  receivedAt: Instant,
});
export type AcceptedMessage = z.infer<typeof AcceptedMessage>;

/** WhatsApp: a text that the provider has approved, and what fills its places, in their order. */
export const MessageTemplate = z
  .object({ name: z.string().regex(/^[a-z0-9_]{1,512}$/), language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2,3})?$/), variables: z.array(text(1024)).max(50).default([]) })
  .meta({ id: 'MessageTemplate' });
export type MessageTemplate = z.infer<typeof MessageTemplate>;

export const DeliveryState = z.enum(['queued', 'sent', 'delivered', 'read', 'failed']).meta({ id: 'DeliveryState' });
export type DeliveryState = z.infer<typeof DeliveryState>;
export const Failure = z.object({ code: z.string(), reason: z.string() }).meta({ id: 'Failure' });

/** What a provider's refusal means for us; codes and reasons are shown as they came. */
export const RefusalClass = z.enum(['address', 'consent', 'window', 'content', 'config', 'auth', 'permanent']);
export type RefusalClass = z.infer<typeof RefusalClass>;

export const ConsentKind = z.enum(['sms_marketing', 'sms_transactional', 'email', 'whatsapp']).meta({ id: 'ConsentKind' });
export type ConsentKind = z.infer<typeof ConsentKind>;

export const channelEvents = {
  channelCreated: event({ type: 'channel.created', service: 'channels', version: 1, public: false, summary: 'A channel was connected', data: Channel }),
  channelUpdated: event({ type: 'channel.updated', service: 'channels', version: 1, public: false, summary: 'A channel was changed or disconnected', data: Channel }),
  messageReceived: event({
    type: 'channel.message_received', service: 'channels', version: 1, public: false,
    summary: 'A customer’s message was accepted; tickets decides what becomes of it', data: AcceptedMessage,
  }),
  messageAmended: event({
    type: 'channel.message_amended', service: 'channels', version: 1, public: false, summary: 'Somebody reacted to a message of the thread, rewrote it or took it back (META-2)',
    data: z.object({
      channelId: Id, conversationKey: z.string(), messageId: Id.describe('Ours, of the message it is about'), by: z.enum(['customer', 'brand']),
      change: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('edited'), text: z.string() }),
        z.object({ kind: z.literal('deleted') }),
        z.object({ kind: z.literal('reaction'), emoji: z.string().max(100).nullable().describe('null: taken back') }),
      ]),
      occurredAt: Instant,
    }),
  }),
  messageEchoed: event({
    type: 'channel.message_echoed', service: 'channels', version: 1, public: false, summary: 'The brand wrote to a customer elsewhere, in the provider’s own app: it stands in the open thread and opens nothing (META-2)',
    data: z.object({
      messageId: Id, channelId: Id, channel: ChannelType, conversationKey: z.string(), to: z.array(Identifier).min(1), text: z.string(),
      attachments: z.array(Attachment), details: z.array(MessageDetail).max(20), inReplyTo: Id.nullable(), occurredAt: Instant,
    }),
  }),
  mediaFetched: event({
    type: 'channel.media_fetched', service: 'channels', version: 1, public: false, summary: 'The bytes of an attachment stand in the file store now, or cannot be had (META-4)',
    data: z.object({ messageId: Id, conversationKey: z.string(), attachment: Attachment }),
  }),
  deliveryChanged: event({
    type: 'channel.delivery_changed', service: 'channels', version: 1, public: false, summary: 'What the provider says of a message we sent',
    data: z.object({
      messageId: Id, ticketId: Id, state: DeliveryState, failure: Failure.nullable(), providerMessageId: z.string().nullable(), occurredAt: Instant,
      class: RefusalClass.nullable().default(null).describe('What a failure means, where its code tells'),
    }),
  }),
  customerIntroduced: event({
    type: 'channel.customer_introduced', service: 'channels', version: 1, public: false, summary: 'The provider told the name of somebody who has written',
    data: z.object({ channelId: Id, identifier: Identifier, name: z.string().min(1).max(200) }),
  }),
  consentReported: event({
    type: 'channel.consent_reported', service: 'channels', version: 1, public: false, summary: 'The provider says that somebody has opted in or out',
    data: z.object({ channelId: Id, identifier: Identifier, kinds: z.array(ConsentKind), state: z.enum(['granted', 'revoked']), source: z.string(), evidence: z.string().nullable() }),
  }),
  presenceChanged: event({
    type: 'chat.presence_changed', service: 'channels', version: 1, public: true, summary: 'A visitor came or has been gone for a while (CHAT-10)',
    data: z.object({ sessionId: Id, channelId: Id, online: z.boolean(), since: Instant, episode: z.int().nonnegative().describe('Counts how often the visitor went offline') }),
  }),
  chatRead: event({
    type: 'chat.read', service: 'channels', version: 1, public: false, summary: 'The visitor has seen the thread up to a message (CHAT-8)',
    data: z.object({ sessionId: Id, channelId: Id, upToSeq: z.int().nonnegative() }),
  }),
  uploadsAbandoned: event({
    type: 'chat.uploads_abandoned', service: 'channels', version: 1, public: false, summary: 'A visitor has uploaded files and sent them with no message: nobody needs them any more',
    data: z.object({ fileIds: z.array(Id).min(1) }),
  }),
  chatTextDue: event({
    type: 'chat.text_due', service: 'channels', version: 1, public: false, summary: 'A new chat is to be told what the office hours say (CHAT-9); tickets writes it into the thread',
    data: z.object({ ticketId: Id, sessionId: Id, channelId: Id, when: z.enum(['during', 'outside']), text: z.string() }),
  }),
  chatEnded: event({
    type: 'chat.ended', service: 'channels', version: 1, public: true, summary: 'The visitor ended the chat (CHAT-7)',
    data: z.object({ sessionId: Id, channelId: Id, endedAt: Instant }),
  }),
};
