import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { spamEvents } from '@parley/contracts/spam';
import { ticketEvents, type CanReply, type ReplyWarning, type Ticket, type TicketSnapshot, type tickets } from '@parley/contracts/tickets';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { QueueService } from '../assignment/queue.service.js';
import { TeamsService } from '../assignment/teams.service.js';
import { DirectoryService } from '../directory/directory.service.js';
import { changesOf, type NewDecision } from '../explain/history.entity.js';
import { HistoryService } from '../explain/history.service.js';
import { snoozeEnd } from '../timers/snooze.rules.js';
import { TimetableService } from '../timers/timetable.service.js';
import { canReply } from './can-reply.rules.js';
import { moved, type Mover } from './lifecycle.rules.js';
import { quietHours } from './quiet-hours.rules.js';
import { PRIORITIES, toSnapshot, type NamedTicket, type TicketEntity } from './ticket.entity.js';
import { TicketsRepository } from './tickets.repository.js';

export type Fact = (typeof ticketEvents)[keyof typeof ticketEvents] | (typeof spamEvents)['changed'];

/** What an agent does with a ticket, and what happens to it by itself. Every change ends in `settle`. */
@Injectable()
export class TicketsService {
  constructor(
    private readonly db: DataSource,
    private readonly tickets: TicketsRepository,
    private readonly timetable: TimetableService,
    private readonly directory: DirectoryService,
    private readonly teams: TeamsService,
    private readonly history: HistoryService,
    private readonly queue: QueueService,
  ) {}

  get({ id }: Input<typeof tickets.get>, by: Actor) {
    return within(this.db, by, async (tx) => toTicket(await this.tickets.find(tx, id), tx.at));
  }

  update({ id, ifMatch, priority, ...wishes }: Input<typeof tickets.update>, by: Actor) {
    return this.change({ id, ifMatch }, by, async (tx, ticket) => {
      const { assigneeId = ticket.assigneeId, teamId = ticket.teamId, subject = ticket.subject } = wishes;
      const rank = priority ? PRIORITIES.indexOf(priority) : ticket.priority;
      const isAssigned = assigneeId !== ticket.assigneeId;
      const isUpdated = teamId !== ticket.teamId || subject !== ticket.subject || rank !== ticket.priority;
      if (isAssigned && assigneeId !== null && !(await this.directory.assignable(tx, assigneeId))) throw new ContractError('USER_NOT_FOUND', `Nobody to give tickets to: ${assigneeId}`);
      if (teamId !== ticket.teamId && teamId !== null) await this.teams.find(tx, teamId);
      Object.assign(ticket, { assigneeId, teamId, subject, priority: rank });
      return [...(isAssigned ? [ticketEvents.assigned] : []), ...(isUpdated ? [ticketEvents.updated] : [])];
    });
  }

  close(input: Input<typeof tickets.close>, by: Actor) {
    return this.change(input, by, (tx, ticket) => [close(tx, ticket, 'agent')]);
  }

  reopen(input: Input<typeof tickets.reopen>, by: Actor) {
    return this.change(input, by, (tx, ticket) => [reopen(tx, ticket, 'agent')]);
  }

  snooze({ preset, until, wakeOnReply, ...input }: Input<typeof tickets.snooze>, by: Actor) {
    return this.change(input, by, async (tx, ticket) => {
      const status = moved(ticket, 'snooze', 'agent');
      const snoozedUntil = snoozeEnd({ preset, until }, tx.at, (await this.directory.account(tx)).timezone);
      Object.assign(ticket, { status, snoozedUntil, wakeOnReply });
      return [ticketEvents.snoozed];
    });
  }

  wake(input: Input<typeof tickets.wake>, by: Actor) {
    return this.change(input, by, (tx, ticket) => [wake(tx, ticket, 'agent')]);
  }

  markUnread(input: Input<typeof tickets.markUnread>, by: Actor) {
    return this.change(input, by, (_tx, ticket) => setUnread(ticket, true));
  }

  markRead(input: Input<typeof tickets.markRead>, by: Actor) {
    return this.change(input, by, (_tx, ticket) => setUnread(ticket, false));
  }

  /** The ticket, for somebody who only wants to know. Refuses with TICKET_NOT_FOUND. */
  find(tx: Tx, id: string): Promise<TicketEntity> {
    return this.tickets.find(tx, id);
  }

