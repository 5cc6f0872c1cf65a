import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChannelType } from '@parley/contracts/channels';
import type { Actor } from '@parley/contracts/contract';
import type { TicketStatus } from '@parley/contracts/tickets';
import fc from 'fast-check';
import { POLICY } from '../src/ticket/policy.rules.js';
import { Desk, type Customer } from './desk.js';

// TKT-2, TKT-5, TKT-6, TKT-10, TKT-11, TIME-3 in any order: customers of five channels, two agents, the clock and what it does by itself,
// against a model that is a page long and reads what channels do from POLICY.
const HOUR = 3600;
/** No sum of these steps meets a limit exactly: 3 hours of a snooze, 24 of a window, 48 of an auto-close. */
const STEPS = [5 * HOUR, 31 * HOUR];
const AUTO_CLOSE = { channels: ['email', 'sms'] as const, seconds: 48 * HOUR };
const WINDOWED: readonly ChannelType[] = ['instagram', 'whatsapp'];
const SEED = Number(process.env['PARLEY_MODEL_SEED'] ?? 11);
const RUNS = Number(process.env['PARLEY_MODEL_RUNS'] ?? 12);

type Told = { status: TicketStatus; seq: number; assignee: string | null; unread: boolean | null; wakesOnReply: boolean; snoozedUntil: number; waiting: boolean; answeredAt: number | null; openSince: number };
/** What one customer is known by: tickets in the order they came, the newest last. */
type Line = { channel: ChannelType; tickets: Told[]; lastInbound: number };
type Model = { now: number; lines: Record<ChannelType, Line> };
type Real = { desk: Desk; agents: Actor[]; customers: Record<ChannelType, Customer>; ids: Record<ChannelType, string[]> };

const CHANNELS = Object.keys(POLICY) as ChannelType[];
const open = (ticket: Told, now: number) => Object.assign(ticket, { status: 'open', openSince: now });
const newest = ({ lines }: Model, channel: ChannelType) => lines[channel].tickets.at(-1);

abstract class Step implements fc.AsyncCommand<Model, Real> {
  constructor(readonly channel: ChannelType) {}
  abstract check(model: Model): boolean;
  abstract act(model: Model, real: Real): Promise<void>;

  async run(model: Model, real: Real) {
    await this.act(model, real);
    for (const channel of CHANNELS) await same(model.lines[channel], real, channel);
  }
  toString() { return `${this.constructor.name} ${this.channel}`; }
}

/** The newest ticket is as the model says, and there is none beside those that the model knows. */
async function same({ tickets }: Line, { desk, customers, ids }: Real, channel: ChannelType) {
  expect([channel, ids[channel].length]).toEqual([channel, tickets.length]);
  const [told, id] = [tickets.at(-1), ids[channel].at(-1)];
  if (!told || !id) return;
  const { status, lastSeq, assigneeId, unread, profile } = await desk.look(id);
  expect({ channel, status, seq: lastSeq, assignee: assigneeId }).toEqual({ channel, status: told.status, seq: told.seq, assignee: told.assignee });
  if (told.unread !== null) expect([channel, unread]).toEqual([channel, told.unread]);
  const { items } = await desk.list({ profileId: profile.id, limit: 100 });
  expect(items.filter((one) => one.channelId === customers[channel].channelId)).toHaveLength(tickets.length);
}

class Writes extends Step {
  check() { return true; }
  async act(model: Model, { desk, customers, ids }: Real) {
    const line = model.lines[this.channel];
    const last = line.tickets.at(-1);
    const { ticketId } = await desk.customerWrites(customers[this.channel], 'A message');
    const after = last?.status === 'closed' ? POLICY[this.channel].closed.customer : last ? 'append' : 'new';
    if (after === 'refuse') return expect(ticketId).toBe('');
    line.lastInbound = model.now;
    if (after === 'new') {
      line.tickets.push({ status: 'open', seq: 1, assignee: null, unread: true, wakesOnReply: true, snoozedUntil: 0, waiting: true, answeredAt: null, openSince: model.now });
      expect(ids[this.channel]).not.toContain(ticketId);
      ids[this.channel].push(ticketId);
      if (this.channel === 'sms') await desk.consent((await desk.look(ticketId)).profile.id, 'sms_transactional', 'granted');
      return;
    }
    expect(ticketId).toBe(ids[this.channel].at(-1));
    if (after === 'reopen' || (last!.status === 'snoozed' && last!.wakesOnReply)) open(last!, model.now);
    Object.assign(last!, { seq: last!.seq + 1, unread: true, waiting: true });
  }
}

class BeginsANewChat extends Step {
  check(model: Model) { return newest(model, 'webchat')?.status === 'closed'; }
  async act(model: Model, { desk, customers, ids }: Real) {
    customers.webchat = { ...customers.webchat, sessionId: desk.customer('webchat').sessionId };
    const { ticketId } = await desk.customerWrites(customers.webchat, 'Hello again');
    expect(ids.webchat).not.toContain(ticketId);
    ids.webchat.push(ticketId);
    model.lines.webchat.tickets.push({ status: 'open', seq: 1, assignee: null, unread: true, wakesOnReply: true, snoozedUntil: 0, waiting: true, answeredAt: null, openSince: model.now });
  }
}

