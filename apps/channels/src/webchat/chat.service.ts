import { Injectable } from '@nestjs/common';
import { type Attachment, channelEvents, type MessageDetail } from '@parley/contracts/channels';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Data } from '@parley/contracts/events';
import type { messageEvents } from '@parley/contracts/messages';
import type { ticketEvents } from '@parley/contracts/tickets';
import type { webchat } from '@parley/contracts/webchat';
import { Alarm } from '@parley/service/alarm';
import { announce, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel, InboundMessage } from '../adapter.js';
import { conversationKey } from '../inbound/conversation.rules.js';
import { IntakeService } from '../inbound/intake.service.js';
import { type Chat, ChatsRepository, type SentMessage } from './chats.repository.js';
import { ChatFilesService } from './chat-files.service.js';
import { FaqsService } from './faqs.service.js';
import { HintsService } from './hints.service.js';
import { LeasesRepository } from './leases.repository.js';
import { SessionsService } from './sessions.service.js';
import { ThreadRepository } from './thread.repository.js';
import { UploadsService } from './uploads.service.js';

type Written = { clientId: string; text: string; details: MessageDetail[]; attachments: Attachment[]; at: Date };

/** What a visitor does in a chat: write, read, end it. */
@Injectable()
export class ChatService {
  constructor(
    private readonly db: DataSource,
    private readonly chats: ChatsRepository,
    private readonly thread: ThreadRepository,
    private readonly leases: LeasesRepository,
    private readonly sessions: SessionsService,
    private readonly intake: IntakeService,
    private readonly hints: HintsService,
    private readonly alarm: Alarm,
    private readonly files: ChatFilesService,
    private readonly faqs: FaqsService,
    private readonly uploads: UploadsService,
  ) {}

  /**
   * Accepts a message, once per client id. Where the brand closed the chat meanwhile, in a new one (settled 5).
   * @throws ContractError CHAT_CLOSED where the visitor ended it, or the channel is switched off; ATTACHMENT_NOT_FOUND
   */
  send({ clientId, text = '', attachments }: Input<typeof webchat.send>, by: Actor): Promise<Output<typeof webchat.send>> {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.lock(tx, by.id ?? '');
      if (!chat?.isOn) throw new ContractError('CHAT_CLOSED', 'No such chat, or its channel is switched off');
      const sent = (await this.chats.sent(tx, chat.id, clientId)) ?? (await this.accept(tx, chat, { clientId, text, files: attachments }));
      return { id: sent.inboundId, clientId, acceptedAt: sent.acceptedAt.toISOString(), sessionId: sent.sessionId };
    });
  }

  messages({ afterSeq, limit }: Input<typeof webchat.messages>, by: Actor): Promise<Output<typeof webchat.messages>> {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.find(tx, by.id ?? '');
      if (!chat?.open) return { items: [], open: false, readUpToSeq: 0 };
      return { items: await this.files.linked(by.account, chat.id, await this.thread.after(tx, chat.id, afterSeq, limit)), open: true, readUpToSeq: chat.readSeq };
    });
  }

  /** CHAT-8. Nobody has seen what does not stand there; to have seen less than before is no news. */
  read({ upToSeq }: Input<typeof webchat.read>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.lock(tx, by.id ?? '');
      const seen = Math.min(upToSeq, chat?.lastSeq ?? 0);
      if (!chat?.open || seen <= chat.readSeq) return {};
      await this.chats.save(tx, { ...chat, readSeq: seen });
      announce(tx, channelEvents.chatRead, { ...place(chat), data: { sessionId: chat.id, channelId: chat.channelId, upToSeq: seen } });
      return {};
    });
  }

  /** CHAT-7: for good. Ending it again changes nothing. */
  end(by: Actor) {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.lock(tx, by.id ?? '');
      if (!chat?.open) return {};
      await this.close(tx, chat, 'visitor');
      announce(tx, channelEvents.chatEnded, { ...place(chat), data: { sessionId: chat.id, channelId: chat.channelId, endedAt: tx.at.toISOString() } });
      return {};
    });
  }

  /** The brand closed the chat of this ticket, or its timer did. */
  async closeOf(tx: Tx, { id, channel }: Data<typeof ticketEvents.closed>) {
    if (channel !== 'webchat') return;
    for (const chat of await this.chats.lockByTicket(tx, id)) await this.close(tx, chat, 'brand');
  }

  /** Tickets would not have the message, as the ticket was closed before it came: nothing accepted is refused afterwards (settled 5). */
  async moveOn(tx: Tx, { inboundId, outcome }: Data<typeof messageEvents.filed>) {
    if (outcome !== 'refused') return;
    const sent = await this.chats.sentById(tx, inboundId);
    const chat = sent && (await this.chats.lock(tx, sent.sessionId));
    if (!sent || !chat) return;
    await this.close(tx, chat, 'brand');
    const next = await this.sessions.successor(tx, chat);
    await this.intake.readdress(tx, channelOf(next), inboundId, messageOf(next, { ...sent, at: sent.acceptedAt }));
    await this.chats.move(tx, inboundId, next.id);
  }

  private async accept(tx: Tx, chat: Chat, { clientId, text, files }: { clientId: string; text: string; files: string[] }): Promise<SentMessage> {
    if (chat.endedBy === 'visitor') throw new ContractError('CHAT_CLOSED', 'You have ended this chat');
    const attachments = await this.uploads.take(tx, chat.id, files);
    const living = chat.open ? chat : await this.sessions.successor(tx, chat);
    const details = chat.hasRead ? (await this.faqs.takeUntold(tx, chat.id)).map((faq) => ({ kind: 'faq' as const, ...faq })) : [];
    const [accepted] = await this.intake.accept(tx, channelOf(living), null, [messageOf(living, { clientId, text, details, attachments, at: tx.at })]);
    const sent = { inboundId: accepted!.inboundId, sessionId: living.id, clientId, text, details, attachments, acceptedAt: tx.at };
    await this.chats.keepSent(tx, chat.id, sent);
    return sent;
  }

  /** The visitor sees nothing of it any more (CHAT-7). */
  private async close(tx: Tx, chat: Chat, endedBy: NonNullable<Chat['endedBy']>) {
    if (!chat.open) return;
    await this.chats.save(tx, { ...chat, open: false, endedBy });
    await this.thread.drop(tx, chat.id);
    await this.leases.drop(tx, chat.id);
    await this.alarm.cancel(tx, { type: 'chat', id: chat.id });
    this.hints.give(tx, chat.id, { kind: 'closed' });
  }
}

function messageOf(chat: Chat, { clientId, text, details, attachments, at }: Written): InboundMessage {
  const email = chat.email ? [{ type: 'email' as const, value: chat.email, verified: true }] : [];
  return {
    kind: 'message',
    providerMessageId: `${chat.id}:${clientId}`,
    from: [{ type: 'visitor', value: chat.visitor, verified: true }, ...email],
    name: chat.name,
    locale: chat.locale,
    sessionId: chat.id,
    text,
    details,
    attachments,
    occurredAt: at.toISOString(),
  };
}

const channelOf = (chat: Chat) => ({ id: chat.channelId, type: 'webchat' as const, settings: {} }) as ConnectedChannel;

/** Where facts of a chat stand: among its messages, in their order. */
export const place = (chat: Chat) => ({ key: conversationKey(channelOf(chat), { from: [], sessionId: chat.id }), partition: chat.partition, ticket: chat.ticketId });
