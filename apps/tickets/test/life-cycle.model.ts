import { expect } from '@jest/globals';
import type { ChannelType } from '@parley/contracts/channels';
import type { Actor } from '@parley/contracts/contract';
import { tickets, type Ticket, type TicketStatus } from '@parley/contracts/tickets';
import fc from 'fast-check';
import type { Customer, Desk } from './desk.js';

// What becomes of tickets, in the words of the product and not of the code: customers of five channels, two agents, the clock and what it does by
// itself (TKT-2, TKT-5, TKT-6, TKT-7, TKT-10, TKT-11, TIME-3). The service is asked the same questions, one after the other or at the same moment.
const HOUR = 3600;
/** No sum of these steps meets a limit exactly: 3 hours of a snooze, 24 of a window, 48 of an auto-close. */
const STEPS = [5 * HOUR, 31 * HOUR];
export const AUTO_CLOSE = { channels: ['email', 'sms'] as readonly ChannelType[], seconds: 48 * HOUR };
const WINDOWED: readonly ChannelType[] = ['instagram', 'whatsapp'];

/** TKT-2 and TKT-5, as the product page has them. */
const CLOSED: Record<ChannelType, { message: 'reopens it' | 'opens another' | 'goes nowhere'; agent: 'may reopen' | 'may not' }> = {
  webchat: { message: 'goes nowhere', agent: 'may not' },
  email: { message: 'reopens it', agent: 'may reopen' },
  sms: { message: 'reopens it', agent: 'may reopen' },
  instagram: { message: 'opens another', agent: 'may not' },
  whatsapp: { message: 'reopens it', agent: 'may reopen' },
};
export const CHANNELS = Object.keys(CLOSED) as ChannelType[];

type Told = { status: TicketStatus; seq: number; assignee: string | null; unread: boolean | null; wakesOnReply: boolean; snoozedUntil: number; waiting: boolean; answeredAt: number | null; openSince: number };
/** What one customer is known by: tickets in the order they came, the newest last. */
type Line = { channel: ChannelType; tickets: Told[]; lastInbound: number };
export type Model = { now: number; lines: Record<ChannelType, Line> };
export type Real = { desk: Desk; agents: Actor[]; customers: Record<ChannelType, Customer>; profiles: Partial<Record<ChannelType, string>> };
/** `stale`: somebody else was quicker, and If-Match said so. */
type Outcome = 'done' | 'refused' | 'nowhere' | 'stale';

const open = (ticket: Told, now: number) => Object.assign(ticket, { status: 'open', openSince: now });
const fresh = (now: number): Told => ({ status: 'open', seq: 1, assignee: null, unread: true, wakesOnReply: true, snoozedUntil: 0, waiting: true, answeredAt: null, openSince: now });
const outcomeOf = (asked: Promise<unknown>): Promise<Outcome> =>
  asked.then(() => 'done', (error: { code?: string }) => {
    if (error.code === 'VERSION_STALE') return 'stale';
    if (error.code === 'MOVE_NOT_ALLOWED' || error.code === 'REPLY_NOT_ALLOWED') return 'refused';
    throw error;
  });

/** One thing that somebody does: what the model makes of it, and how the service is asked. */
abstract class Deed {
  constructor(readonly channel: ChannelType) {}
  isPossible({ lines }: Model): boolean { return lines[this.channel].tickets.length > 0; }
  abstract predict(model: Model): Outcome;
  abstract act(real: Real): Promise<Outcome>;
  toString() { return `${this.constructor.name} ${this.channel}`; }
  protected newest({ lines }: Model) { return lines[this.channel].tickets.at(-1)!; }
}

class Writes extends Deed {
  override isPossible() { return true; }
  predict(model: Model): Outcome {
    const line = model.lines[this.channel];
    const last = line.tickets.at(-1);
    const isClosed = last?.status === 'closed';
    if (isClosed && CLOSED[this.channel].message === 'goes nowhere') return 'nowhere';
    line.lastInbound = model.now;
    if (!last || (isClosed && CLOSED[this.channel].message === 'opens another')) line.tickets.push(fresh(model.now));
    else {
      if (isClosed || (last.status === 'snoozed' && last.wakesOnReply)) open(last, model.now);
      Object.assign(last, { seq: last.seq + 1, unread: true, waiting: true });
    }
    return 'done';
  }
  async act(real: Real): Promise<Outcome> {
    const { desk, customers, profiles } = real;
    const { ticketId } = await desk.customerWrites(customers[this.channel], 'A message');
    if (ticketId === '') return 'nowhere';
    if (!profiles[this.channel]) {
      profiles[this.channel] = (await desk.look(ticketId)).profile.id;
      if (this.channel === 'sms') await desk.consent(profiles.sms!, 'sms_transactional', 'granted');
    }
    return 'done';
  }
}

