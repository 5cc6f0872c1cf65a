import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explain } from '@parley/contracts/explain';
import { spam } from '@parley/contracts/spam';
import { tickets } from '@parley/contracts/tickets';
import { Desk } from './desk.js';

const PITCH = 'Dear sir, we offer SEO services and backlinks to bring your shop to the first page of Google. More website traffic, risk free! Click here: https://bit.ly/x1 https://rank.top/a https://seo.xyz/b';

describe('spam', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
    await desk.set('routing', { roundRobin: true });
  });
  afterAll(() => desk?.shut());
  const pitch = async (channel: 'email' | 'sms' = 'email') => (await desk.customerWrites(desk.customer(channel), PITCH)).ticketId;
  const views = async (id: string) => Promise.all((['mine', 'unassigned', 'all', 'spam'] as const).map(async (view) => (await desk.list({ view, limit: 100 })).items.some((one) => one.id === id)));
  const badge = () => desk.rig.ask(tickets.badge, {});

  it('TKT-20 what scores above the threshold goes to Spam: in no other view, in no badge, with nobody', async () => {
    const before = await badge();
    const id = await pitch();
    expect(await desk.look(id)).toMatchObject({ spam: true, status: 'open', assigneeId: null });
    expect(await views(id)).toEqual([false, false, false, true]);
    expect(await badge()).toEqual(before);
    expect(await desk.told(id)).toEqual(['ticket.created', 'ticket.spam_changed', 'message.received', 'inbound.filed']);
    expect((await desk.filed()).at(-1)).toMatchObject({ outcome: 'spam' });
    expect((await desk.last('ticket.spam_changed')).actor.type).toBe('automation');
    const [decision] = (await desk.rig.ask(explain.explain, { id })).items.filter(({ kind }) => kind === 'spam');
    expect(decision).toMatchObject({ rule: 'TKT-20', outcome: { spam: true }, inputs: { threshold: 0.8 } });
    expect(decision!.inputs['score']).toBeGreaterThanOrEqual(0.8);
    expect(JSON.stringify(decision)).not.toContain('rank.top');
  });

  it('TKT-20 not spam: back in the inbox, unread, with whoever it would have gone to, and nothing twice', async () => {
    const id = await pitch();
    const back = await desk.rig.ask(spam.unmark, { id });
    expect(back).toMatchObject({ spam: false, unread: true, assigneeId: desk.me.id });
    expect(await views(id)).toEqual([true, false, true, false]);
    expect(await desk.told(id)).toEqual(['ticket.created', 'ticket.spam_changed', 'message.received', 'inbound.filed', 'ticket.spam_changed', 'inbound.filed', 'ticket.assigned']);
    expect(await desk.rig.ask(spam.unmark, { id })).toMatchObject({ version: back.version });
  });

  it('OPS-6 TKT-20 not spam: the books are told that its messages stand in a thread, and of keywords that they were keywords', async () => {
    const customer = desk.customer('sms');
    const { ticketId, inboundId } = await desk.customerWrites(customer, PITCH);
    const { inboundId: stop } = await desk.customerWrites(customer, 'STOP', { keyword: 'stop' });
    const outcomes = async () => new Map((await desk.filed()).map((fact) => [(fact as { inboundId: string }).inboundId, (fact as { outcome: string }).outcome]));
    expect([(await outcomes()).get(inboundId), (await outcomes()).get(stop)]).toEqual(['spam', 'spam']);
    await desk.rig.ask(spam.unmark, { id: ticketId });
    expect([(await outcomes()).get(inboundId), (await outcomes()).get(stop)]).toEqual(['thread', 'keyword']);
  });

  it('TKT-20 spam, says an agent: timers stop, and come back with the ticket', async () => {
    await desk.set('auto-close', { channels: { email: { afterSeconds: 3600 } } });
    const { id } = await desk.ticket('email');
    await desk.reply(id, 'We are looking into it');
    expect(await desk.timers(id)).toHaveLength(1);
    const { version } = await desk.look(id);
    await expect(desk.rig.ask(spam.mark, { id, ifMatch: version - 1 })).rejects.toMatchObject({ code: 'VERSION_STALE' });
    expect(await desk.rig.ask(spam.mark, { id, ifMatch: version })).toMatchObject({ spam: true, version: version + 1 });
    expect(await desk.timers(id)).toHaveLength(0);
    await desk.rig.ask(spam.unmark, { id });
    expect(await desk.timers(id)).toHaveLength(1);
  });

  it('TKT-20 a conversation in which nobody has answered yet becomes spam by its second message; one that was answered never does', async () => {
    const [stranger, known] = [await desk.ticket('sms'), await desk.ticket('sms')];
    await desk.consent(known.profile.id, 'sms_transactional', 'granted');
    await desk.reply(known.id, 'Hello');
    for (const { customer } of [stranger, known]) await desk.customerWrites(customer, PITCH);
    expect([(await desk.look(stranger.id)).spam, (await desk.look(known.id)).spam]).toEqual([true, false]);
  });

  it('TKT-20 what is written to a ticket in Spam stays there, and nobody is given it', async () => {
    const customer = desk.customer('sms');
    const { ticketId } = await desk.customerWrites(customer, PITCH);
    await desk.close(ticketId);
    await desk.customerWrites(customer, 'Hello? Are you there?');
    expect(await desk.look(ticketId)).toMatchObject({ spam: true, status: 'open', assigneeId: null });
  });

  it('TKT-20 the threshold is a setting; without one nothing is spam', async () => {
    await desk.set('inbox', { spamThreshold: null });
    expect(await desk.look(await pitch())).toMatchObject({ spam: false });
    await desk.set('inbox', { spamThreshold: 0.8 });
    expect(await desk.look(await pitch())).toMatchObject({ spam: true });
    await expect(desk.set('inbox', { spamThreshold: 0.1 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('TKT-20 both decisions train the filter of the account, a changed mind in place of the first', async () => {
    const trained = await Desk.open();
    const tell = async (text: string, isSpam: boolean) => {
      const { ticketId: id } = await trained.customerWrites(trained.customer('email'), text);
      await trained.rig.ask(isSpam ? spam.mark : spam.unmark, { id });
      return id;
    };
    const offer = 'Greetings esteemed partner, our factory produces premium titanium widgets wholesale';
    const order = 'Hello, my parcel with the green jacket never arrived';
    for (let n = 0; n < 5; n++) {
      await tell(`${offer} number ${n}`, true);
      await tell(`${order} since day ${n}`, false);
    }
    const judged = async (text: string) => (await trained.look((await trained.customerWrites(trained.customer('email'), text)).ticketId)).spam;
    expect([await judged('Our factory sells titanium widgets wholesale, esteemed partner'), await judged('The parcel with my green jacket is late')]).toEqual([true, false]);
    const id = await tell(offer, true);
    await trained.rig.ask(spam.unmark, { id });
    const [counts] = await trained.rig.tx((tx) => tx.sql('SELECT spam, ham FROM desk_state WHERE account_id = $1', [trained.rig.account]));
    expect(counts).toEqual({ spam: 5, ham: 6 });
    await trained.shut();
  });
});
