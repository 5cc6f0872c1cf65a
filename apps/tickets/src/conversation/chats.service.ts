import { Injectable } from '@nestjs/common';
import type { AcceptedMessage, channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { announce, type Tx } from '@parley/service/tx';
import type { NamedTicket } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { ChatsRepository } from './chats.repository.js';
import { MessagesRepository } from './messages.repository.js';

/** What visitors do besides writing: come and go (CHAT-10), read (CHAT-8), end the chat (CHAT-7). */
@Injectable()
export class ChatsService {
  constructor(
    private readonly chats: ChatsRepository,
    private readonly messages: MessagesRepository,
    private readonly tickets: TicketsService,
  ) {}

  async presence(tx: Tx, { sessionId, online, since, episode }: Data<typeof channelEvents.presenceChanged>): Promise<void> {
    const presence = { online, since: new Date(since), episode };
    const ticket = await this.tickets.lockChat(tx, sessionId);
    if (!ticket) return this.chats.remember(tx, sessionId, presence);
    see(ticket, presence);
    await this.tickets.keep(tx, ticket);
  }

  async read(tx: Tx, { sessionId, upToSeq }: Data<typeof channelEvents.chatRead>): Promise<void> {
    const ticket = await this.tickets.lockChat(tx, sessionId);
    const seen = Math.min(upToSeq, ticket?.lastSeq ?? 0);
    if (!ticket || seen <= ticket.readUpToSeq) return;
    ticket.readUpToSeq = seen;
    await this.messages.markRead(tx, ticket.id, seen);
    await this.tickets.keep(tx, ticket);
    announce(tx, messageEvents.read, {
      key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { ticketId: ticket.id, upToSeq: seen, readAt: tx.at.toISOString() },
    });
  }

  async ended(tx: Tx, { sessionId }: Data<typeof channelEvents.chatEnded>): Promise<void> {
    const ticket = await this.tickets.lockChat(tx, sessionId);
    if (ticket && ticket.status !== 'closed') await this.tickets.closeNow(tx, ticket, 'customer');
  }

  /** A visitor who has begun another chat has left this one (CHAT-7): there is one living session per person. */
  async endOthers(tx: Tx, profileId: string, { channel, sessionId }: Pick<AcceptedMessage, 'channel' | 'sessionId'>): Promise<void> {
    const live = channel === 'webchat' ? await this.tickets.lockLiveChat(tx, profileId) : undefined;
    if (live && live.chatSessionId !== sessionId) await this.tickets.closeNow(tx, live, 'customer');
  }

  /** A new chat ticket learns what was known of its visitor before. */
  async rememberPresence(tx: Tx, ticket: NamedTicket): Promise<void> {
    const presence = ticket.chatSessionId && (await this.chats.recall(tx, ticket.chatSessionId));
    if (presence) see(ticket, presence);
  }
}

const see = (ticket: NamedTicket, { online, since, episode }: { online: boolean; since: Date; episode: number }) =>
  Object.assign(ticket, { chatOnline: online, chatSince: since, chatEpisode: episode });
