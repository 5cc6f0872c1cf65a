// A channel is an adapter that passes the suite. To add a sixth one in an afternoon:
//   1. one folder, say `whatsapp/`, with a class that implements ChannelAdapter: translate, decide nothing (what a message does to a
//      ticket is POLICY in the tickets service, what a delivery may become is outbound/delivery.rules.ts);
//   2. its settings and credentials as one more variant of NewChannel in libs/contracts/src/channels.ts;
//   3. one entry in adapters.ts;
//   4. a spec that calls isAChannel(…) of adapter.conformance.ts with the deliveries that the provider documents. It asks what every channel
//      must keep: the same id when delivered again, forged bytes refused, nonsense handed back, one id over repeated sends, the provider's own reason.
// Bytes, order, dedupe, numbering, retries, consent and delivery states are done for it by hooks/, inbound/ and outbound/.
import type { Attachment, ChannelType, ConsentKind, DeliveryState, Identifier, Keyword, MessageDetail, MessageTemplate, RefusalClass } from '@parley/contracts/channels';
import type { Template } from '@parley/contracts/templates';
import type { SafeHttp } from '@parley/service/http';

export type { RefusalClass };

/** A delivery as it came in. */
export type Raw = {
  method: string;
  /** The public address, from configuration and never from the Host header, with the query as it was sent. */
  url: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** The wall clock, for signatures that carry a time. What is stored bears the account's time instead (TIME-6). */
  receivedAt: Date;
};

/** A connected channel with its credentials open: for adapters, in memory only. */
export type ConnectedChannel = {
  id: string;
  account: string;
  type: ChannelType;
  provider: string;
  name: string;
  enabled: boolean;
  /** The brand's side: number, handle or e-mail address. */
  address: string | null;
  /** As the contract's settings of this type, parsed. */
  settings: Record<string, unknown>;
  credentials: Record<string, unknown>;
  webhookUrl: string | null;
  forwardingAddress: string | null;
  widgetKey: string | null;
  version: number;
};

/** Where the provider holds a file: at an address, or under an id to ask it by (`media`). It dies there after a while. */
export type RemoteFile = { url: string } | { mediaId: string };

/**
 * A file of a message. An id is given where the bytes are stored already; otherwise it is made on acceptance. `remote`: the bytes are still to be fetched
 * (META-4), behind the message; name, type and size are then what the provider says of them.
 */
export type InboundFile = Omit<Attachment, 'id' | 'fetch' | 'problem'> & { id?: string; remote?: RemoteFile };

/** What a customer wrote, translated. */
export type InboundMessage = {
  kind: 'message';
  /** The provider's id, or what stands for it: the same when the message is delivered again (OPS-6). */
  providerMessageId: string;
  /** The first one finds the profile and, for people on a number, the conversation. */
  from: Identifier[];
  name?: string | null;
  locale?: string | null;
  /** Web chat: the session. It is the conversation. */
  sessionId?: string | null;
  /** E-mail: the mail thread. It is the conversation. */
  threadId?: string | null;
  subject?: string | null;
  text: string;
  html?: string | null;
  /** `text` without quoted history and signature; null: nothing was folded away (MAIL-5). */
  newText?: string | null;
  attachments?: InboundFile[];
  /** What stands beside the words. Whoever only chose a title typed nothing: it is no keyword. */
  details?: MessageDetail[];
  /** The provider's id of the message that this one quotes or answers. */
  inReplyTo?: string | null;
  /** Only what the provider itself says; words are matched by inbound/keyword.rules.ts (SMS-2). */
  keyword?: Keyword | null;
  /** The provider answers keywords by itself: we stay silent. */
  providerReplied?: boolean;
  automatic?: 'auto_reply' | 'bulk' | null;
  note?: string | null;
  /** MAIL-8: the same mail under another Message-ID, or another mail under the same one, is told by it. */
  fingerprint?: Buffer | null;
  /** The provider's time, RFC 3339; null where it tells none: the time of acceptance stands for it. */
  occurredAt: string | null;
};

