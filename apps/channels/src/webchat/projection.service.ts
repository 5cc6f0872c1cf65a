import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import type { Message, messageEvents } from '@parley/contracts/messages';
import { announce, type Tx } from '@parley/service/tx';
import { BrandRepository, type Brand } from './brand.repository.js';
import { ChatFilesService } from './chat-files.service.js';
import { type Chat, ChatsRepository } from './chats.repository.js';
import { OfficeHoursService } from './office-hours.service.js';
import { HintsService } from './hints.service.js';
import { type ThreadMessage, ThreadRepository } from './thread.repository.js';

/** The visitor's side of a thread, as tickets tells it: for replay and for the sockets (settled 4). */
@Injectable()
export class ProjectionService {
  constructor(
    private readonly chats: ChatsRepository,
    private readonly thread: ThreadRepository,
    private readonly hints: HintsService,
    private readonly brands: BrandRepository,
    private readonly files: ChatFilesService,
    private readonly hours: OfficeHoursService,
  ) {}

  async received(tx: Tx, { message, ticket, sessionId }: Data<typeof messageEvents.received>) {
    const chat = sessionId ? await this.chats.lock(tx, sessionId) : null;
    if (!chat) return;
    const sent = await this.chats.sentById(tx, message.id);
    await this.show(tx, { ...chat, ticketId: ticket.id }, { ...seenByVisitor(message), from: 'visitor', clientId: sent?.clientId ?? null });
    if (chat.ticketId === null && !ticket.spam) await this.hours.tell(tx, chat, { ticketId: ticket.id, cameAt: new Date(message.receivedAt) });
  }

  /** An answer is there when it can be read: delivered to a visitor who is online, else sent; in a chat that has ended, never. */
  async sent(tx: Tx, { message, ticket, route }: Data<typeof messageEvents.sent>) {
    const chat = route.channel === 'webchat' && route.sessionId ? await this.chats.lock(tx, route.sessionId) : null;
    if (!chat) return;
    await this.show(tx, { ...chat, ticketId: ticket.id }, { ...seenByVisitor(message), from: 'brand', clientId: null });
    const state = chat.open ? (chat.online ? 'delivered' : 'sent') : 'failed';
    const failure = chat.open ? null : { code: 'chat_closed', reason: 'The chat had ended before the answer came' };
    announce(tx, channelEvents.deliveryChanged, {
      key: ticket.id,
      ticket: ticket.id,
      data: { messageId: message.id, ticketId: ticket.id, state, failure, providerMessageId: null, occurredAt: tx.at.toISOString() },
    });
  }

  async brand(tx: Tx, { name, locale, timezone, logoUrl, brandColor, accentColor, privacyUrl, termsUrl }: Brand) {
    await this.brands.save(tx, { name, locale, timezone, logoUrl, brandColor, accentColor, privacyUrl, termsUrl });
  }

  /** What the account is called; null where it has not been heard of. */
  async nameOfBrand(tx: Tx): Promise<string | null> {
    return (await this.brands.find(tx))?.name ?? null;
  }

  private async show(tx: Tx, chat: Chat, message: ThreadMessage) {
    await this.chats.save(tx, { ...chat, lastSeq: Math.max(chat.lastSeq, message.seq) });
    if (!chat.open) return;
    await this.thread.add(tx, chat.id, message);
    this.hints.give(tx, chat.id, { kind: 'messages', items: await this.files.linked(tx.by.account, chat.id, [message]) });
  }
}

/** No notes, no delivery details, no ids of people. */
const seenByVisitor = ({ id, seq, author, text, receivedAt, attachments }: Message) => ({ id, seq, name: author.name, text, at: receivedAt, attachments: attachments.filter(({ sha256 }) => sha256) });
