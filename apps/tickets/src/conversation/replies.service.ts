import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { messageEvents, type Message, type messages } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { canReply } from '../ticket/can-reply.rules.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, tell, wake } from '../ticket/tickets.service.js';
import { AUTHORS } from './author.rules.js';
import { toMessage, type MessageEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';
import { preview } from './preview.rules.js';

/** What we write to customers (TKT-10, TKT-11, TKT-19). */
@Injectable()
export class RepliesService {
  constructor(
    private readonly db: DataSource,
    private readonly messages: MessagesRepository,
    private readonly tickets: TicketsService,
    private readonly directory: DirectoryService,
  ) {}

  reply({ id, text, lastSeenSeq, force, keepSnoozed }: Input<typeof messages.reply>, by: Actor): Promise<Message> {
    return within(
      this.db, by,
      async (tx) => {
        const ticket = await this.tickets.lock(tx, id);
        const { allowed, reason } = canReply(ticket, tx.at);
        if (!allowed) throw new ContractError('REPLY_NOT_ALLOWED', `Nothing can be sent: ${reason}`, { reason });
        if (!force && lastSeenSeq !== undefined && lastSeenSeq < ticket.lastSeq) await this.refuseCollision(tx, ticket, lastSeenSeq);
        return this.send(tx, ticket, text, keepSnoozed);
      },
      async (tx, messageId) => toMessage((await this.messages.find(tx, messageId))!),
    );
  }

  /** Writes to the customer in the name of the transaction's actor. The caller has locked the ticket and asked `canReply`. */
  async send(tx: Tx, ticket: TicketEntity, text: string, keepSnoozed = false): Promise<Message> {
    const before = toSnapshot(ticket);
    const facts = !keepSnoozed && ticket.status === 'snoozed' ? [wake(tx, ticket, 'agent')] : [];
    const author = await this.directory.assignable(tx, tx.by.id);
    const type = AUTHORS[tx.by.type];
    if (type === 'agent' && ticket.assigneeId === null && author) {
      ticket.assigneeId = author.id;
      facts.push(ticketEvents.assigned);
    }
    answered(tx, ticket, text, type);
    const message = outbound(tx, ticket, text, { authorType: type, authorId: tx.by.id, authorName: author?.name ?? (await this.directory.nameOf(tx, tx.by.id)) });
    await this.tickets.arrange(tx, ticket);
    ticket.version += 1;
    await this.messages.append(tx, ticket, message);
    tell(tx, ticket, before, facts);
    announce(tx, messageEvents.sent, {
      key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { message: toMessage(message), ticket: toSnapshot(ticket), route: routeOf(ticket) },
    });
    return toMessage(message);
  }

  private async refuseCollision(tx: Tx, ticket: TicketEntity, lastSeenSeq: number): Promise<void> {
    const seq = await this.messages.ofColleague(tx, ticket.id, lastSeenSeq, tx.by.id);
    if (seq !== null) throw new ContractError('NEWER_MESSAGE', `A colleague wrote message ${seq}`, { reason: 'newer_message', seq });
  }
}

/** The customer has had an answer; a first one by a person stops the clock of the first response (REP-2). */
function answered(tx: Tx, ticket: TicketEntity, text: string, author: Message['author']['type']): void {
  const seq = ticket.lastSeq + 1;
  Object.assign(ticket, { lastSeq: seq, lastMessageAt: tx.at, answeredAt: tx.at, waitingSince: null, preview: preview({ text, attachments: [] }) });
  if (author === 'agent' || author === 'ai_agent') Object.assign(ticket, { lastAgentSeq: seq, lastAgentAt: tx.at });
  if (author === 'agent') Object.assign(ticket, { unread: false, firstResponseAt: ticket.firstResponseAt ?? tx.at });
}

const outbound = (tx: Tx, ticket: TicketEntity, text: string, author: Pick<MessageEntity, 'authorType' | 'authorId' | 'authorName'>): MessageEntity => ({
  id: newId(), accountId: ticket.accountId, ticketId: ticket.id, seq: ticket.lastSeq, direction: 'outbound', ...author,
  text, html: null, truncated: false, attachments: [], keyword: null, automatic: null, note: null,
  deliveryState: 'queued', deliveryFailure: null, occurredAt: tx.at, receivedAt: tx.at, readAt: null, sourceEventId: null,
});

/** Where it goes: all that the channels service needs to send it. */
const routeOf = (ticket: TicketEntity) => ({
  channelId: ticket.channelId,
  channel: ticket.channelType,
  to: ticket.customer,
  toName: ticket.profileName,
  sessionId: ticket.chatSessionId,
  threadId: ticket.emailThreadKey,
  subject: ticket.subject,
});
