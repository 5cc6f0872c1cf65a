import { Injectable } from '@nestjs/common';
import type { Attachment, MessageDetail } from '@parley/contracts/channels';
import type { Tx } from '@parley/service/tx';
import type { Visitor } from './identity.rules.js';

/** One chat of one visitor: from the first message on a ticket, until it is closed for good (CHAT-7). */
export type Chat = {
  id: string;
  channelId: string;
  visitor: string;
  name: string | null;
  email: string | null;
  /** What the visitor reads, where the page has told it. */
  locale: string | null;
  open: boolean;
  /** Of a closed chat. */
  endedBy: 'visitor' | 'brand' | null;
  ticketId: string | null;
  partition: number;
  readSeq: number;
  lastSeq: number;
  online: boolean;
  /** Is the channel switched on? */
  isOn: boolean;
  /** Has the visitor read answers that staff have not been shown yet? */
  hasRead: boolean;
  since: Date;
  /** How often the visitor went offline. */
  episode: number;
};
/** A message that was accepted, under the id its sender gave it. */
export type SentMessage = { inboundId: string; sessionId: string; clientId: string; text: string; details: MessageDetail[]; attachments: Attachment[]; acceptedAt: Date };

const CHAT = `id, channel_id AS "channelId", visitor, name, email, locale, open, ended_by AS "endedBy", ticket_id AS "ticketId", partition, read_seq AS "readSeq", last_seq AS "lastSeq", online, since, episode,
  (SELECT c.enabled FROM channel c WHERE c.account_id = chat_session.account_id AND c.id = chat_session.channel_id) AS "isOn",
  EXISTS (SELECT FROM chat_faq_read r WHERE r.account_id = chat_session.account_id AND r.session_id = chat_session.id AND NOT r.told) AS "hasRead"`;
const SENT = `inbound_id AS "inboundId", stands_in AS "sessionId", client_id AS "clientId", text, details, attachments, accepted_at AS "acceptedAt"`;

@Injectable()
export class ChatsRepository {
  /** Nobody else can change the chat until the transaction ends. */
  async lock({ sql, by }: Tx, id: string): Promise<Chat | null> {
    const [chat] = await sql<Chat>(`SELECT ${CHAT} FROM chat_session WHERE account_id = $1 AND id = $2 FOR UPDATE`, [by.account, id]);
    return chat ?? null;
  }

  async find({ sql, by }: Tx, id: string): Promise<Chat | null> {
    const [chat] = await sql<Chat>(`SELECT ${CHAT} FROM chat_session WHERE account_id = $1 AND id = $2`, [by.account, id]);
    return chat ?? null;
  }

  lockByTicket({ sql, by }: Tx, ticketId: string): Promise<Chat[]> {
    return sql<Chat>(`SELECT ${CHAT} FROM chat_session WHERE account_id = $1 AND ticket_id = $2 FOR UPDATE`, [by.account, ticketId]);
  }

  /** The visitor's living chat in this channel, locked, with what the brand now says of them; begun under `fresh.id` if there is none. One index keeps it one. */
  async living({ sql, by, at }: Tx, fresh: { id: string; channelId: string; partition: number }, visitor: Visitor & { locale: string | null }): Promise<Chat> {
    const [chat] = await sql<Chat>(
      `INSERT INTO chat_session (account_id, id, channel_id, visitor, name, email, partition, since, created_at, locale) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
       ON CONFLICT (account_id, channel_id, visitor) WHERE open DO UPDATE SET name = excluded.name, email = excluded.email, locale = coalesce(excluded.locale, chat_session.locale) RETURNING ${CHAT}`,
      [by.account, fresh.id, fresh.channelId, visitor.id, visitor.name, visitor.email, fresh.partition, at, visitor.locale],
    );
    return chat!;
  }

  /** Saves what a chat may change. */
  async save({ sql, by, at }: Tx, chat: Chat) {
    await sql(
      `UPDATE chat_session SET open = $3, ended_by = $4, ticket_id = $5, read_seq = $6, last_seq = $7, online = $8, since = $9, episode = $10,
         closed_at = CASE WHEN $3 THEN NULL ELSE coalesce(closed_at, $11) END WHERE account_id = $1 AND id = $2`,
      [by.account, chat.id, chat.open, chat.endedBy, chat.ticketId, chat.readSeq, chat.lastSeq, chat.online, chat.since, chat.episode, at],
    );
  }

  /** One more token of the chat; of very many the oldest ones are good no longer. How many of them are younger than a minute. */
  async keepToken({ sql, by, at }: Tx, hash: Buffer, sessionId: string): Promise<number> {
    await sql('INSERT INTO chat_token (hash, account_id, session_id, created_at) VALUES ($1, $2, $3, $4)', [hash, by.account, sessionId, at]);
    const [row] = await sql<{ recent: number }>(
      `WITH surplus AS (DELETE FROM chat_token WHERE hash IN (SELECT hash FROM chat_token WHERE account_id = $1 AND session_id = $2 ORDER BY created_at DESC OFFSET 100))
       SELECT count(*) AS recent FROM chat_token WHERE account_id = $1 AND session_id = $2 AND created_at > $3::timestamptz - interval '1 minute'`,
      [by.account, sessionId, at],
    );
    return row!.recent;
  }

  /** Whoever held a token of the one chat holds one of the other. */
  async handOver({ sql, by }: Tx, from: string, to: string) {
    await sql('UPDATE chat_token SET session_id = $3 WHERE account_id = $1 AND session_id = $2', [by.account, from, to]);
  }

  /** What was accepted under this client id, sent to this chat or moved into it. */
  async sent({ sql, by }: Tx, chatId: string, clientId: string): Promise<SentMessage | null> {
    const [sent] = await sql<SentMessage>(`SELECT ${SENT} FROM chat_sent WHERE account_id = $1 AND client_id = $3 AND (sent_to = $2 OR stands_in = $2)`, [by.account, chatId, clientId]);
    return sent ?? null;
  }

  async sentById({ sql, by }: Tx, inboundId: string): Promise<SentMessage | null> {
    const [sent] = await sql<SentMessage>(`SELECT ${SENT} FROM chat_sent WHERE account_id = $1 AND inbound_id = $2`, [by.account, inboundId]);
    return sent ?? null;
  }

  async keepSent({ sql, by }: Tx, sentTo: string, sent: SentMessage) {
    await sql(
      'INSERT INTO chat_sent (account_id, sent_to, client_id, inbound_id, stands_in, text, details, attachments, accepted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [by.account, sentTo, sent.clientId, sent.inboundId, sent.sessionId, sent.text, JSON.stringify(sent.details), JSON.stringify(sent.attachments), sent.acceptedAt],
    );
  }

  /** It stands in another chat now. */
  async move({ sql, by }: Tx, inboundId: string, sessionId: string) {
    await sql('UPDATE chat_sent SET stands_in = $3 WHERE account_id = $1 AND inbound_id = $2', [by.account, inboundId, sessionId]);
  }
}
