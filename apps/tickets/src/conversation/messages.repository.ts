import { Injectable } from '@nestjs/common';
import type { AcceptedMessage, ChannelType, DeliveryState, Identifier } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';
import type { ConversationPart, Policy } from '../ticket/policy.rules.js';
import { valuesOf, type NamedTicket } from '../ticket/ticket.entity.js';
import { assignments } from '../ticket/ticket.sql.js';
import { placeholders, rows } from '../tickets.database.js';
import type { LastSent } from './campaign.rules.js';
import { MESSAGE_COLUMNS, messageValues, type MessageEntity, type NoteEntity } from './message.entity.js';

/** Who wrote, as far as they are known. */
export type Person = { id: string; name: string | null; blocked: boolean; identifiers: Identifier[] };
/** Where a message belongs: the newest ticket of its conversation, locked, and the person by whom it came. */
export type Place = { isKnown: boolean; /** Something was said of it before it came. */ isAmended: boolean; person: Person | null; ticket: NamedTicket | null; lastSent: LastSent | null; /** The conversation was merged into this ticket (TKT-22). */ redirect: string | null };
type Found = NamedTicket & { isKnown: boolean; isAmended: boolean; redirect: string | null; lastSent: LastSent | null; personId: string | null; personName: string | null; personBlocked: boolean; personIdentifiers: Identifier[] };

/** Each part of a policy: its column, and where its value comes from. */
const PER: Record<ConversationPart, { column: string; value: string | ((message: AcceptedMessage) => string | null) }> = {
  profile: { column: 't.profile_id', value: 'i.person_id' },
  address: { column: 't.channel_id', value: (message) => message.channelId },
  session: { column: 't.chat_session_id', value: (message) => message.sessionId },
  thread: { column: 't.email_thread_key', value: (message) => message.threadId },
};

/** SMS-5: what a campaign or a flow sent this person last before the message; looked up where a channel's answers are attributed. */
const LAST_SENT: Partial<Record<ChannelType, (at: string) => string>> = {
  sms: (at) => `(
    SELECT jsonb_build_object('id', c.id, 'kind', c.kind, 'sourceId', c.source_id, 'sourceName', c.source_name, 'sentAt', c.sent_at, 'answeredBy', c.answered_by)
    FROM campaign_message c WHERE c.profile_id = i.person_id AND c.account_id = $1 AND c.channel_type = 'sms' AND c.kind <> 'automation' AND c.sent_at <= ${at} ORDER BY c.sent_at DESC, c.id DESC LIMIT 1)`,
};

/** The statement of a channel, and the values that its policy adds to account, identifier and message. */
type Search = { text: string; more: ((message: AcceptedMessage) => string | null)[] };

