import { Injectable } from '@nestjs/common';
import type { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { announce, type Tx } from '@parley/service/tx';
import { IdentityService } from '../profiles/identity.service.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { amendedArrival, type Amended } from './amendment.rules.js';
import { AmendmentsRepository } from './amendments.repository.js';
import { HeldMessagesRepository } from './held-messages.repository.js';
import { toMessage, type MessageEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';
import { preview } from './preview.rules.js';

type Echo = Data<typeof channelEvents.messageEchoed>;

/** What the brand wrote to customers elsewhere (META-2): it stands in the open thread as an answer, opens nothing and is sent to nobody. */
@Injectable()
export class EchoesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly held: HeldMessagesRepository,
    private readonly amendments: AmendmentsRepository,
    private readonly tickets: TicketsService,
    private readonly identity: IdentityService,
  ) {}

  async receive(tx: Tx, echo: Echo, sourceEventId: string): Promise<void> {
    if ((await this.messages.find(tx, echo.messageId)) || (await this.held.isHeld(tx, echo.messageId))) return;
    const profileId = await this.identity.addressee(tx, echo.to);
    // Somebody who was erased: nothing of them is kept.
    if (!profileId) return;
    const message = amendedArrival(acceptedAs(tx, echo), await this.amendments.take(tx, echo.messageId));
    const ticket = await this.tickets.lockOpenThread(tx, profileId, echo.channelId);
    if (!ticket) return void (await this.held.hold(tx, 'echo', profileId, { message, sourceEventId }));
    await this.append(tx, ticket, message, sourceEventId);
  }

  private async append(tx: Tx, ticket: TicketEntity, echo: Amended, sourceEventId: string): Promise<void> {
    const before = toSnapshot(ticket);
    const at = new Date(echo.occurredAt);
    Object.assign(ticket, { lastSeq: ticket.lastSeq + 1, lastMessageAt: tx.at, answeredAt: tx.at, preview: preview(echo), version: ticket.version + 1 });
    // What the customer has written since then is still to be answered.
    if (at >= ticket.lastInboundAt) ticket.waitingSince = null;
    const message = outbound(ticket, echo, tx.at, sourceEventId);
    await this.tickets.arrange(tx, ticket);
    await this.messages.append(tx, ticket, message);
    await this.tickets.tell(tx, ticket, before, [ticketEvents.updated]);
    announce(tx, messageEvents.updated, { key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { message: toMessage(message) } });
  }
}

const outbound = (ticket: TicketEntity, echo: Amended, receivedAt: Date, sourceEventId: string): MessageEntity => ({
  id: echo.inboundId, accountId: ticket.accountId, ticketId: ticket.id, seq: ticket.lastSeq, direction: 'outbound', authorType: 'external', authorId: null, authorName: null,
  text: echo.text, html: null, truncated: false, attachments: echo.attachments, keyword: null, automatic: null, note: null, deliveryState: null, deliveryFailure: null,
  occurredAt: new Date(echo.occurredAt), receivedAt, readAt: null, sourceEventId,
  details: echo.details, inReplyTo: echo.inReplyTo, newText: null, reactions: echo.reactions ?? [], editedAt: echo.editedAt ?? null, deletedAt: echo.deletedAt ?? null,
});

/** In the shape in which messages are held. */
const acceptedAs = (tx: Tx, { messageId, channelId, channel, conversationKey, to, text, attachments, details, inReplyTo, occurredAt }: Echo): Amended => ({
  inboundId: messageId, channelId, channel, conversationKey, conversationSeq: 1, from: to, name: null, locale: null, sessionId: null, threadId: null, subject: null,
  text, html: null, truncated: false, attachments, details, inReplyTo, newText: null, keyword: null, automatic: null, note: null, occurredAt, receivedAt: tx.at.toISOString(),
});
