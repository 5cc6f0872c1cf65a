import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { newId, partitionOf } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { placeholders, rows } from '../tickets.database.js';
import { valuesOf, type NamedTicket, type TicketEntity, type TicketRow } from './ticket.entity.js';
import { AROUND, TICKET, assignments } from './ticket.sql.js';

/** What a new ticket is told about; everything else follows. */
export type NewTicket = Pick<TicketRow, 'channelType' | 'channelId' | 'profileId' | 'emailThreadKey' | 'chatSessionId' | 'customer' | 'subject' | 'language' | 'createdAt'>;

/** A new ticket, and the version of what it is to be handed out by; null where nothing is configured. */
export type OpenedTicket = TicketRow & { deskVersion: number | null };

const SAVE = `UPDATE ticket SET ${assignments(3)} WHERE id = $1 AND account_id = $2
  RETURNING EXISTS (SELECT FROM ticket q WHERE q.account_id = $2 AND q.queued_at IS NOT NULL) AS others_wait`;
const FIND = `SELECT ${TICKET} FROM ticket t ${AROUND} WHERE t.id = $1 AND t.account_id = $2`;
const LOCK = `${FIND} FOR UPDATE OF t`;
const LOCK_CHAT = `SELECT ${TICKET} FROM ticket t ${AROUND}
  WHERE t.account_id = $1 AND t.chat_session_id = $2 AND t.holds_thread AND t.channel_type = 'webchat' FOR UPDATE OF t`;
const LOCK_LIVE_CHAT = `SELECT ${TICKET} FROM ticket t ${AROUND}
  WHERE t.account_id = $1 AND t.profile_id = $2 AND t.holds_thread AND t.channel_type = 'webchat' AND t.status <> 'closed' FOR UPDATE OF t`;
const LOCK_THREAD = `SELECT ${TICKET} FROM ticket t ${AROUND}
  WHERE t.account_id = $1 AND t.profile_id = $2 AND t.channel_id = $3 AND t.holds_thread AND t.channel_type IN ('sms', 'whatsapp') FOR UPDATE OF t`;
const LOCK_EVERYTHING = `SELECT ${TICKET} FROM ticket t ${AROUND} WHERE t.account_id = $1 AND t.profile_id = $2 ORDER BY t.id FOR UPDATE OF t`;
const LOCK_OF_PROFILE = `SELECT ${TICKET} FROM ticket t ${AROUND}
  WHERE t.account_id = $1 AND t.profile_id = $2 AND t.status <> 'closed' ORDER BY t.id FOR UPDATE OF t`;

const NEW = ['id', 'account_id', 'partition', 'channel_type', 'channel_id', 'profile_id', 'email_thread_key', 'chat_session_id', 'customer', 'subject', 'language', 'created_at'];
/** Any unique index may object: TKT-3 is kept by them. A number that is not used stays unused. */
const OPEN = `
  WITH n AS (INSERT INTO ticket_counter AS k (account_id, number) VALUES ($2, 1) ON CONFLICT (account_id) DO UPDATE SET number = k.number + 1 RETURNING number)
  INSERT INTO ticket (${NEW.join(', ')}, number, open_since, last_message_at, last_inbound_at)
  SELECT ${placeholders(NEW.length - 1)}, $12::timestamptz, n.number, $12, $12, $12 FROM n
  ON CONFLICT DO NOTHING RETURNING *, (SELECT version FROM desk_state WHERE account_id = $2) AS desk_version`;

/** Knows tickets by SQL. What is locked here stays so until the transaction ends; lock a ticket before what hangs on it. */
@Injectable()
export class TicketsRepository {
  /** The ticket, or the one into which it was merged (TKT-22). Refuses with TICKET_NOT_FOUND. */
  async find(tx: Tx, id: string): Promise<TicketEntity> {
    const ticket = found(await rows<TicketEntity>(tx, FIND, [id, tx.by.account]), id);
    return ticket.mergedInto ? this.find(tx, ticket.mergedInto) : ticket;
  }

