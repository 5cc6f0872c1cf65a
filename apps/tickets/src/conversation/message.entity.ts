import type { Attachment, DeliveryState, Failure, Keyword, MessageDetail, MessageTemplate } from '@parley/contracts/channels';
import type { AuthorType, Message, Note } from '@parley/contracts/messages';
import type { z } from 'zod';
import { mailHtml } from './safe-html.js';

/** Columns of a message, in the order of `messageValues`. */
export const MESSAGE_COLUMNS = [
  'id', 'account_id', 'ticket_id', 'seq', 'direction', 'author_type', 'author_id', 'author_name', 'text', 'html', 'truncated', 'attachments',
  'keyword', 'automatic', 'language', 'note', 'delivery_state', 'delivery_failure', 'occurred_at', 'received_at', 'read_at', 'source_event_id',
  'details', 'in_reply_to', 'new_text', 'reactions', 'edited_at', 'deleted_at', 'retry_of', 'retried_as', 'template',
] as const;

/** A message's row. */
export type MessageEntity = {
  id: string;
  accountId: string;
  ticketId: string;
  seq: number;
  direction: 'inbound' | 'outbound';
  authorType: AuthorType;
  authorId: string | null;
  authorName: string | null;
  text: string;
  html: string | null;
  truncated: boolean;
  attachments: Attachment[];
  keyword: Keyword | null;
  automatic: 'auto_reply' | 'bulk' | null;
  /** TKT-23; of the customer’s messages. */
  language?: string | null;
  note: string | null;
  deliveryState: DeliveryState | null;
  deliveryFailure: z.infer<typeof Failure> | null;
  occurredAt: Date;
  receivedAt: Date;
  readAt: Date | null;
  /** The fact it came by: nothing that is heard twice stands twice. */
  sourceEventId: string | null;
  details: MessageDetail[];
  inReplyTo: string | null;
  newText: string | null;
  /** One of each side at most; `emoji` null: taken back. */
  reactions: { by: 'customer' | 'brand'; emoji: string | null; at: string }[];
  editedAt: Date | null;
  deletedAt: Date | null;
  /** The failed message of which it is another attempt, and the attempt that came after it. */
  retryOf?: string | null;
  retriedAs?: string | null;
  /** WhatsApp: sent in place of the words, and again when it is retried. */
  template?: MessageTemplate | null;
};

/** A message that is words and files, as they were written. */
export const PLAIN = { details: [], inReplyTo: null, newText: null, reactions: [], editedAt: null, deletedAt: null } satisfies Partial<MessageEntity>;

export const messageValues = (m: MessageEntity) =>
  [
    m.id, m.accountId, m.ticketId, m.seq, m.direction, m.authorType, m.authorId, m.authorName, m.text, m.html, m.truncated, JSON.stringify(m.attachments),
    m.keyword, m.automatic, m.language ?? null, m.note, m.deliveryState, m.deliveryFailure, m.occurredAt, m.receivedAt, m.readAt, m.sourceEventId,
    JSON.stringify(m.details), m.inReplyTo, m.newText, JSON.stringify(m.reactions), m.editedAt, m.deletedAt, m.retryOf ?? null, m.retriedAs ?? null, m.template ? JSON.stringify(m.template) : null,
  ] as const satisfies { length: (typeof MESSAGE_COLUMNS)['length'] };

/** What staff and events see of it. */
export const toMessage = (m: MessageEntity): Message => ({
  id: m.id,
  ticketId: m.ticketId,
  seq: m.seq,
  direction: m.direction,
  author: { type: m.authorType, id: m.authorId, name: m.authorName },
  text: m.text,
  html: m.html === null ? null : mailHtml(m.html, m.attachments),
  truncated: m.truncated,
  attachments: m.attachments,
  details: m.details,
  inReplyTo: m.inReplyTo,
  newText: m.newText,
  reactions: m.reactions.flatMap(({ by, emoji }) => (emoji === null ? [] : [{ by, emoji }])),
  editedAt: m.editedAt?.toISOString() ?? null,
  deletedAt: m.deletedAt?.toISOString() ?? null,
  retryOf: m.retryOf ?? null,
  retriedAs: m.retriedAs ?? null,
  keyword: m.keyword,
  automatic: m.automatic,
  language: m.language ?? null,
  note: m.note,
  delivery: m.deliveryState && { state: m.deliveryState, failure: m.deliveryFailure },
  occurredAt: m.occurredAt.toISOString(),
  receivedAt: m.receivedAt.toISOString(),
  readAt: m.readAt?.toISOString() ?? null,
});

/** A note's row (TKT-12). */
export type NoteEntity = { id: string; ticketId: string; afterSeq: number; authorId: string; authorName: string | null; text: string; mentions: string[]; createdAt: Date };

export const toNote = (note: NoteEntity): Note => ({
  id: note.id,
  ticketId: note.ticketId,
  afterSeq: note.afterSeq,
  author: { id: note.authorId, name: note.authorName },
  text: note.text,
  mentions: note.mentions,
  createdAt: note.createdAt.toISOString(),
});