export type Failure = { code: string; reason: string };

/** What happened to a message of ours. */
export type Status = {
  kind: 'status';
  providerMessageId: string;
  /** Our own id of the message, where the provider hands it back. */
  reference: string | null;
  state: DeliveryState;
  failure: Failure | null;
  /** What a failure means for us, where its code tells. */
  class?: RefusalClass;
  /** What the provider charges for it, verbatim. */
  pricing?: Record<string, unknown>;
  /** As of a message. */
  occurredAt: string | null;
};

/** Something happened to the message `about` (the provider's id), which may be unknown here, or come later. `person`: the customer of the conversation. */
type Amendment = { about: string; by: 'customer' | 'brand'; person: Identifier[]; occurredAt: string | null };
/** `emoji` null: taken back. */
export type Reaction = Amendment & { kind: 'reaction'; emoji: string | null };
export type Edit = Amendment & { kind: 'edit'; text: string };
/** Taken back by its author: the content must go, also if the message itself comes later. */
export type Deletion = Amendment & { kind: 'deletion' };

/** A message of the brand as the provider repeats it: one of ours by its id, or else written in the provider's own app. It opens nothing (META-2). */
export type Echo = {
  kind: 'echo';
  providerMessageId: string;
  to: Identifier[];
  text: string;
  attachments: InboundFile[];
  details: MessageDetail[];
  inReplyTo: string | null;
  occurredAt: string | null;
};

/** The customer has read this message of ours and all before it in their conversation. */
export type Seen = { kind: 'seen'; upTo: string; person: Identifier[]; occurredAt: string | null };

/** The provider says that somebody opted in or out, without a message of theirs. */
export type ConsentReport = {
  kind: 'consent';
  identifier: Identifier;
  kinds: ConsentKind[];
  state: 'granted' | 'revoked';
  source: string;
  evidence: string | null;
};

/** A whole mail for the one pipeline: kept as it is, then read by a worker (MAIL-1). `sender` and `recipient`: of the envelope. `once`: what the provider gives with each mail and never again. */
export type WholeMail = { kind: 'mail'; raw: Buffer; sender: string; recipient: string; once: string | null };

/** Meant for us and cannot be understood: quarantined, visible in the books (OPS-6). */
export type Unreadable = { kind: 'unreadable'; reason: string };
/** Understood, and nothing that concerns us: test payloads, unknown events. */
export type Ignored = { kind: 'ignored'; reason: string };
/**
 * What an adapter finds in a delivery. A kind that a later provider brings (such as parts of long texts) is one more member here and one line in
 * hooks.service.ts, which stores it in the same transaction.
 */
export type Read = InboundMessage | Status | Reaction | Edit | Deletion | Echo | Seen | ConsentReport | WholeMail | Unreadable | Ignored;

export type HttpReply = { status: number; contentType: string; body: string };

/** A message to be sent. Repeats carry the same `id`. */
export type Outbound = {
  id: string;
  /** Null for what we answer by ourselves outside a thread, such as the text for HELP. */
  ticketId: string | null;
  to: Identifier;
  toName: string | null;
  sessionId: string | null;
  threadId: string | null;
  subject: string | null;
  text: string;
  html: string | null;
  /** Files that stand in the store by their hash. Only channels that can send files get messages that have some. */
  attachments: Attachment[];
  /** Somebody wrote it, and no rule, campaign or flow. */
  byPerson?: boolean;
  /** WhatsApp: sent in place of the words; `text` is how it reads. */
  template?: MessageTemplate | null;
  /** When it was first tried: a listing of the provider need not look further back. */
  firstTriedAt: Date;
};

/** `also`: further ids by which the provider knows pieces of the message, where it left in several calls. */
export type Sent = { outcome: 'sent'; providerMessageId: string; also?: string[]; state: Extract<DeliveryState, 'queued' | 'sent' | 'delivered'> };
export type Receipt =
  | Sent
  /** Taken by nobody, and never will be. A refusal that tells of a consent carries the report. */
  | { outcome: 'refused'; failure: Failure; class: RefusalClass; consent?: ConsentReport }
  /** We asked and got no answer: it may have been taken. Asked about (`reconcile`) before it is ever repeated. */
  | { outcome: 'unknown'; reason: string };