class BeginsANewChat extends Deed {
  override isPossible(model: Model) { return super.isPossible(model) && this.newest(model).status === 'closed'; }
  predict({ lines, now }: Model): Outcome {
    lines[this.channel].tickets.push(fresh(now));
    return 'done';
  }
  async act({ desk, customers }: Real): Promise<Outcome> {
    customers.webchat = { ...customers.webchat, sessionId: desk.customer('webchat').sessionId };
    return (await desk.customerWrites(customers.webchat, 'Hello again')).ticketId ? 'done' : 'nowhere';
  }
}

class Replies extends Deed {
  constructor(channel: ChannelType, readonly agent: number, readonly keepSnoozed: boolean, readonly agents: Actor[]) { super(channel); }
  predict(model: Model): Outcome {
    const ticket = this.newest(model);
    const isLate = WINDOWED.includes(this.channel) && model.now - model.lines[this.channel].lastInbound > 24 * HOUR;
    if (isLate || (this.channel === 'webchat' && ticket.status === 'closed')) return 'refused';
    if (ticket.status === 'snoozed' && !this.keepSnoozed) open(ticket, model.now);
    Object.assign(ticket, { seq: ticket.seq + 1, assignee: ticket.assignee ?? this.agents[this.agent]!.id, unread: null, waiting: false, answeredAt: model.now });
    return 'done';
  }
  async act(real: Real) {
    return outcomeOf(real.desk.reply((await newestOf(real, this.channel)).id, 'An answer', { keepSnoozed: this.keepSnoozed, force: true }, this.agents[this.agent]!));
  }
  override toString() { return `${super.toString()} by ${this.agent}${this.keepSnoozed ? ', stays snoozed' : ''}`; }
}

class Closes extends Deed {
  predict(model: Model): Outcome {
    const ticket = this.newest(model);
    if (ticket.status === 'closed') return 'refused';
    Object.assign(ticket, { status: 'closed', unread: null, waiting: false });
    return 'done';
  }
  async act(real: Real) {
    const { id, version } = await newestOf(real, this.channel);
    return outcomeOf(real.desk.rig.ask(tickets.close, { id, ifMatch: version }));
  }
}

class Reopens extends Deed {
  predict(model: Model): Outcome {
    const ticket = this.newest(model);
    if (ticket.status !== 'closed' || CLOSED[this.channel].agent === 'may not') return 'refused';
    open(ticket, model.now);
    return 'done';
  }
  async act(real: Real) {
    const { id, version } = await newestOf(real, this.channel);
    return outcomeOf(real.desk.rig.ask(tickets.reopen, { id, ifMatch: version }));
  }
}

class Snoozes extends Deed {
  constructor(channel: ChannelType, readonly wakeOnReply: boolean) { super(channel); }
  predict(model: Model): Outcome {
    const ticket = this.newest(model);
    if (ticket.status === 'closed') return 'refused';
    Object.assign(ticket, { status: 'snoozed', wakesOnReply: this.wakeOnReply, snoozedUntil: model.now + 3 * HOUR });
    return 'done';
  }
  async act(real: Real) {
    const { id, version } = await newestOf(real, this.channel);
    return outcomeOf(real.desk.rig.ask(tickets.snooze, { id, ifMatch: version, preset: 'later_today', wakeOnReply: this.wakeOnReply }));
  }
  override toString() { return `${super.toString()}${this.wakeOnReply ? '' : ', sleeps on'}`; }
}

class TimePasses extends Deed {
  constructor(readonly seconds: number) { super('sms'); }
  override isPossible() { return true; }
  predict(model: Model): Outcome {
    model.now += this.seconds;
    for (const { channel, tickets: all } of Object.values(model.lines)) {
      for (const ticket of all) {
        const isQuiet = ticket.status === 'open' && !ticket.waiting && ticket.answeredAt !== null;
        const closesItself = AUTO_CLOSE.channels.includes(channel) && isQuiet && Math.max(ticket.answeredAt!, ticket.openSince) + AUTO_CLOSE.seconds <= model.now;
        if (ticket.status === 'snoozed' && ticket.snoozedUntil <= model.now) Object.assign(open(ticket, model.now), { unread: true });
        else if (closesItself) Object.assign(ticket, { status: 'closed', unread: null });
      }
    }
    return 'done';
  }
  async act({ desk }: Real): Promise<Outcome> {
    await desk.rig.advance(this.seconds);
    await desk.rig.heard();
    return 'done';
  }
  override toString() { return `TimePasses ${this.seconds / HOUR} h`; }
}

/** The customer's tickets in this channel, oldest first. */
async function ticketsOf({ desk, customers, profiles }: Real, channel: ChannelType): Promise<Ticket[]> {
  const profileId = profiles[channel];
  if (!profileId) return [];
  const { items } = await desk.list({ profileId, limit: 100 });
  return items.filter((one) => one.channelId === customers[channel].channelId).sort((a, b) => a.number - b.number);
}
const newestOf = async (real: Real, channel: ChannelType) => (await ticketsOf(real, channel)).at(-1)!;

