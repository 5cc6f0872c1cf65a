import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routingRules, teams, type RoutingRule } from '@parley/contracts/assignment';
import type { AcceptedMessage } from '@parley/contracts/channels';
import type { Actor, Ask } from '@parley/contracts/contract';
import { explain } from '@parley/contracts/explain';
import { segments } from '@parley/contracts/segments';
import { tickets } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { system } from '@parley/service/tx';
import { ConversationService } from '../src/conversation/conversation.service.js';
import { ticketsApp } from '../src/tickets.app.js';
import { Desk } from './desk.js';

const ALWAYS = { weekly: Object.fromEntries(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, [{ from: '00:00', to: '24:00' }]])) };
const NEVER = { weekly: {} };

/** A desk of its own: who is online and whose turn it is belong to one account. */
const open = async (routing: Record<string, unknown>) => {
  const desk = await Desk.open();
  await goes(desk, desk.me.id!, 'offline');
  await desk.set('routing', routing);
  return desk;
};
const goes = (desk: Desk, id: string, availability: 'online' | 'offline') => desk.agent('Somebody', { id, availability });
const reading = async (desk: Desk, id: string) => (await desk.look(id)).assigneeId;
const assigned = (desk: Desk, id: string, to: string | null) => desk.rig.until(async () => (await reading(desk, id)) === to, `${id} to be with ${to}`);
const kinds = async (desk: Desk, id: string) => (await desk.rig.ask(explain.explain, { id })).items;