  /** Nobody else can change the ticket until the transaction ends. Refuses a version that is no longer current (TKT-7). */
  async lock(tx: Tx, id: string, ifMatch?: number): Promise<TicketEntity> {
    const ticket = await this.tickets.lock(tx, id);
    if (ifMatch !== undefined && ifMatch !== ticket.version) throw new ContractError('VERSION_STALE', `Now at ${ticket.version}`, { current: toTicket(ticket, tx.at) });
    return ticket;
  }

  /** This person's tickets but spam, newest first, before one. */
  ofProfile(tx: Tx, profileId: string, before: string | null, limit: number): Promise<TicketEntity[]> {
    return this.tickets.ofProfile(tx, profileId, before, limit);
  }

  lockChat(tx: Tx, sessionId: string): Promise<TicketEntity | undefined> {
    return this.tickets.lockChat(tx, sessionId);
  }

  lockLiveChat(tx: Tx, profileId: string): Promise<TicketEntity | undefined> {
    return this.tickets.lockLiveChat(tx, profileId);
  }

  /** The one ticket of a person and a number of ours, by SMS or WhatsApp. */
  lockThread(tx: Tx, profileId: string, channelId: string): Promise<TicketEntity | undefined> {
    return this.tickets.lockThread(tx, profileId, channelId);
  }

  /** The ticket of a person and an address of ours that is not closed: by merging, it may be another. */
  async lockOpenThread(tx: Tx, profileId: string, channelId: string): Promise<TicketEntity | undefined> {
    const id = await this.tickets.threadOf(tx, profileId, channelId);
    const ticket = id && (await this.tickets.lock(tx, id));
    return ticket && ticket.status !== 'closed' ? ticket : undefined;
  }

  /** Everything of this person, closed or not. */
  lockEverythingOf(tx: Tx, profileId: string): Promise<TicketEntity[]> {
    return this.tickets.lockEverythingOf(tx, profileId);
  }

  open(tx: Tx, ticket: Parameters<TicketsRepository['open']>[1]) {
    return this.tickets.open(tx, ticket);
  }

  /** The ticket closes without an agent: the visitor ended the chat, or its time was over. */
  async closeNow(tx: Tx, ticket: TicketEntity, mover: Mover): Promise<void> {
    const before = toSnapshot(ticket);
    const fact = close(tx, ticket, mover);
    await this.settle(tx, ticket, before, [fact], mover === 'customer' ? [closing('CHAT-7', { by: mover })] : []);
  }

  /** The snooze is over: the ticket is open and unread again (TKT-6). */
  async wakeNow(tx: Tx, ticket: TicketEntity): Promise<void> {
    const before = toSnapshot(ticket);
    const inputs = { snoozedUntil: before.snoozedUntil };
    const fact = wake(tx, ticket, 'timer');
    ticket.unread = true;
    await this.settle(tx, ticket, before, [fact], [{ kind: 'status', rule: 'TIME-4', ruleVersion: 1, inputs, outcome: { status: 'open', unread: true } }]);
  }

  /** Everything of this person that is not closed closes (PRO-5). */
  async closeAllOf(tx: Tx, profileId: string): Promise<void> {
    for (const ticket of await this.tickets.lockOfProfile(tx, profileId)) {
      const before = toSnapshot(ticket);
      await this.settle(tx, ticket, before, [close(tx, ticket, 'agent')], [closing('PRO-5', { profileId, blocked: true })]);
    }
  }

  /** How every change of a ticket ends: timers, the next version, the facts, its history, and whoever waited for somebody to be free. `actor`: where not whoever acts. */
  async settle(tx: Tx, ticket: NamedTicket, before: TicketSnapshot, facts: Fact[], decided: NewDecision[] = [], actor?: Teller): Promise<void> {
    ticket.version += 1;
    await this.timetable.arrange(tx, ticket);
    const othersWait = await this.tickets.save(tx, ticket);
    await this.tell(tx, ticket, before, facts, decided, actor);
    if (othersWait && isFreed(before, ticket)) await this.queue.ring(tx, 'somebody has one less');
  }

  /** Announces facts about the ticket as it stands now, and keeps them and what was decided by itself (TKT-21). For features that save it themselves. */
  async tell(tx: Tx, ticket: NamedTicket, before: TicketSnapshot | undefined, facts: Fact[], decided: NewDecision[] = [], actor: Teller = tx.by): Promise<void> {
    if (!facts.length && !decided.length) return;
    const data = toSnapshot(ticket);
    const changes = before ? changesOf(before, data) : null;
    const happened = facts.map((fact) => {
      const { id, type } = announce(tx, fact, { key: ticket.id, partition: ticket.partition, ticket: ticket.id, before, data, actor: { type: actor.type, id: actor.id } });
      return { id, type, actorType: actor.type, actorId: actor.id, changes };
    });
    await this.history.keep(tx, ticket.id, happened.filter(({ type }) => changes !== null || type !== ticketEvents.updated.type), decided);
  }

