import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import type { Ticket } from '@parley/contracts/tickets';
import { ticketEvents } from '@parley/contracts/tickets';
import { spamEvents, type spam } from '@parley/contracts/spam';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { byItself } from '../assignment/assignment.service.js';
import { RoutingService } from '../assignment/routing.service.js';
import { AutoResponderService } from '../conversation/auto-responder.service.js';
import { TriageService } from '../conversation/triage.service.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, toTicket } from '../ticket/tickets.service.js';
import { SpamFilterService } from './spam-filter.service.js';

/** What people say of a ticket: spam, or not (TKT-20). */
@Injectable()
export class SpamService {
  constructor(
    private readonly db: DataSource,
    private readonly tickets: TicketsService,
    private readonly filter: SpamFilterService,
    private readonly routing: RoutingService,
    private readonly triage: TriageService,
    private readonly responder: AutoResponderService,
  ) {}

  mark({ id, ifMatch }: Input<typeof spam.mark>, by: Actor): Promise<Ticket> {
    return within(this.db, by, async (tx) => {
      const ticket = await this.tickets.lock(tx, id, ifMatch);
      await this.say(tx, ticket, true);
      return toTicket(ticket, tx.at);
    });
  }

  /** The ticket is back: unread where the customer waits, and with whom it would have been. */
  unmark({ id, ifMatch }: Input<typeof spam.unmark>, by: Actor): Promise<Ticket> {
    return within(this.db, by, async (tx) => {
      await this.say(tx, await this.tickets.lock(tx, id, ifMatch), false);
      return toTicket(await this.tickets.find(tx, id), tx.at);
    });
  }

  /** The caller has locked the ticket. */
  async say(tx: Tx, ticket: TicketEntity, isSpam: boolean): Promise<void> {
    await this.filter.learn(tx, ticket.id, isSpam);
    if (ticket.spam === isSpam) return;
    const before = toSnapshot(ticket);
    const unread = ticket.unread || (!isSpam && ticket.status !== 'closed' && ticket.waitingSince !== null);
    Object.assign(ticket, { spam: isSpam, unread, ...(isSpam && { queuedAt: null }) });
    await this.tickets.settle(tx, ticket, before, [spamEvents.changed]);
    if (!isSpam) await this.filter.acquit(tx, ticket);
    if (!isSpam && ticket.status !== 'closed' && ticket.assigneeId === null) await this.route(tx, ticket.id);
    if (!isSpam) await this.responder.release(tx, ticket);
  }

  /** What was held back while it was spam. */
  private async route(tx: Tx, id: string): Promise<void> {
    const ticket = await this.tickets.lock(tx, id);
    const before = toSnapshot(ticket);
    const { decisions, tags } = await this.routing.opened(tx, ticket, { text: await this.filter.written(tx, id) });
    if (!decisions.length) return;
    const { assigneeId, teamId, priority } = toSnapshot(ticket);
    const isUpdated = teamId !== before.teamId || priority !== before.priority;
    const facts = assigneeId !== null ? [ticketEvents.assigned] : isUpdated ? [ticketEvents.updated] : [];
    await this.tickets.settle(tx, ticket, before, facts, decisions, byItself(tx));
    await this.triage.tag(tx, id, tags);
  }
}