/** One round trip for the whole of TKT-2: the partial unique indexes of TKT-3 find it, whatever the number of tickets. */
function searchOf(channel: ChannelType, { per, among }: Policy): Search {
  const more: Search['more'] = [];
  const conditions = per.map((part) => {
    const { column, value } = PER[part];
    return `${column} = ${typeof value === 'string' ? value : `$${4 + more.push(value)}::uuid`}`;
  });
  if (among === 'not closed') conditions.push(`t.status <> 'closed'`);
  if (LAST_SENT[channel]) more.push((message) => message.occurredAt, (message) => message.receivedAt);
  const text = `
    SELECT EXISTS (SELECT FROM message m WHERE m.id = $4) AS is_known, EXISTS (SELECT FROM amendment a WHERE a.message_id = $4) AS is_amended, ${LAST_SENT[channel]?.(`least($${3 + more.length}::timestamptz, $${4 + more.length}::timestamptz)`) ?? 'NULL'} AS last_sent, g.redirect, i.*, f.*
    FROM (SELECT) one
    LEFT JOIN LATERAL (
      SELECT p.id AS person_id, p.name AS person_name, p.blocked AS person_blocked,
        (SELECT jsonb_agg(jsonb_build_object('type', a.type, 'value', a.value, 'verified', a.verified)) FROM profile_identifier a WHERE a.profile_id = p.id) AS person_identifiers
      FROM profile_identifier w CROSS JOIN LATERAL (SELECT * FROM profile WHERE id = w.profile_id LIMIT 1) p WHERE w.account_id = $1 AND w.type = $2 AND w.value = $3) i ON true
    LEFT JOIN LATERAL (
      SELECT t.*, (SELECT o.name FROM profile o WHERE o.id = t.profile_id) AS profile_name FROM ticket t
      WHERE t.account_id = $1 AND t.holds_thread AND t.channel_type = '${channel}' AND ${conditions.join(' AND ')} FOR UPDATE OF t) f ON true
    LEFT JOIN LATERAL (${among === 'not closed' ? 'SELECT NULL::uuid AS redirect' : `
      SELECT t.merged_into AS redirect FROM ticket t
      WHERE f.id IS NULL AND t.account_id = $1 AND t.merged_into IS NOT NULL AND t.channel_type = '${channel}' AND ${conditions.join(' AND ')} ORDER BY t.id DESC LIMIT 1`}) g ON true`;
  return { text, more };
}
const searches = new Map<ChannelType, Search>();

const INSERT = `INSERT INTO message (${MESSAGE_COLUMNS.join(', ')}) VALUES (${placeholders(MESSAGE_COLUMNS.length)})`;
const FIRST_OF_TICKET = MESSAGE_COLUMNS.length + 1;
/** Message and ticket in one round trip. */
const APPEND = `WITH m AS (${INSERT}) UPDATE ticket SET ${assignments(FIRST_OF_TICKET)} WHERE id = $3 AND account_id = $2`;

/** Knows messages and notes by SQL. */
@Injectable()
export class MessagesRepository {
  async place(tx: Tx, policy: Policy, message: AcceptedMessage, from: Identifier): Promise<Place> {
    const search = searches.get(message.channel) ?? searchOf(message.channel, policy);
    searches.set(message.channel, search);
    const [row] = await rows<Found>(tx, search.text, [tx.by.account, from.type, from.value, message.inboundId, ...search.more.map((value) => value(message))]);
    const { isKnown, isAmended, lastSent, redirect, personId, personName, personBlocked, personIdentifiers, ...ticket } = row!;
    const person = personId === null ? null : { id: personId, name: personName, blocked: personBlocked, identifiers: personIdentifiers };
    return { isKnown, isAmended, person, ticket: ticket.id === null ? null : ticket, lastSent, redirect };
  }

  /** The message stands in its thread, and the ticket is saved. */
  async append(tx: Tx, ticket: NamedTicket, message: MessageEntity): Promise<void> {
    await tx.sql(APPEND, [...messageValues(message), ...valuesOf(ticket)]);
  }

  async insert(tx: Tx, message: MessageEntity): Promise<void> {
    await tx.sql(INSERT, [...messageValues(message)]);
  }

  async find(tx: Tx, id: string): Promise<MessageEntity | undefined> {
    return (await rows<MessageEntity>(tx, 'SELECT * FROM message WHERE id = $1 AND account_id = $2', [id, tx.by.account]))[0];
  }

  /** An outbound message with its ticket's place in the log; nobody else can move its delivery until the transaction ends. */
  async lockSent(tx: Tx, id: string): Promise<(MessageEntity & { partition: number }) | undefined> {
    const text = `SELECT m.*, t.partition FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.id = $1 AND m.account_id = $2 AND m.direction = 'outbound' FOR UPDATE OF m`;
    return (await rows<MessageEntity & { partition: number }>(tx, text, [id, tx.by.account]))[0];
  }

  async saveDelivery(tx: Tx, { id, deliveryState, deliveryFailure, readAt }: MessageEntity): Promise<void> {
    await tx.sql('UPDATE message SET delivery_state = $3, delivery_failure = $4, read_at = $5 WHERE id = $1 AND account_id = $2', [id, tx.by.account, deliveryState, deliveryFailure, readAt]);
  }