/** Nothing was taken, and asking again later may help: no connection, 429, 503. Every other error of `send` counts as unknown. */
export class Outage extends Error {
  constructor(
    reason: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(reason);
    this.name = 'Outage';
  }
}

/**
 * Where the bytes of a customer's file can be had at this moment; or why never. They are asked for once, with these headers. A redirect is followed once, without
 * the headers, and only to one of `redirectHosts` (with their port, unless it is the scheme's own).
 */
export type Media =
  | { outcome: 'found'; url: string; headers: Record<string, string>; redirectHosts?: readonly string[]; /** Of the bytes, in hexadecimal, where the provider says it. */ sha256?: string }
  | { outcome: 'refused'; failure: Failure; class: RefusalClass };

/** All that an adapter may touch of the world. */
export type Io = { http: Pick<SafeHttp, 'send'>; at: Date };
/** And of the files of the message it sends. */
export type SendIo = Io & {
  /** The bytes of a file; null: they are gone. @throws Outage while the store is away. */
  file(attachment: Attachment): Promise<Buffer | null>;
  /** A public address from which the provider itself can fetch the file for an hour, without signing in. */
  link(attachment: Attachment): Promise<string>;
};

/** How our answers leave. Web chat has none: its messages go to the sockets. */
export interface OutboundAdapter {
  readonly channel: ChannelType;
  readonly provider: string;
  /** Asks the provider to deliver. A refusal is a receipt with the provider's own reason; throws `Outage` where nothing was taken. */
  send(message: Outbound, channel: ConnectedChannel, io: SendIo): Promise<Receipt>;
  /** After an unknown outcome: everything in the provider's books that may be this message, oldest first. Throws like `send`. */
  reconcile?(message: Outbound, channel: ConnectedChannel, io: Io): Promise<Sent[]>;
  /** What customers wrote since then by the provider's own books, oldest first, for webhooks that never came: as deliveries that `read` understands. Throws like `send`. */
  missed?(since: Date, channel: ConnectedChannel, io: Io): Promise<Raw[]>;
  /** The texts that the provider has approved, or not. A refusal is a receipt; throws like `send`. */
  templates?(channel: ConnectedChannel, io: Io): Promise<Template[] | Extract<Receipt, { outcome: 'refused' }>>;
  /** The name of somebody who has just written for the first time, where messages come without one; null: the provider tells none. Throws like `send`. */
  nameOf?(person: Identifier, channel: ConnectedChannel, io: Io): Promise<string | null>;
  /** Where to fetch a file that `read` left at the provider: asked anew for each try, as addresses die. Without it the address in `remote` is used as it stands. Throws like `send`. */
  media?(file: RemoteFile, channel: ConnectedChannel, io: Io): Promise<Media>;
  /** The bytes stand in our store: deletes them at the provider, where the channel wants that. What it throws is logged, and that is all. */
  discard?(file: RemoteFile, channel: ConnectedChannel, io: Io): Promise<void>;
}

/** A channel whose provider calls our webhook: `/hooks/<channelKey>`. */
export interface ChannelAdapter extends OutboundAdapter {
  /** Answers a provider that asks whether the address is ours (GET); null: not a handshake, or not the right one. */
  handshake?(raw: Raw, channel: ConnectedChannel): HttpReply | null;
  /** True only if this channel's provider sent exactly these bytes to exactly this address. */
  verify(raw: Raw, channel: ConnectedChannel): boolean;
  /** Everything in the delivery, in its order. Pure and total: the same bytes give the same answer, nonsense comes back as `unreadable`, nothing throws. */
  read(raw: Raw, channel: ConnectedChannel): Read[];
  /** What the provider wants to hear after we have stored it. */
  ack(): HttpReply;
}
