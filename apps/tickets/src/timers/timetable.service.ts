import { Injectable } from '@nestjs/common';
import type { Event } from '@parley/contracts/events';
import { timerEvents, type Timer } from '@parley/contracts/timers';
import { Alarm, type TimerRow } from '@parley/service/alarm';
import { announce, type Tx } from '@parley/service/tx';
import { DirectoryService } from '../directory/directory.service.js';
import { IdentityService } from '../profiles/identity.service.js';
import { SettingsService } from '../settings/settings.service.js';
import type { TicketRow, Timetable } from '../ticket/ticket.entity.js';
import { autoCloseDue, isQuiet } from './auto-close.rules.js';
import { followUpDue, hasLeftUnread } from './follow-up.rules.js';

export type Kind = keyof Timetable;

/** Kinds of which the account is told when one is set (TIME-1, TIME-3). A snooze announces itself. */
const SCHEDULED: Partial<Record<Kind, Event<(typeof timerEvents)['followUpScheduled']['data']>>> = {
  follow_up: timerEvents.followUpScheduled,
  auto_close: timerEvents.autoCloseScheduled,
};

/** What the clock will do with a ticket (TIME-5). */
@Injectable()
export class TimetableService {
  constructor(
    private readonly alarm: Alarm,
    private readonly settings: SettingsService,
    private readonly directory: DirectoryService,
    private readonly identity: IdentityService,
  ) {}

  /** Sets, moves and calls off the timers of the ticket as it stands now. To be done after deciding and before saving; asks nobody when there is nothing to do. */
  async arrange(tx: Tx, ticket: TicketRow): Promise<void> {
    await this.put(tx, ticket, 'snooze', ticket.status === 'snoozed' ? ticket.snoozedUntil : null);
    await this.put(tx, ticket, 'auto_close', isQuiet(ticket) ? autoCloseDue(ticket, await this.settings.read(tx, 'auto-close')) : null);
    await this.put(tx, ticket, 'follow_up', hasLeftUnread(ticket) && !ticket.spam ? await this.followUpDue(tx, ticket) : null);
  }

  /** Whom a follow-up e-mail would reach, and from whom it would come. */
  async followUpAddresses(tx: Tx, ticket: TicketRow) {
    const settings = await this.settings.read(tx, 'follow-up');
    const account = await this.directory.account(tx);
    return { settings, account, to: await this.identity.emailOf(tx, ticket.profileId), from: settings.from ?? account.senderEmail };
  }

  private async followUpDue(tx: Tx, ticket: TicketRow): Promise<Date | null> {
    const { settings, to, from } = await this.followUpAddresses(tx, ticket);
    return followUpDue(ticket, settings, { to, from });
  }

  private async put(tx: Tx, ticket: TicketRow, kind: Kind, dueAt: Date | null): Promise<void> {
    const set = ticket.timetable[kind];
    if (!dueAt) return set && this.callOff(tx, ticket, kind);
    if (set?.dueAt === dueAt.toISOString()) return;
    // A follow-up belongs to an absence; everything else to a countdown of its own.
    const generation = kind === 'follow_up' ? ticket.chatEpisode : set && !set.calledOff ? set.generation : ++ticket.countdowns;
    const timer = await this.alarm.set(tx, { kind, subject: { type: 'ticket', id: ticket.id }, generation, dueAt, reason: reasonOf(kind, ticket) });
    if (timer.state !== 'pending') return;
    ticket.timetable = { ...ticket.timetable, [kind]: { dueAt: dueAt.toISOString(), generation } };
    const contract = SCHEDULED[kind];
    if (contract) announce(tx, contract, { key: ticket.id, partition: ticket.partition, ticket: ticket.id, data: { timer: toTimer(timer) } });
  }

  private async callOff(tx: Tx, ticket: TicketRow, kind: Kind): Promise<void> {
    if (!ticket.timetable[kind]?.calledOff) await this.alarm.cancel(tx, { type: 'ticket', id: ticket.id }, kind);
    ticket.timetable = { ...ticket.timetable, [kind]: undefined };
  }
}

/** Why, for people who ask (TIME-5). */
const reasonOf = (kind: Kind, ticket: TicketRow): Record<string, unknown> =>
  ({
    snooze: { rule: 'TIME-4', until: ticket.snoozedUntil },
    auto_close: { rule: 'TIME-3', answeredAt: ticket.answeredAt, openSince: ticket.openSince },
    follow_up: { rule: 'TIME-1', offlineSince: ticket.chatSince, lastAnswerAt: ticket.lastAgentAt, unreadFromSeq: ticket.readUpToSeq + 1 },
  })[kind];

/** A timer as the API and events show it. */
export const toTimer = (row: TimerRow): Timer => ({
  id: row.id,
  kind: row.kind,
  ticketId: row.subject.type === 'ticket' ? row.subject.id : null,
  dueAt: row.dueAt.toISOString(),
  reason: row.reason,
  state: row.state,
});