  /** As `lock`, of this ticket alone, merged or not. */
  lockExactly(tx: Tx, id: string): Promise<TicketEntity> {
    return this.tickets.lockExactly(tx, id);
  }

  /** Sets, moves and calls off the ticket's timers, for features that save it themselves. */
  arrange(tx: Tx, ticket: NamedTicket): Promise<void> {
    return this.timetable.arrange(tx, ticket);
  }

  /** Saves what no version counts: presence, read marks, timers. */
  async keep(tx: Tx, ticket: TicketEntity): Promise<void> {
    await this.timetable.arrange(tx, ticket);
    await this.tickets.save(tx, ticket);
  }

  private change(
    { id, ifMatch }: { id: string; ifMatch?: number }, by: Actor, decide: (tx: Tx, ticket: TicketEntity) => Fact[] | Promise<Fact[]>,
  ): Promise<Ticket> {
    return within(this.db, by, async (tx) => {
      const ticket = await this.lock(tx, id, ifMatch);
      const before = toSnapshot(ticket);
      const facts = await decide(tx, ticket);
      if (facts.length) await this.settle(tx, ticket, before, facts);
      return toTicket(ticket, tx.at);
    });
  }
}

type Teller = Pick<Actor, 'type' | 'id'>;

/** Has whoever had it one less to do now? */
const isFreed = (before: TicketSnapshot, after: NamedTicket) =>
  before.assigneeId !== null && before.status === 'open' && !before.spam && (after.assigneeId !== before.assigneeId || after.status !== 'open' || after.spam);

/** Why a ticket closed by itself. */
export const closing = (rule: string, inputs: Record<string, unknown>): NewDecision => ({ kind: 'status', rule, ruleVersion: 1, inputs, outcome: { status: 'closed' } });

/** The ticket closes; nobody waits any more. What a customer or a timer closes stays as read or unread as it was. */
export function close(tx: Tx, ticket: NamedTicket, mover: Mover): Fact {
  const unread = mover === 'agent' ? false : ticket.unread;
  Object.assign(ticket, { status: moved(ticket, 'close', mover), closedAt: tx.at, snoozedUntil: null, waitingSince: null, unread });
  return ticketEvents.closed;
}

/** The ticket is open again. */
export function reopen(tx: Tx, ticket: NamedTicket, mover: Mover): Fact {
  Object.assign(ticket, { status: moved(ticket, 'reopen', mover), closedAt: null, openSince: tx.at });
  return ticketEvents.reopened;
}

/** The snooze ends. */
export function wake(tx: Tx, ticket: NamedTicket, mover: Mover): Fact {
  Object.assign(ticket, { status: moved(ticket, 'wake', mover), snoozedUntil: null, openSince: tx.at });
  return ticketEvents.woken;
}

function setUnread(ticket: TicketEntity, unread: boolean): Fact[] {
  if (ticket.unread === unread) return [];
  ticket.unread = unread;
  return [ticketEvents.updated];
}

/** What an agent should know before they answer at this moment. */
export function warningsOf(ticket: TicketEntity, at: Date): ReplyWarning[] {
  const quiet = ticket.channelType === 'sms' ? quietHours(ticket.customer, ticket.profileTimezone, at) : null;
  return quiet ? [quiet] : [];
}

function answerable(ticket: TicketEntity, at: Date): CanReply {
  const now = canReply(ticket, at);
  const warnings = now.allowed ? warningsOf(ticket, at) : [];
  return warnings.length ? { ...now, warnings } : now;
}

/** A ticket as the API shows it: with whether one can answer (TKT-11) and, in web chat, whether the visitor is there (CHAT-10). */
export function toTicket(ticket: TicketEntity, at: Date): Ticket {
  const followUp = ticket.timetable.follow_up;
  const followUpDueAt = followUp && !followUp.calledOff ? followUp.dueAt : null;
  const presence = ticket.chatOnline === null || !ticket.chatSince ? null : { online: ticket.chatOnline, since: ticket.chatSince.toISOString(), followUpDueAt };
  return { ...toSnapshot(ticket), canReply: answerable(ticket, at), presence };
}
