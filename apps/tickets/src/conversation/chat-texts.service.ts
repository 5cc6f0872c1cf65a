import { Injectable } from '@nestjs/common';
import type { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import type { Tx } from '@parley/service/tx';
import { canReply } from '../ticket/can-reply.rules.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { RepliesService } from './replies.service.js';

/** What a chat is told by itself (CHAT-9): it stands in the thread, and the customer waits on. */
@Injectable()
export class ChatTextsService {
  constructor(
    private readonly tickets: TicketsService,
    private readonly replies: RepliesService,
  ) {}

  /** Nothing where the chat is over by now. */
  async write(tx: Tx, { ticketId, text }: Data<typeof channelEvents.chatTextDue>): Promise<void> {
    const ticket = await this.tickets.lock(tx, ticketId);
    if (!ticket.spam && canReply(ticket, tx.at).allowed) await this.replies.send(tx, ticket, text, { keepSnoozed: true, answers: false });
  }
}