class Replies extends Step {
  constructor(channel: ChannelType, readonly agent: number, readonly keepSnoozed: boolean) { super(channel); }
  check(model: Model) { return ['open', 'snoozed'].includes(newest(model, this.channel)?.status ?? ''); }
  async act(model: Model, { desk, agents, ids }: Real) {
    const ticket = newest(model, this.channel)!;
    const by = agents[this.agent]!;
    const asked = desk.reply(ids[this.channel].at(-1)!, 'An answer', { keepSnoozed: this.keepSnoozed, force: true }, by);
    if (WINDOWED.includes(this.channel) && model.now - model.lines[this.channel].lastInbound > 24 * HOUR) return void (await expect(asked).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED' }));
    await asked;
    if (ticket.status === 'snoozed' && !this.keepSnoozed) open(ticket, model.now);
    Object.assign(ticket, { seq: ticket.seq + 1, assignee: ticket.assignee ?? by.id, unread: null, waiting: false, answeredAt: model.now });
  }
}

class Closes extends Step {
  check(model: Model) { return newest(model, this.channel) !== undefined; }
  async act(model: Model, { desk, ids }: Real) {
    const ticket = newest(model, this.channel)!;
    const asked = desk.close(ids[this.channel].at(-1)!);
    if (ticket.status === 'closed') return void (await expect(asked).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' }));
    await asked;
    Object.assign(ticket, { status: 'closed', unread: null, waiting: false });
  }
}

class Reopens extends Step {
  check(model: Model) { return newest(model, this.channel) !== undefined; }
  async act(model: Model, { desk, ids }: Real) {
    const ticket = newest(model, this.channel)!;
    const asked = desk.reopen(ids[this.channel].at(-1)!);
    if (ticket.status !== 'closed' || POLICY[this.channel].closed.agent === 'refuse') return void (await expect(asked).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' }));
    await asked;
    open(ticket, model.now);
  }
}

class Snoozes extends Step {
  constructor(channel: ChannelType, readonly wakeOnReply: boolean) { super(channel); }
  check(model: Model) { return newest(model, this.channel) !== undefined; }
  async act(model: Model, { desk, ids }: Real) {
    const ticket = newest(model, this.channel)!;
    const asked = desk.snooze(ids[this.channel].at(-1)!, { preset: 'later_today', wakeOnReply: this.wakeOnReply });
    if (ticket.status === 'closed') return void (await expect(asked).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' }));
    await asked;
    Object.assign(ticket, { status: 'snoozed', wakesOnReply: this.wakeOnReply, snoozedUntil: model.now + 3 * HOUR });
  }
}

class TimePasses extends Step {
  constructor(readonly seconds: number) { super('sms'); }
  check() { return true; }
  async act(model: Model, { desk }: Real) {
    await desk.rig.advance(this.seconds);
    await desk.rig.heard();
    model.now += this.seconds;
    for (const { channel, tickets } of Object.values(model.lines)) {
      for (const ticket of tickets) {
        const isQuiet = ticket.status === 'open' && !ticket.waiting && ticket.answeredAt !== null;
        const closesItself = (AUTO_CLOSE.channels as readonly string[]).includes(channel) && isQuiet && Math.max(ticket.answeredAt!, ticket.openSince) + AUTO_CLOSE.seconds <= model.now;
        if (ticket.status === 'snoozed' && ticket.snoozedUntil <= model.now) Object.assign(open(ticket, model.now), { unread: true });
        else if (closesItself) Object.assign(ticket, { status: 'closed', unread: null });
      }
    }
  }
  override toString() { return `TimePasses ${this.seconds / HOUR} h`; }
}

describe('the life of tickets', () => {
  let desk: Desk;
  let agents: Actor[];
  beforeAll(async () => {
    desk = await Desk.open();
    agents = [desk.me, await desk.agent('Bob')];
    await desk.set('auto-close', { channels: Object.fromEntries(AUTO_CLOSE.channels.map((channel) => [channel, { afterSeconds: AUTO_CLOSE.seconds }])) });
  });
  afterAll(() => desk?.shut());

  it(`TKT-2 TKT-5 TKT-6 TKT-10 TKT-11 TIME-3 is as the policy says, in any order (PARLEY_MODEL_SEED=${SEED})`, async () => {
    const channel = fc.constantFrom(...CHANNELS);
    const steps = [
      channel.map((one) => new Writes(one)), channel.map((one) => new Writes(one)), fc.constant(new BeginsANewChat('webchat')),
      fc.tuple(channel, fc.nat(1), fc.boolean()).map(([one, agent, keep]) => new Replies(one, agent, keep)),
      channel.map((one) => new Closes(one)), channel.map((one) => new Reopens(one)), fc.tuple(channel, fc.boolean()).map(([one, wake]) => new Snoozes(one, wake)),
      fc.constantFrom(...STEPS).map((seconds) => new TimePasses(seconds)),
    ];
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40 }), (commands) =>
        fc.asyncModelRun(() => ({
          model: { now: 0, lines: Object.fromEntries(CHANNELS.map((one) => [one, { channel: one, tickets: [], lastInbound: 0 }])) as unknown as Model['lines'] },
          real: { desk, agents, customers: Object.fromEntries(CHANNELS.map((one) => [one, desk.customer(one)])) as Real['customers'], ids: Object.fromEntries(CHANNELS.map((one) => [one, []])) as unknown as Real['ids'] },
        }), commands)),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );
  });
});
