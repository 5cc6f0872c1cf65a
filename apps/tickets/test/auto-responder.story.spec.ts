import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { customerEvents } from '@parley/contracts/customer-events';
import { linkEvents } from '@parley/contracts/links';
import { spam } from '@parley/contracts/spam';
import { textingEvents } from '@parley/contracts/texting';
import { newId } from '@parley/service/ids';
import { rig } from '@parley/service/testing/rig';
import { ticketsApp } from '../src/tickets.app.js';
import { Desk, type Customer } from './desk.js';

describe('texts that are answered by themselves', () => {
  let desk: Desk;
  let version = 10;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  /** A number of ours, with these settings. */
  async function number(settings: object, id = newId()) {
    const data = { id, type: 'sms' as const, provider: 'test', name: 'sms', enabled: true, address: null, settings: { ...settings }, webhookUrl: null, forwardingAddress: null, widgetKey: null, createdAt: '2026-11-01T00:00:00.000Z', version: ++version };
    await desk.rig.say(channelEvents.channelCreated, { key: id, data });
    await desk.rig.heard();
    return id;
  }
  const responder = (autoResponder: object) => number({ autoResponder });
  const customerOf = (channelId: string, more: Partial<Customer> = {}) => desk.customer('sms', { channelId, ...more });
  const texts = async (ticketId: string) => (await desk.thread(ticketId)).items.map(({ author, text }) => `${author.type}: ${text}`);

  it('SMS-3 TKT-9 the answer stands in the thread, with words filled in, and the customer waits on', async () => {
    const mia = customerOf(await responder({ text: 'Hi {{profile.first_name|default:"there"}}, write to {{account.sender_email}}. {{account.name}}' }), { name: 'Mia Meier' });
    const { ticketId } = await desk.customerWrites(mia, 'Where is my order?');
    expect(await texts(ticketId)).toEqual(['customer: Where is my order?', 'automation: Hi Mia, write to help@shop.example. Shop']);
    expect(await desk.look(ticketId)).toMatchObject({ unread: true, waitingSince: expect.any(String), firstResponseAt: null, assigneeId: null, preview: 'Where is my order?' });
    expect((await desk.last('message.sent')).data).toMatchObject({ route: { to: mia.from[0] }, message: { author: { type: 'automation', id: null } } });
  });

  it('SMS-3 the standard text says where to write and how to cancel', async () => {
    const { ticketId } = await desk.customerWrites(customerOf(await responder({})), 'Hello');
    expect((await texts(ticketId)).at(-1)).toBe('automation: This inbox is not monitored. Write to help@shop.example. Reply STOP to cancel.');
  });

  it('SMS-3 at most once an hour and person: the next comes when the hour is full', async () => {
    const mia = customerOf(await responder({ text: 'Auto' }));
    const { ticketId } = await desk.customerWrites(mia, 'One');
    await desk.customerWrites(mia, 'Two');
    await desk.rig.advance(3300);
    await desk.customerWrites(mia, 'Three');
    expect(await texts(ticketId)).toEqual(['customer: One', 'automation: Auto', 'customer: Two', 'customer: Three']);
    await desk.rig.advance(300);
    await desk.customerWrites(mia, 'Four');
    expect((await texts(ticketId)).slice(4)).toEqual(['customer: Four', 'automation: Auto']);
    await desk.rig.advance(-3600);
  });

  it('SMS-3 exactly one answer to twenty texts at once by two numbers, heard by two replicas', async () => {
    const replica = await rig(ticketsApp, { replicaOf: desk.rig });
    try {
      const [one, two] = [await responder({ text: 'Only one' }), await responder({ text: 'Only one' })];
      const mia = customerOf(one);
      await desk.arrive(...(await Promise.all(Array.from({ length: 20 }, (_, n) => desk.message({ ...mia, channelId: n % 2 ? one : two }, `Text ${n}`)))));
      const sent = (await desk.rig.facts('message.sent')).filter(({ data }) => (data as { message: { text: string } }).message.text === 'Only one');
      expect(sent).toHaveLength(1);
    } finally {
      await replica.close();
    }
  });

  it('SMS-3 not_consented speaks only to those whom nobody may answer', async () => {
    const channelId = await responder({ audience: 'not_consented', text: 'No consent' });
    const [stranger, subscriber] = [customerOf(channelId), customerOf(channelId)];
    const first = await desk.customerWrites(stranger, 'Hello');
    expect((await texts(first.ticketId)).at(-1)).toBe('automation: No consent');
    await desk.customerWrites(subscriber, 'JOIN', { keyword: 'join' });
    const second = await desk.customerWrites(subscriber, 'Hello');
    expect((await texts(second.ticketId)).filter((text) => text.startsWith('automation'))).toEqual([]);
  });

  it.each([
    ['keywords', 'HELP', { keyword: 'help' as const }],
    ['machines', 'Out of office', { automatic: 'auto_reply' as const }],
    ['alphanumeric senders', 'Your code is 1', { from: [{ type: 'alnum' as const, value: 'ACMEBANK', verified: false }] }],
  ])('SMS-3 never answers %s', async (_, text, more) => {
    const mia = customerOf(await responder({ text: 'Never' }));
    const { ticketId } = await desk.customerWrites(mia, 'First');
    await desk.rig.advance(4000);
    await desk.customerWrites(mia, text, more);
    await desk.rig.advance(-4000);
    expect((await texts(ticketId)).filter((one) => one.startsWith('automation'))).toHaveLength(1);
  });

  it('SMS-3 never answers somebody who opted out, who is blocked, or a channel that is switched off', async () => {
    const channelId = await responder({ text: 'Never' });
    const gone = customerOf(channelId);
    await desk.customerWrites(gone, 'STOP', { keyword: 'stop' });
    const { ticketId } = await desk.customerWrites(gone, 'Why do you write to me?');
    expect(await texts(ticketId)).toEqual(['customer: STOP', 'customer: Why do you write to me?']);
    expect((await desk.rig.facts('message.sent')).filter(({ data }) => (data as { message: { text: string } }).message.text === 'Never' && (data as { ticket: { id: string } }).ticket.id === ticketId)).toEqual([]);
  });

  it('SMS-3 TKT-20 spam is not answered until somebody says that it is none', async () => {
    await desk.set('inbox', { spamThreshold: 0.5 });
    const mia = customerOf(await responder({ text: 'Held back' }));
    const lure = 'CONGRATULATIONS WINNER!!! You have won $1,000,000 in cash! Claim your FREE prize NOW at http://bit.ly/win-cash http://1.2.3.4/claim viagra casino bitcoin loan click here';
    const { ticketId } = await desk.customerWrites(mia, lure);
    const ticket = await desk.look(ticketId);
    expect([ticket.spam, (await texts(ticketId)).length]).toEqual([true, 1]);
    await desk.rig.ask(spam.unmark, { id: ticketId, ifMatch: ticket.version });
    expect((await texts(ticketId)).at(-1)).toBe('automation: Held back');
    await desk.set('inbox', { spamThreshold: 0.8 });
  });

  it('SMS-2 TKT-9 what a keyword was answered stands in the thread, at its place once there is one, and no campaign is answered by it', async () => {
    const channelId = await number({});
    const mia = customerOf(channelId);
    const stop = await desk.customerWrites(mia, 'STOP', { keyword: 'stop' });
    const answer = { messageId: newId(), inboundId: stop.inboundId, channelId, to: mia.from[0]!, keyword: 'stop' as const, text: 'You are unsubscribed', sentAt: (await desk.now()).toISOString() };
    await desk.rig.say(textingEvents.keywordAnswered, { key: 'k', data: answer });
    await desk.rig.heard();
    const { ticketId } = await desk.customerWrites(mia, 'One question, though');
    expect(await texts(ticketId)).toEqual(['customer: STOP', 'automation: You are unsubscribed', 'customer: One question, though']);
    const ticket = await desk.look(ticketId);
    expect(ticket.attribution).toBeNull();
    const { items } = await desk.rig.ask(customerEvents.timeline, { id: ticket.profile.id });
    expect(items.filter(({ metric }) => metric === 'Received SMS')).toHaveLength(1);
    await desk.rig.say(textingEvents.keywordAnswered, { key: 'k', data: { ...answer, messageId: newId(), text: 'Subscribed again' } });
    await desk.rig.heard();
    expect((await texts(ticketId)).at(-1)).toBe('automation: Subscribed again');
  });

  it('SMS-4 PRO-3 a followed link stands in the timeline, once', async () => {
    const { profile, id: ticketId } = await desk.ticket('sms');
    const click = { clickId: newId(), messageId: newId(), ticketId, profileId: profile.id, channelId: desk.channels.sms, url: 'https://shop.example/order/1', clickedAt: '2026-11-20T10:00:00.000Z' };
    for (let n = 0; n < 2; n++) await desk.rig.say(linkEvents.clicked, { key: profile.id, data: click });
    await desk.rig.heard();
    const { items } = await desk.rig.ask(customerEvents.timeline, { id: profile.id, metric: 'Clicked SMS' });
    expect(items).toEqual([{ id: click.clickId, metric: 'Clicked SMS', at: click.clickedAt, origin: 'parley', properties: { url: click.url, messageId: click.messageId, ticketId } }]);
  });
});
