import { Injectable } from '@nestjs/common';
import type { BulkAction } from '@parley/contracts/jobs';
import { ContractError } from '@parley/contracts/errors';
import { ticketEvents } from '@parley/contracts/tickets';
import type { Tx } from '@parley/service/tx';
import { TeamsService } from '../assignment/teams.service.js';
import { DirectoryService } from '../directory/directory.service.js';
import { SpamService } from '../spam/spam.service.js';
import { TaggingService } from '../tagging/tagging.service.js';
import { moved } from '../ticket/lifecycle.rules.js';
import { PRIORITIES, toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, close, reopen, type Fact } from '../ticket/tickets.service.js';
import { snoozeEnd } from '../timers/snooze.rules.js';

type Of<T extends BulkAction['type']> = Extract<BulkAction, { type: T }>;
/** Decides what changes of a locked ticket; no fact where it is so already. What refuses has changed nothing. */
type Deciders = { [T in BulkAction['type']]: (tx: Tx, ticket: TicketEntity, action: Of<T>) => Fact[] | Promise<Fact[]> };

/** What a bulk action does to one ticket (TKT-16): the same as an agent does with that ticket alone. */
@Injectable()
export class ActionsService {
  constructor(
    private readonly tickets: TicketsService,
    private readonly directory: DirectoryService,
    private readonly teams: TeamsService,
    private readonly spam: SpamService,
    private readonly tagging: TaggingService,
  ) {}

  private readonly deciders: Deciders = {
    close: (tx, ticket) => (ticket.status === 'closed' ? [] : [close(tx, ticket, 'agent')]),
    reopen: (tx, ticket) => (ticket.status === 'closed' ? [reopen(tx, ticket, 'agent')] : []),
    snooze: async (tx, ticket, { preset, until, wakeOnReply }) => {
      const status = moved(ticket, 'snooze', 'agent');
      Object.assign(ticket, { status, snoozedUntil: snoozeEnd({ preset, until }, tx.at, (await this.directory.account(tx)).timezone), wakeOnReply });
      return [ticketEvents.snoozed];
    },
    assign: (_tx, ticket, { assigneeId = ticket.assigneeId, teamId = ticket.teamId }) => {
      const facts = [...(assigneeId !== ticket.assigneeId ? [ticketEvents.assigned] : []), ...(teamId !== ticket.teamId ? [ticketEvents.updated] : [])];
      Object.assign(ticket, { assigneeId, teamId });
      return facts;
    },
    priority: (_tx, ticket, { priority }) => changed(ticket, 'priority', PRIORITIES.indexOf(priority)),
    read: (_tx, ticket, { unread }) => changed(ticket, 'unread', unread),
    // These have endings of their own.
    tag: async (tx, ticket, { add, remove }) => {
      for (const name of add) await this.tagging.put(tx, ticket, name, 'person');
      for (const name of remove) await this.tagging.take(tx, ticket, name, 'person');
      return [];
    },
    spam: async (tx, ticket, { spam }) => {
      await this.spam.say(tx, ticket, spam);
      return [];
    },
  };

  /** Refuses what can be done to no ticket: an unknown assignee, a snooze into the past. */
  async check(tx: Tx, action: BulkAction): Promise<void> {
    if (action.type === 'snooze') snoozeEnd(action, tx.at, (await this.directory.account(tx)).timezone);
    if (action.type !== 'assign') return;
    if (action.assigneeId === undefined && action.teamId === undefined) throw new ContractError('VALIDATION_FAILED', 'Assign to whom', { errors: [{ pointer: '/action', message: 'names neither assigneeId nor teamId' }] });
    if (action.assigneeId && !(await this.directory.assignable(tx, action.assigneeId))) throw new ContractError('USER_NOT_FOUND', `Nobody to give tickets to: ${action.assigneeId}`);
    if (action.teamId) await this.teams.find(tx, action.teamId);
  }

  /** The caller has locked the ticket. Refuses before anything is written. */
  async act(tx: Tx, ticket: TicketEntity, action: BulkAction): Promise<void> {
    const before = toSnapshot(ticket);
    const decide = this.deciders[action.type] as (tx: Tx, ticket: TicketEntity, action: BulkAction) => Fact[] | Promise<Fact[]>;
    const facts = await decide(tx, ticket, action);
    if (facts.length) await this.tickets.settle(tx, ticket, before, facts);
  }
}

function changed<K extends 'priority' | 'unread'>(ticket: TicketEntity, field: K, value: TicketEntity[K]): Fact[] {
  if (ticket[field] === value) return [];
  ticket[field] = value;
  return [ticketEvents.updated];
}