describe('teams and rules', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());
  const rule = (more: Partial<Ask<typeof routingRules.create>>): Promise<RoutingRule> => desk.rig.ask(routingRules.create, { name: 'Rule', actions: { priority: 'high' }, ...more });
  const clear = async () => {
    for (const { id, version } of (await desk.rig.ask(routingRules.list, { limit: 100 })).items) await desk.rig.ask(routingRules.remove, { id, ifMatch: version });
  };

  it('RTE-1 teams have a name, members who work tickets, and hours', async () => {
    const bea = await desk.agent('Bea');
    const analyst = await desk.agent('Ann', { role: 'analyst' });
    const made = await desk.rig.ask(teams.create, { name: 'Returns', memberIds: [bea.id!, bea.id!], officeHours: ALWAYS });
    expect(made).toMatchObject({ name: 'Returns', memberIds: [bea.id], version: 1, officeHours: { holidays: [] } });
    await expect(desk.rig.ask(teams.create, { name: 'Returns' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(desk.rig.ask(teams.create, { name: 'Numbers', memberIds: [analyst.id!] })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await expect(desk.rig.ask(teams.create, { name: 'Odd', officeHours: { weekly: { monday: [{ from: '10:00', to: '12:00' }, { from: '11:00', to: '13:00' }] } } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(desk.rig.ask(teams.update, { id: made.id, ifMatch: 9, name: 'R' })).rejects.toMatchObject({ code: 'VERSION_STALE' });
    expect(await desk.rig.ask(teams.update, { id: made.id, ifMatch: 1, name: 'Back office', officeHours: null })).toMatchObject({ name: 'Back office', officeHours: null, version: 2 });
    expect((await desk.rig.ask(teams.list, {})).items.map(({ name }) => name)).toContain('Back office');
    const named = await rule({ actions: { teamId: made.id } });
    await expect(desk.rig.ask(teams.remove, { id: made.id, ifMatch: 2 })).rejects.toMatchObject({ code: 'TEAM_IN_USE' });
    await desk.rig.ask(routingRules.remove, { id: named.id, ifMatch: 1 });
    await desk.rig.ask(teams.remove, { id: made.id, ifMatch: 2 });
    await expect(desk.rig.ask(teams.get, { id: made.id })).rejects.toMatchObject({ code: 'TEAM_NOT_FOUND' });
  });

  it('RTE-1 a ticket is given to teams that there are', async () => {
    const { id, version } = await desk.ticket('sms');
    await expect(desk.rig.ask(tickets.update, { id, ifMatch: version, teamId: newId() })).rejects.toMatchObject({ code: 'TEAM_NOT_FOUND' });
    const team = await desk.rig.ask(teams.create, { name: 'Texts' });
    expect(await desk.rig.ask(tickets.update, { id, ifMatch: version, teamId: team.id })).toMatchObject({ teamId: team.id });
  });

  it('RTE-2 rules stand in an order that can be changed', async () => {
    const [a, b, c] = [await rule({ name: 'a' }), await rule({ name: 'b' }), await rule({ name: 'c', position: 1 })];
    const names = async () => (await desk.rig.ask(routingRules.list, {})).items.map(({ name }) => name);
    expect(await names()).toEqual(['c', 'a', 'b']);
    await desk.rig.ask(routingRules.update, { id: c.id, ifMatch: 1, position: 99 });
    expect(await names()).toEqual(['a', 'b', 'c']);
    await desk.rig.ask(routingRules.update, { id: b.id, ifMatch: 1, position: 1 });
    expect(await names()).toEqual(['b', 'a', 'c']);
    await desk.rig.ask(routingRules.remove, { id: b.id, ifMatch: 2 });
    expect((await desk.rig.ask(routingRules.list, {})).items.map(({ name, position }) => [name, position])).toEqual([['a', 1], ['c', 2]]);
    await expect(rule({ actions: { teamId: newId() } })).rejects.toMatchObject({ code: 'TEAM_NOT_FOUND' });
    await expect(rule({ actions: { assigneeId: newId() } })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await expect(rule({ actions: {} })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(desk.rig.ask(routingRules.get, { id: b.id })).rejects.toMatchObject({ code: 'RULE_NOT_FOUND' });
    expect(await desk.rig.ask(routingRules.get, { id: a.id })).toMatchObject({ name: 'a' });
    await clear();
  });

  it('RTE-2 the first rule that holds gives a new ticket its team, person, tags and priority; tickets of before stay as they are', async () => {
    const before = await desk.ticket('sms');
    const bea = await desk.agent('Bea', { availability: 'offline' });
    const team = await desk.rig.ask(teams.create, { name: 'Refunds' });
    await rule({ name: 'mail only', conditions: { channels: ['email'] }, actions: { priority: 'low' } });
    const refunds = await rule({ name: 'refunds', conditions: { text: ['refund'] }, actions: { teamId: team.id, assigneeId: bea.id!, tags: ['money'], priority: 'urgent' } });
    await rule({ name: 'all', actions: { priority: 'low' } });
    const { ticketId } = await desk.customerWrites(desk.customer('sms'), 'I would like a refund, please. My shoes are too small.');
    expect(await desk.look(ticketId)).toMatchObject({ teamId: team.id, assigneeId: bea.id, tags: ['money'], priority: 'urgent', unread: true });
    expect((await desk.told(ticketId)).slice(0, 2)).toEqual(['ticket.created', 'ticket.assigned']);
    expect((await desk.last('ticket.assigned')).actor).toEqual({ type: 'automation', id: null });
    expect(await kinds(desk, ticketId)).toContainEqual(expect.objectContaining({ kind: 'routing', rule: `routing-rule/${refunds.id}`, ruleVersion: 1, outcome: { teamId: team.id, assigneeId: bea.id, tags: ['money'], priority: 'urgent' } }));
    expect((await desk.rig.ask(explain.timeline, { id: ticketId })).items).toContainEqual(expect.objectContaining({ type: 'ticket.tagged', actor: { type: 'automation', id: null }, changes: { tags: { from: [], to: ['money'] } } }));
    expect(await desk.look(before.id)).toMatchObject({ version: before.version, teamId: null, priority: 'normal', tags: [] });
    await desk.rig.ask(routingRules.update, { id: refunds.id, ifMatch: 1, enabled: false });
    const after = await desk.customerWrites(desk.customer('sms'), 'I would like a refund, too.');
    expect(await desk.look(after.ticketId)).toMatchObject({ teamId: null, priority: 'low' });
    expect(await desk.look(ticketId)).toMatchObject({ teamId: team.id, priority: 'urgent' });
    await clear();
  });

  it('RTE-2 PRO-8 a rule asks for the segments that the customer is in', async () => {
    const segment = await desk.rig.ask(segments.create, { name: 'Texters who agreed', condition: { all: [{ of: 'consent', kind: 'sms_transactional', state: 'granted' }] } });
    await rule({ name: 'vip', conditions: { segmentIds: [segment.id] }, actions: { priority: 'urgent' } });
    const customer = desk.customer('email');
    const first = await desk.ticket('email', customer);
    await desk.consent(first.profile.id, 'sms_transactional', 'granted');
    const second = await desk.ticket('email', { ...customer, threadId: desk.customer('email').threadId });
    expect([first.priority, second.priority]).toEqual(['normal', 'urgent']);
    expect((await desk.rig.ask(routingRules.simulate, { newest: 1 })).items).toMatchObject([{ ticketId: second.id, matched: { name: 'vip' } }]);
    await clear();
  });

  it('RTE-2 reopened tickets are asked of the rules that want it', async () => {
    const { id, customer } = await desk.ticket('sms');
    await desk.close(id);
    await rule({ name: 'new ones', actions: { priority: 'low' } });
    await rule({ name: 'again', onReopened: true, actions: { priority: 'high' } });
    await desk.customerWrites(customer, 'It is broken again');
    expect(await desk.look(id)).toMatchObject({ status: 'open', priority: 'high' });
    await clear();
  });

  it('RTE-7 rules are tried on a sample and on past tickets without effect, and say why', async () => {
    const past = await desk.customerWrites(desk.customer('email'), 'Guten Tag, wann kommt meine Bestellung endlich an?');
    const before = await desk.look(past.ticketId);
    const facts = (await desk.rig.facts()).length;
    const rules = [{ name: 'texts', conditions: { channels: ['sms' as const] }, actions: { priority: 'low' as const } }, { name: 'German', conditions: { languages: ['de'] }, actions: { priority: 'high' as const } }];
    const tried = await desk.rig.ask(routingRules.simulate, { rules, newest: 1 });
    expect(tried.items).toEqual([
      {
        ticketId: past.ticketId, number: before.number, matched: { id: null, name: 'German', place: 2 }, actions: { priority: 'high' },
        why: [
          { id: null, name: 'texts', holds: false, reasons: [{ condition: 'channels', wanted: ['sms'], found: 'email', holds: false }] },
          { id: null, name: 'German', holds: true, reasons: [{ condition: 'languages', wanted: ['de'], found: 'de', holds: true }] },
        ],
      },
    ]);
    const sample = await desk.rig.ask(routingRules.simulate, { rules, sample: { channel: 'sms', text: 'Hello' } });
    expect(sample.items).toMatchObject([{ ticketId: null, matched: { name: 'texts', place: 1 } }]);
    expect((await desk.rig.ask(routingRules.simulate, { sample: { channel: 'sms' } })).items).toMatchObject([{ matched: null, why: [] }]);
    expect(await desk.look(past.ticketId)).toEqual(before);
    expect((await desk.rig.facts()).length).toBe(facts);
  });
});

describe('round robin', () => {
  let desk: Desk;
  let replica: Rig;
  beforeAll(async () => {
    desk = await open({ roundRobin: true });
    replica = await rig(ticketsApp, { replicaOf: desk.rig });
  });
  afterAll(async () => {
    await replica?.close();
    await desk?.shut();
  });

  /** Of everything that was given since the last look, in the order of turns: every window. */
  let looked = 0;
  const isFair = async (people: Actor[], count: number) => {
    const turns = await desk.rig.tx((tx) =>
      tx.sql<{ agent: string; turn: number }>(`SELECT outcome ->> 'assigneeId' AS agent, (inputs ->> 'turn')::bigint AS turn FROM decision WHERE account_id = $1 AND rule = 'RTE-3' AND (inputs ->> 'turn')::bigint > $2 ORDER BY 2`, [desk.rig.account, looked]),
    );
    expect(turns).toHaveLength(count);
    expect(new Set(turns.map(({ turn }) => turn)).size).toBe(count);
    looked = turns.at(-1)!.turn;
    for (let from = 0; from < count; from++) {
      const counts = new Map(people.map(({ id }) => [id!, 0]));
      for (const { agent } of turns.slice(from)) {
        counts.set(agent, counts.get(agent)! + 1);
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }
    }
  };

  it('RTE-3 8 concurrent openers at two replicas: counts over every window differ by at most one', async () => {
    const people = await Promise.all(['Bea', 'Cem', 'Dia'].map((name) => desk.agent(name)));
    const opening = async (n: number) => {
      const service = (n % 2 ? replica : desk.rig).app.get(ConversationService);
      const messages: AcceptedMessage[] = [];
      for (let k = 0; k < 15; k++) messages.push(await desk.message(desk.customer('sms'), 'Hello'));
      for (const message of messages) await (n % 2 ? replica : desk.rig).tx((tx) => service.receive(tx, message, newId()), system(desk.rig.account));
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => opening(n)));
    await isFair(people, 120);
    const stands = await desk.rig.tx((tx) => tx.sql<{ count: number }>('SELECT count(*) FROM ticket WHERE account_id = $1 AND assignee_id = ANY ($2::uuid[]) GROUP BY assignee_id', [desk.rig.account, people.map(({ id }) => id)]));
    expect(stands.map(({ count }) => count)).toEqual([40, 40, 40]);
    for (const { id } of people) await goes(desk, id!, 'offline');
  });

  it('RTE-3 RTE-6 8 at a time reopened at two replicas are shared as evenly', async () => {
    const zed = await desk.agent('Zed');
    const customers = Array.from({ length: 24 }, () => desk.customer('sms'));
    for (const customer of customers) await desk.close((await desk.ticket('sms', customer)).id, zed);
    await isFair([zed], 24);
    await goes(desk, zed.id!, 'offline');
    await desk.set('routing', { reopened: 'round_robin' });
    const people = await Promise.all(['Kim', 'Lea', 'Mia'].map((name) => desk.agent(name)));
    const again = await Promise.all(customers.map((customer) => desk.message(customer, 'Once more')));
    const reopening = async (n: number) => {
      const at = n % 2 ? replica : desk.rig;
      for (const message of again.filter((_, k) => k % 8 === n)) await at.tx((tx) => at.app.get(ConversationService).receive(tx, message, newId()), system(desk.rig.account));
    };
    await Promise.all(Array.from({ length: 8 }, (_, n) => reopening(n)));
    await isFair(people, 24);
    await desk.set('routing', { reopened: 'keep' });
    for (const { id } of people) await goes(desk, id!, 'offline');
  });

  it('RTE-3 a routed ticket goes to somebody of its team', async () => {
    const [bea, cem] = [await desk.agent('Bea'), await desk.agent('Cem')];
    const team = await desk.rig.ask(teams.create, { name: 'Mail', memberIds: [cem.id!] });
    await desk.rig.ask(routingRules.create, { name: 'mail', conditions: { channels: ['email'] }, actions: { teamId: team.id } });
    for (let n = 0; n < 3; n++) expect(await reading(desk, (await desk.ticket('email')).id)).toBe(cem.id);
    expect(new Set([await reading(desk, (await desk.ticket('sms')).id), await reading(desk, (await desk.ticket('sms')).id)])).toEqual(new Set([bea.id, cem.id]));
    for (const { id } of [bea, cem]) await goes(desk, id!, 'offline');
  });

  it('RTE-5 with nobody there tickets wait; whoever comes online gets them, the oldest first', async () => {
    const waiting = [await desk.ticket('sms'), await desk.ticket('sms'), await desk.ticket('sms')];
    expect((await desk.list({ view: 'unassigned' })).items.map(({ id }) => id)).toEqual(expect.arrayContaining(waiting.map(({ id }) => id)));
    const eve = await desk.agent('Eve');
    for (const { id } of waiting) await assigned(desk, id, eve.id);
    const order = (await desk.rig.facts('ticket.assigned')).filter(({ ticket }) => waiting.some(({ id }) => id === ticket)).sort((a, b) => a.id.localeCompare(b.id));
    expect(order.map(({ ticket }) => ticket)).toEqual(waiting.map(({ id }) => id));
    expect(order.every(({ actor }) => actor.type === 'automation')).toBe(true);
    await goes(desk, eve.id!, 'offline');
  });

  it('RTE-3 RTE-5 nobody is given more than the capacity; room that becomes free goes to whoever waits longest', async () => {
    await desk.set('routing', { capacity: 2 });
    const fay = await desk.agent('Fay');
    const four = [await desk.ticket('sms'), await desk.ticket('sms'), await desk.ticket('sms'), await desk.ticket('sms')];
    expect(await Promise.all(four.map(({ id }) => reading(desk, id)))).toEqual([fay.id, fay.id, null, null]);
    await desk.close(four[0]!.id);
    await assigned(desk, four[2]!.id, fay.id);
    expect(await reading(desk, four[3]!.id)).toBeNull();
    await desk.snooze(four[1]!.id, { preset: 'tomorrow' });
    await assigned(desk, four[3]!.id, fay.id);
    await desk.set('routing', { capacity: null });
    await goes(desk, fay.id!, 'offline');
  });

  it('RTE-4 RTE-5 web chats are handed out within office hours only; the others whenever somebody is there', async () => {
    await desk.set('routing', { officeHours: NEVER });
    const gus = await desk.agent('Gus');
    const [chat, text] = [await desk.ticket('webchat'), await desk.ticket('sms')];
    expect([await reading(desk, chat.id), await reading(desk, text.id)]).toEqual([null, gus.id]);
    expect(await kinds(desk, chat.id)).toContainEqual(expect.objectContaining({ kind: 'assignment', rule: 'RTE-4', outcome: { assigneeId: null, waits: true } }));
    await desk.set('routing', { officeHours: ALWAYS });
    await assigned(desk, chat.id, gus.id);
    await desk.set('routing', { officeHours: null });
    await goes(desk, gus.id!, 'offline');
  });

  it('RTE-5 many who come online at once, at two replicas, share what waits, and each ticket has one of them', async () => {
    const waiting = await Promise.all(Array.from({ length: 12 }, () => desk.message(desk.customer('sms'), 'Hello')));
    await desk.arrive(...waiting);
    const people = await Promise.all(['Hal', 'Ida', 'Jan'].map((name) => desk.agent(name)));
    const holders = () => desk.rig.tx((tx) => tx.sql<{ assignee_id: string | null }>('SELECT t.assignee_id FROM ticket t JOIN message m ON m.ticket_id = t.id WHERE m.id = ANY ($1::uuid[])', [waiting.map(({ inboundId }) => inboundId)]));
    const all = await desk.rig.until(async () => {
      const found = await holders();
      return found.every(({ assignee_id: id }) => id !== null) && found;
    }, 'all to have somebody');
    expect(all).toHaveLength(12);
    expect(all.every(({ assignee_id: id }) => people.some((one) => one.id === id))).toBe(true);
    for (const { id } of people) await goes(desk, id!, 'offline');
  });
});

describe('reopened tickets', () => {
  let desk: Desk;
  let bea: Actor;
  beforeAll(async () => {
    desk = await open({ roundRobin: true });
    bea = await desk.agent('Bea');
  });
  afterAll(() => desk?.shut());

  it.each<{ setting: string; online: boolean; to: 'assignee' | 'nobody' | 'another' }>`
    rule       | setting          | online   | to
    ${'RTE-6'} | ${'round_robin'} | ${true}  | ${'assignee'}
    ${'RTE-6'} | ${'team'}        | ${true}  | ${'assignee'}
    ${'RTE-6'} | ${'keep'}        | ${false} | ${'assignee'}
    ${'RTE-6'} | ${'team'}        | ${false} | ${'nobody'}
    ${'RTE-6'} | ${'round_robin'} | ${false} | ${'another'}
  `('$rule set to $setting, while the assignee is online: $online, go to $to', async ({ setting, online, to }) => {
    await goes(desk, bea.id!, 'online');
    const { id, customer } = await desk.ticket('sms');
    expect(await reading(desk, id)).toBe(bea.id);
    await desk.close(id, bea);
    await desk.set('routing', { reopened: setting });
    const another = await desk.agent('Cem');
    await goes(desk, bea.id!, online ? 'online' : 'offline');
    await desk.customerWrites(customer, 'One more thing');
    expect(await desk.look(id)).toMatchObject({ status: 'open', assigneeId: { assignee: bea.id, nobody: null, another: another.id }[to] });
    expect(await kinds(desk, id)).toContainEqual(expect.objectContaining({ kind: 'assignment', rule: 'RTE-6', inputs: expect.objectContaining({ setting, online }) }));
    await goes(desk, another.id!, 'offline');
  });
});
