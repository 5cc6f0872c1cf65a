import { Injectable } from '@nestjs/common';
import type { AcceptedMessage } from '@parley/contracts/channels';
import { actingAs, system, type Tx } from '@parley/service/tx';
import { DirectoryService } from '../directory/directory.service.js';
import { FillingService } from '../macros/filling.service.js';
import { canReply } from '../ticket/can-reply.rules.js';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { AutoResponderRepository } from './auto-responder.repository.js';
import { isAddressed, isAnswerable, PAUSE_SECONDS, responderOf } from './auto-responder.rules.js';
import { RepliesService } from './replies.service.js';

/** What texts without a keyword are answered by itself (SMS-3): once it is decided where they stand. The customer waits on for a person. */
@Injectable()
export class AutoResponderService {
  constructor(
    private readonly responses: AutoResponderRepository,
    private readonly tickets: TicketsService,
    private readonly directory: DirectoryService,
    private readonly filling: FillingService,
    private readonly replies: RepliesService,
  ) {}

  /** The message stands in this ticket. */
  async answer(tx: Tx, ticket: Pick<TicketEntity, 'id' | 'channelId'>, message: AcceptedMessage): Promise<void> {
    if (isAnswerable(message)) await this.respond(tx, ticket);
  }

  /** The ticket is no spam after all: what was held back is done now, where the customer still waits (TKT-20). */
  async release(tx: Tx, ticket: TicketEntity): Promise<void> {
    if (ticket.channelType === 'sms' && ticket.waitingSince !== null) await this.respond(tx, ticket);
  }

  private async respond(tx: Tx, { id, channelId }: Pick<TicketEntity, 'id' | 'channelId'>): Promise<void> {
    const channel = await this.directory.channel(tx, channelId);
    const responder = channel && responderOf(channel.settings);
    // Most channels have people who answer: only the others look at the ticket once more.
    if (!responder) return;
    const ticket = await this.tickets.lock(tx, id);
    if (ticket.spam || !isAddressed(responder.audience, canReply(ticket, tx.at))) return;
    if (!(await this.responses.claim(tx, ticket.profileId, PAUSE_SECONDS))) return;
    const itself = actingAs(tx, { by: { ...tx.by, ...system(tx.by.account) } });
    const { text } = await this.filling.preview(itself, ticket, responder.text);
    await this.replies.send(itself, ticket, text, { keepSnoozed: true, answers: false });
  }
}
