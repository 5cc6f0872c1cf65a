import { Injectable } from '@nestjs/common';
import type { Attachment, MessageTemplate } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { messageEvents, type Message, type messages } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { FilesService } from '../files/files.service.js';
import { MacrosService } from '../macros/macros.service.js';
import { canReply } from '../ticket/can-reply.rules.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, wake } from '../ticket/tickets.service.js';
import { AUTHORS } from './author.rules.js';
import { PLAIN, toMessage, type MessageEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';
import { OutgoingTextsService } from './outgoing-texts.service.js';
import { preview } from './preview.rules.js';
import { TemplatesService } from './templates.service.js';

/** What somebody wants to say; `text` may be missing where there is a macro or a file. */
export type Wish = Pick<Input<typeof messages.reply>, 'text' | 'attachments' | 'macroId' | 'keepSnoozed' | 'template'>;
/** `answers`: the customer waits no longer; a text that says when somebody will be there is no answer. */
type Sending = { id: string; attachments: Attachment[]; keepSnoozed: boolean; retryOf: string | null; answers: boolean; template: MessageTemplate | null };

/** What we write to customers (TKT-10, TKT-11, TKT-19). */
@Injectable()
export class RepliesService {
  constructor(
    private readonly db: DataSource,
    private readonly messages: MessagesRepository,
    private readonly tickets: TicketsService,
    private readonly directory: DirectoryService,
    private readonly macros: MacrosService,
    private readonly files: FilesService,
    private readonly templates: TemplatesService,
    private readonly texts: OutgoingTextsService,
  ) {}

  reply({ id, lastSeenSeq, force, sendAt: _, ...wish }: Input<typeof messages.reply>, by: Actor): Promise<Message> {
    return within(
      this.db, by,
      async (tx) => {
        const ticket = await this.tickets.lock(tx, id);
        await this.demand(tx, ticket, { lastSeenSeq, force, template: wish.template });
        return this.texts.measured(tx, ticket, await this.write(tx, ticket, wish));
      },
      async (tx, messageId) => this.again(tx, toMessage((await this.messages.find(tx, messageId))!)),
    );
  }

  /** @throws ContractError REPLY_NOT_ALLOWED (TKT-11), NEWER_MESSAGE (TKT-19) */
  async demand(tx: Tx, ticket: TicketEntity, { lastSeenSeq, force, template }: { lastSeenSeq?: number; force: boolean; template?: MessageTemplate | undefined }): Promise<void> {
    const { allowed, reason } = canReply(ticket, tx.at, AUTHORS[tx.by.type]);
    if (!allowed && !(template && reason === 'window_closed')) throw new ContractError('REPLY_NOT_ALLOWED', `Nothing can be sent: ${reason}`, { reason });
    if (!force && lastSeenSeq !== undefined && lastSeenSeq < ticket.lastSeq) await this.refuseCollision(tx, ticket, lastSeenSeq);
  }

  /** A whole reply: what the macro writes and does, the files, the words. The caller has locked the ticket; whether one can answer is asked here once more. */
  async write(tx: Tx, ticket: TicketEntity, { template, ...wish }: Wish): Promise<Message> {
    await this.demand(tx, ticket, { force: true, template });
    return template ? this.sendTemplate(tx, ticket, template, wish) : this.compose(tx, ticket, wish);
  }

  private async compose(tx: Tx, ticket: TicketEntity, { text, attachments: ids, macroId, keepSnoozed }: Omit<Wish, 'template'>): Promise<Message> {
    if (text === undefined && !macroId && !ids.length) throw new ContractError('VALIDATION_FAILED', 'Nothing to send', { errors: [{ pointer: '/text', message: 'is needed where there is neither a macro nor a file' }] });
    const attachments = await this.files.ofReply(tx, ticket.channelType, ids);
    const id = newId();
    const macro = macroId ? await this.macros.write(tx, ticket, { macroId, text, messageId: id }) : null;
    const message = await this.send(tx, ticket, macro?.text ?? text ?? '', { id, attachments, keepSnoozed });
    if (macro) await this.macros.act(tx, ticket, macro.actions);
    return message;
  }

  private async sendTemplate(tx: Tx, ticket: TicketEntity, template: MessageTemplate, { text, attachments, macroId, keepSnoozed }: Omit<Wish, 'template'>): Promise<Message> {
    if (text !== undefined || macroId || attachments.length) throw new ContractError('VALIDATION_FAILED', 'A template goes alone', { errors: [{ pointer: '/template', message: 'takes the place of words, files and macros' }] });
    return this.send(tx, ticket, await this.templates.fill(tx, ticket.channelId, template), { keepSnoozed, template });
  }

  /** Writes to the customer in the name of the transaction's actor. The caller has locked the ticket and asked `canReply`. */
  async send(tx: Tx, ticket: TicketEntity, text: string, { id = newId(), attachments = [], keepSnoozed = false, answers = true, template = null, retryOf = null }: Partial<Sending> = {}): Promise<Message> {
    const before = toSnapshot(ticket);
    const facts = !keepSnoozed && ticket.status === 'snoozed' ? [wake(tx, ticket, 'agent')] : [];
    const author = await this.directory.assignable(tx, tx.by.id);
    const type = AUTHORS[tx.by.type];
    if (type === 'agent' && ticket.assigneeId === null && author) {
      ticket.assigneeId = author.id;
      facts.push(ticketEvents.assigned);
    }
    Object.assign(ticket, { lastSeq: ticket.lastSeq + 1, lastMessageAt: tx.at });
    if (answers) answered(tx, ticket, { text, attachments }, type);
    const message = outbound(tx, ticket, { id, text, attachments, retryOf, template, authorType: type, authorId: tx.by.id, authorName: author?.name ?? (await this.directory.nameOf(tx, tx.by.id)) });
    await this.tickets.arrange(tx, ticket);
    ticket.version += 1;
    await this.messages.append(tx, ticket, message);
    await this.tickets.tell(tx, ticket, before, facts);
    announce(tx, messageEvents.sent, {
      key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { message: toMessage(message), ticket: toSnapshot(ticket), route: { ...routeOf(ticket), shortLinks: await this.texts.shortLinks(tx, ticket, text) }, template },
    });
    return toMessage(message);
  }

  /** A reply that could not go stands in the thread with the reason; nobody was answered by it. The caller has locked the ticket. */
  async fail(tx: Tx, ticket: TicketEntity, { text, failure }: { text: string; failure: { code: string; reason: string } }): Promise<Message> {
    const before = toSnapshot(ticket);
    const author = { authorType: AUTHORS[tx.by.type], authorId: tx.by.id, authorName: await this.directory.nameOf(tx, tx.by.id) };
    Object.assign(ticket, { lastSeq: ticket.lastSeq + 1, unread: true, version: ticket.version + 1 });
    const message = { ...outbound(tx, ticket, { id: newId(), text, attachments: [], ...author }), deliveryState: 'failed' as const, deliveryFailure: failure };
    await this.tickets.arrange(tx, ticket);
    await this.messages.append(tx, ticket, message);
    await this.tickets.tell(tx, ticket, before, [ticketEvents.updated]);
    announce(tx, messageEvents.deliveryChanged, { key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { message: toMessage(message) } });
    return toMessage(message);
  }

  private async again(tx: Tx, message: Message): Promise<Message> {
    return this.texts.measured(tx, await this.tickets.find(tx, message.ticketId), message);
  }

  private async refuseCollision(tx: Tx, ticket: TicketEntity, lastSeenSeq: number): Promise<void> {
    const seq = await this.messages.ofColleague(tx, ticket.id, lastSeenSeq, tx.by.id);
    if (seq !== null) throw new ContractError('NEWER_MESSAGE', `A colleague wrote message ${seq}`, { reason: 'newer_message', seq });
  }
}

/** The customer has had an answer; a first one by a person stops the clock of the first response (REP-2). */
function answered(tx: Tx, ticket: TicketEntity, content: Pick<MessageEntity, 'text' | 'attachments'>, author: Message['author']['type']): void {
  Object.assign(ticket, { answeredAt: tx.at, waitingSince: null, preview: preview(content) });
  if (author === 'agent' || author === 'ai_agent') Object.assign(ticket, { lastAgentSeq: ticket.lastSeq, lastAgentAt: tx.at });
  if (author === 'agent') Object.assign(ticket, { unread: false, firstResponseAt: ticket.firstResponseAt ?? tx.at });
}

type Written = Pick<MessageEntity, 'id' | 'text' | 'attachments' | 'authorType' | 'authorId' | 'authorName' | 'retryOf' | 'template'>;
const outbound = (tx: Tx, ticket: TicketEntity, written: Written): MessageEntity => ({
  accountId: ticket.accountId, ticketId: ticket.id, seq: ticket.lastSeq, direction: 'outbound', ...written,
  html: null, truncated: false, keyword: null, automatic: null, note: null,
  deliveryState: 'queued', deliveryFailure: null, occurredAt: tx.at, receivedAt: tx.at, readAt: null, sourceEventId: null, ...PLAIN,
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