/** How the model and the service see a line; what the product leaves open is left out. */
const shownBy = (told: Told) => ({ status: told.status, seq: told.seq, assignee: told.assignee, unread: told.unread });
async function look(real: Real, model: Model, where: readonly ChannelType[]): Promise<unknown> {
  const seen = await Promise.all(where.map(async (channel) => {
    const [found, told] = [await ticketsOf(real, channel), model.lines[channel].tickets];
    return [channel, found.map(({ status, lastSeq, assigneeId, unread }, at) => ({ status, seq: lastSeq, assignee: assigneeId, unread: told[at]?.unread == null ? null : unread }))];
  }));
  return Object.fromEntries(seen);
}
const said = ({ lines }: Model, where: readonly ChannelType[]) => Object.fromEntries(where.map((channel) => [channel, lines[channel].tickets.map(shownBy)]));

/** One deed after the other. */
class Alone implements fc.AsyncCommand<Model, Real> {
  constructor(readonly deed: Deed) {}
  check(model: Model) { return this.deed.isPossible(model); }
  async run(model: Model, real: Real) {
    const expected = this.deed.predict(model);
    expect([`${this.deed}`, await this.deed.act(real)]).toEqual([`${this.deed}`, expected]);
    const where = this.deed instanceof TimePasses ? CHANNELS : [this.deed.channel];
    expect(await look(real, model, where)).toEqual(said(model, where));
  }
  toString() { return `${this.deed}`; }
}

/** Some at the same moment: what comes out is what one order of them would have made, but for those who were told that they came too late. */
class AtOnce implements fc.AsyncCommand<Model, Real> {
  constructor(readonly deeds: Deed[]) {}
  check(model: Model) { return this.deeds.every((deed) => deed.isPossible(model)); }
  async run(model: Model, real: Real) {
    const outcomes = await Promise.all(this.deeds.map((deed) => deed.act(real)));
    const happened = this.deeds.map((deed, at) => ({ deed, outcome: outcomes[at] })).filter(({ outcome }) => outcome !== 'stale');
    const tried: unknown[] = [];
    const where = [this.deeds[0]!.channel];
    for (const order of ordersOf(happened)) {
      const would = structuredClone(model);
      const asTold = order.map(({ deed, outcome }) => [`${deed}`, deed.predict(would) === outcome]);
      const seen = await look(real, would, where);
      if (asTold.every(([, fits]) => fits) && JSON.stringify(seen) === JSON.stringify(said(would, where))) return void Object.assign(model, would);
      tried.push({ asTold, seen, said: said(would, where) });
    }
    expect({ atOnce: `${this}`, outcomes, tried }).toBe('what one order of them makes');
  }
  toString() { return `at once: ${this.deeds.join(' | ')}`; }
}
const ordersOf = <T>(all: T[]): T[][] => (all.length < 2 ? [all] : all.flatMap((one, at) => ordersOf(all.filter((_, other) => other !== at)).map((rest) => [one, ...rest])));

/** Runs of the model against the desk. `channels`: who takes part. @throws where the desk does something else than the model */
export async function live(desk: Desk, agents: Actor[], { seed, runs, commands, channels = CHANNELS }: { seed: number; runs: number; commands: number; channels?: readonly ChannelType[] }) {
  const channel = fc.constantFrom(...channels);
  const agent = fc.nat(agents.length - 1);
  const replies = fc.tuple(channel, agent, fc.boolean()).map(([one, by, keep]) => new Replies(one, by, keep, agents));
  const snoozes = fc.tuple(channel, fc.boolean()).map(([one, wake]) => new Snoozes(one, wake));
  const deeds = [channel.map((one) => new Writes(one)), replies, channel.map((one) => new Closes(one)), channel.map((one) => new Reopens(one)), snoozes];
  const sameChannel = fc.array(fc.oneof(...deeds), { minLength: 2, maxLength: 3 }).filter((all) => new Set(all.map((deed) => deed.channel)).size === 1);
  const steps = [
    ...deeds.map((deed) => deed.map((one) => new Alone(one))), deeds[0]!.map((one) => new Alone(one)),
    fc.constantFrom(...STEPS).map((seconds) => new Alone(new TimePasses(seconds))), sameChannel.map((all) => new AtOnce(all)),
    ...(channels.includes('webchat') ? [fc.constant(new Alone(new BeginsANewChat('webchat')))] : []),
  ];
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: commands, size: '+1' }), (all) =>
      fc.asyncModelRun(() => ({
        model: { now: 0, lines: Object.fromEntries(CHANNELS.map((one) => [one, { channel: one, tickets: [], lastInbound: 0 }])) as unknown as Model['lines'] },
        real: { desk, agents, customers: Object.fromEntries(CHANNELS.map((one) => [one, desk.customer(one)])) as Real['customers'], profiles: {} },
      }), all)),
    { seed, numRuns: runs, endOnFailure: true },
  );
}
