import { ContractError } from '@parley/contracts/errors';
import { messages } from '@parley/contracts/messages';
import { tickets, type TicketSnapshot } from '@parley/contracts/tickets';
import { setTimeout as pause } from 'node:timers/promises';
import type { Brand } from './brands.js';
import type { History, Outcome } from './history.js';
import { patienceMs } from './patience.js';
import type { Random } from './random.js';

/** Answers tickets, one after the other, each reply under its own Idempotency-Key, until `over` says so. */
export async function answerTickets(brand: Brand, open: () => TicketSnapshot[], history: History, random: Random, over: () => boolean): Promise<void> {
  while (!over()) {
    await pause(300);
    const answerable = open();
    if (!answerable.length) continue;
    const ticket = random.pick(answerable);
    const sent = history.begin('reply', brand.account, ticket.id);
    const reply = { id: ticket.id, text: `It is on its way. #${sent.token}` };
    const options = { idempotencyKey: sent.token, signal: undefined as AbortSignal | undefined };
    await history.persist(sent, async (nth, givenUpMs) => {
      options.signal = AbortSignal.timeout(givenUpMs);
      return brand.ask(nth)(messages.reply, reply, options).then(() => 'ok' as const, outcomeOf);
    });
  }
}

/** A timer that somebody set through the API. */
export interface Snooze {
  ticket: string;
  until: string;
  /** Called off by hand before it was due. */
  woken: boolean;
}

/** Puts tickets to sleep for a few seconds, again and again, and wakes some of them by hand before their time. */
export class Sleepers {
  readonly snoozes: Snooze[] = [];
  private readonly busy = new Set<string>();

  constructor(private readonly brand: Brand, private readonly random: Random, private readonly over: () => boolean) {}

  /** A ticket that is awake, as an event showed it. */
  async sleep({ id, version }: TicketSnapshot): Promise<void> {
    if (this.over() || this.busy.has(id)) return;
    this.busy.add(id);
    const seconds = this.random.between(2, 8);
    const until = new Date(Date.now() + seconds * 1000).toISOString();
    const snoozed = await this.change(id, version, (ifMatch, nth) => this.ask(nth)(tickets.snooze, { id, ifMatch, until, wakeOnReply: false }, late(nth)), (now) => now.snoozedUntil === until);
    this.busy.delete(id);
    if (!snoozed) return;
    const snooze: Snooze = { ticket: id, until, woken: false };
    this.snoozes.push(snooze);
    if (this.random.next() < 0.1) await this.wakeEarly(snooze, snoozed.version, seconds);
  }

  private async wakeEarly(snooze: Snooze, version: number, seconds: number) {
    await pause(seconds * 300);
    const awake = (now: TicketSnapshot) => now.snoozedUntil !== snooze.until;
    const wake = async (ifMatch: number, nth: number) => {
      const ticket = await this.ask(nth)(tickets.wake, { id: snooze.ticket, ifMatch }, late(nth));
      // Only an answer says that it was us; a ticket that is seen to be awake may have been woken by the timer.
      snooze.woken = true;
      return ticket;
    };
    await this.change(snooze.ticket, version, wake, awake);
  }

  private ask(nth: number) {
    return this.brand.ask(nth);
  }

  /** Tries until it is known that it happened. Undefined: something else came first, or it could not be known within three minutes. */
  private async change(id: string, version: number, act: (ifMatch: number, nth: number) => Promise<TicketSnapshot>, happened: (now: TicketSnapshot) => boolean): Promise<TicketSnapshot | undefined> {
    const deadline = performance.now() + 180_000;
    for (let nth = 0; performance.now() < deadline; nth++) {
      try {
        return await act(version, nth);
      } catch (error) {
        if (error instanceof ContractError && ['MOVE_NOT_ALLOWED', 'VALIDATION_FAILED'].includes(error.code)) return undefined;
        const now = await this.ask(nth + 1)(tickets.get, { id }, late(nth)).catch(() => undefined);
        if (now && happened(now)) return now;
        if (now && now.version !== version) return undefined;
        await pause(150);
      }
    }
    return undefined;
  }
}

const late = (nth: number) => ({ signal: AbortSignal.timeout(patienceMs(nth)) });

const outcomeOf = (error: unknown): Outcome =>
  error instanceof ContractError && !['UNAVAILABLE', 'INTERNAL'].includes(error.code) ? 'fail' : 'unknown';
