import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { ticketEvents } from '@parley/contracts/tickets';
import type { timers } from '@parley/contracts/timers';
import { Alarm } from '@parley/service/alarm';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ScheduledRepliesService } from '../conversation/scheduled-replies.service.js';
import { toSnapshot } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { toTimer, type Kind } from './timetable.service.js';

/** The timers of tickets, for people (TIME-5). */
@Injectable()
export class TimersService {
  constructor(
    private readonly db: DataSource,
    private readonly alarm: Alarm,
    private readonly tickets: TicketsService,
    private readonly scheduled: ScheduledRepliesService,
  ) {}

  list({ id }: Input<typeof timers.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.tickets.find(tx, id);
      const found = await this.alarm.list(tx, { type: 'ticket', id });
      return { items: found.map(toTimer), nextCursor: null };
    });
  }

  /** Calls a timer off; it is not set again for the same instant. A snooze without its timer has no end of its own. */
  cancel({ id }: Input<typeof timers.cancel>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const timer = await this.alarm.get(tx, id);
      if (timer?.subject.type !== 'ticket') throw new ContractError('TIMER_NOT_FOUND', `No timer ${id}`);
      const ticket = await this.tickets.lock(tx, timer.subject.id);
      const before = toSnapshot(ticket);
      const cancelled = toTimer(await this.alarm.cancelOne(tx, id));
      if (timer.kind === 'send_reply') {
        await this.scheduled.calledOff(tx, id);
        return cancelled;
      }
      const kind = timer.kind as Kind;
      ticket.timetable = { ...ticket.timetable, [kind]: { dueAt: cancelled.dueAt, generation: timer.generation, calledOff: true } };
      if (kind !== 'snooze') await this.tickets.keep(tx, ticket);
      else await this.tickets.settle(tx, Object.assign(ticket, { snoozedUntil: null }), before, [ticketEvents.updated]);
      return cancelled;
    });
  }
}