  /** TKT-11: the provider says that it took no answers at this time; what the customer writes later opens its window again. */
  async closeWindow(tx: Tx, ticketId: string, at: Date): Promise<void> {
    await tx.sql('UPDATE ticket SET window_closed_at = greatest(window_closed_at, $3) WHERE id = $1 AND account_id = $2', [ticketId, tx.by.account, at]);
  }

  async saveRetried(tx: Tx, id: string, retriedAs: string): Promise<void> {
    await tx.sql('UPDATE message SET retried_as = $3 WHERE id = $1 AND account_id = $2', [id, tx.by.account, retriedAs]);
  }

  /** The visitor has seen everything of ours up to this number. */
  async markRead(tx: Tx, ticketId: string, upToSeq: number): Promise<void> {
    const read: DeliveryState = 'read';
    await tx.sql(`UPDATE message SET delivery_state = $3, read_at = $4 WHERE ticket_id = $1 AND account_id = $5 AND direction = 'outbound' AND seq <= $2 AND read_at IS NULL`, [
      ticketId, upToSeq, read, tx.at, tx.by.account,
    ]);
  }

  /** The newest message of another agent behind this number, if there is one. */
  async ofColleague(tx: Tx, ticketId: string, afterSeq: number, me: string | null): Promise<number | null> {
    const [row] = await tx.sql<{ seq: number | null }>(
      `SELECT max(seq) AS seq FROM message WHERE ticket_id = $1 AND account_id = $4 AND seq > $2 AND direction = 'outbound' AND author_type = 'agent' AND author_id IS DISTINCT FROM $3::uuid`,
      [ticketId, afterSeq, me, tx.by.account],
    );
    return row!.seq;
  }

  /** The last so many messages before a number, in order. */
  async page(tx: Tx, ticketId: string, before: number | undefined, limit: number): Promise<MessageEntity[]> {
    const text = `SELECT * FROM message WHERE ticket_id = $1 AND account_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT ${limit}`;
    return (await rows<MessageEntity>(tx, text, [ticketId, tx.by.account, before ?? Number.MAX_SAFE_INTEGER])).reverse();
  }

  /** Notes that stand behind these numbers, in order. */
  notes(tx: Tx, ticketId: string, fromSeq: number, toSeq: number): Promise<NoteEntity[]> {
    return rows(tx, 'SELECT * FROM note WHERE ticket_id = $1 AND account_id = $2 AND after_seq BETWEEN $3 AND $4 ORDER BY after_seq, id', [ticketId, tx.by.account, fromSeq, toSeq]);
  }

  async note(tx: Tx, id: string): Promise<NoteEntity | undefined> {
    return (await rows<NoteEntity>(tx, 'SELECT * FROM note WHERE id = $1 AND account_id = $2', [id, tx.by.account]))[0];
  }

  async these(tx: Tx, messageIds: string[], noteIds: string[]): Promise<{ messages: MessageEntity[]; notes: NoteEntity[] }> {
    return {
      messages: messageIds.length ? await rows<MessageEntity>(tx, 'SELECT * FROM message WHERE id = ANY ($1::uuid[]) AND account_id = $2', [messageIds, tx.by.account]) : [],
      notes: noteIds.length ? await rows<NoteEntity>(tx, 'SELECT * FROM note WHERE id = ANY ($1::uuid[]) AND account_id = $2', [noteIds, tx.by.account]) : [],
    };
  }

  async insertNote(tx: Tx, note: NoteEntity): Promise<void> {
    await tx.sql('INSERT INTO note (id, account_id, ticket_id, after_seq, author_id, author_name, text, created_at, mentions) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      note.id, tx.by.account, note.ticketId, note.afterSeq, note.authorId, note.authorName, note.text, note.createdAt, note.mentions,
    ]);
  }
}