  /** As `find`; nobody else can change the ticket until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<TicketEntity> {
    const ticket = await this.lockExactly(tx, id);
    return ticket.mergedInto ? this.lock(tx, ticket.mergedInto) : ticket;
  }

  /** This ticket, merged or not. */
  async lockExactly(tx: Tx, id: string): Promise<TicketEntity> {
    return found(await rows<TicketEntity>(tx, LOCK, [id, tx.by.account]), id);
  }

  /** The ticket of a chat session, if the visitor has written. */
  async lockChat(tx: Tx, sessionId: string): Promise<TicketEntity | undefined> {
    return (await rows<TicketEntity>(tx, LOCK_CHAT, [tx.by.account, sessionId]))[0];
  }

  /** The one chat of this person that is not closed. */
  async lockLiveChat(tx: Tx, profileId: string): Promise<TicketEntity | undefined> {
    return (await rows<TicketEntity>(tx, LOCK_LIVE_CHAT, [tx.by.account, profileId]))[0];
  }

  /** The one ticket of a person and a number, by SMS or WhatsApp. */
  async lockThread(tx: Tx, profileId: string, channelId: string): Promise<TicketEntity | undefined> {
    return (await rows<TicketEntity>(tx, LOCK_THREAD, [tx.by.account, profileId, channelId]))[0];
  }

  /** Where what is said between a person and an address of ours stands: in a ticket that is not closed, or that was merged. */
  async threadOf(tx: Tx, profileId: string, channelId: string): Promise<string | undefined> {
    const text = `SELECT id FROM ticket WHERE profile_id = $1 AND account_id = $2 AND channel_id = $3 AND split_from IS NULL AND (status <> 'closed' OR merged_into IS NOT NULL)
      ORDER BY merged_into IS NOT NULL, id DESC LIMIT 1`;
    return (await tx.sql<{ id: string }>(text, [profileId, tx.by.account, channelId]))[0]?.id;
  }

  /** Everything of this person, closed or not. */
  lockEverythingOf(tx: Tx, profileId: string): Promise<TicketEntity[]> {
    return rows<TicketEntity>(tx, LOCK_EVERYTHING, [tx.by.account, profileId]);
  }

  /** Everything of this person that is not closed. */
  lockOfProfile(tx: Tx, profileId: string): Promise<TicketEntity[]> {
    return rows<TicketEntity>(tx, LOCK_OF_PROFILE, [tx.by.account, profileId]);
  }

  /** The tickets of this person but spam, newest first, as ids are made in order; before one. */
  ofProfile(tx: Tx, profileId: string, before: string | null, limit: number): Promise<TicketEntity[]> {
    const text = `SELECT ${TICKET} FROM ticket t ${AROUND} WHERE t.profile_id = $1 AND t.account_id = $2 AND NOT t.spam ${before ? 'AND t.id < $3::uuid' : ''} ORDER BY t.id DESC LIMIT ${limit}`;
    return rows<TicketEntity>(tx, text, [profileId, tx.by.account, ...(before ? [before] : [])]);
  }

  /** A new ticket without messages, or nothing where its conversation has one by now (TKT-3). */
  async open(tx: Tx, ticket: NewTicket): Promise<OpenedTicket | undefined> {
    const id = newId();
    const values = [
      id, tx.by.account, partitionOf(tx.by.account, id), ticket.channelType, ticket.channelId, ticket.profileId,
      ticket.emailThreadKey, ticket.chatSessionId, ticket.customer, ticket.subject, ticket.language, ticket.createdAt,
    ];
    return (await rows<OpenedTicket>(tx, OPEN, values))[0];
  }

  /** Writes what changed; says whether tickets of the account wait for somebody to be free. */
  async save(tx: Tx, ticket: NamedTicket): Promise<boolean> {
    return (await tx.sql<{ others_wait: boolean }>(SAVE, [ticket.id, ticket.accountId, ...valuesOf(ticket)]))[0]?.others_wait ?? false;
  }
}

function found([ticket]: TicketEntity[], id: string): TicketEntity {
  if (!ticket) throw new ContractError('TICKET_NOT_FOUND', `No ticket ${id}`);
  return ticket;
}
