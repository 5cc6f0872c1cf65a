import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { accessEvents } from '@parley/contracts/access';
import { messageEvents, type Message } from '@parley/contracts/messages';
import { settingsEvents } from '@parley/contracts/settings';
import { spamEvents } from '@parley/contracts/spam';
import { ticketEvents, type TicketSnapshot } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { openMailbox, type Mailbox } from './mailbox.js';
import { aSnapshot, openOutpost, type Outpost } from './outpost.js';

let mailbox: Mailbox;
let outpost: Outpost;
let version = 0;
beforeAll(async () => {
  mailbox = await openMailbox();
  outpost = await openOutpost({ PARLEY_OUTBOUND_SMTP_URL: mailbox.url });
  await outpost.accountIs();
});
afterAll(async () => {
  await outpost.close();
  await mailbox.close();
});
beforeEach(async () => {
  mailbox.refuses();
  await want({});
  mailbox.received.length = 0;
});

async function want(values: object) {
  await outpost.say(settingsEvents.changed, { key: 'settings/notifications', data: { area: 'notifications', values: { notifyOn: 'nothing', recipients: [], mentions: true, from: null, ...values }, version: ++version } });
  await outpost.heard();
}
async function colleague(more: { active?: boolean; id?: string; email?: string } = {}) {
  const id = more.id ?? newId();
  const user = { id, email: `${id}@shop.example`, name: 'Bob', role: 'support' as const, availability: 'offline' as const, active: true, createdAt: '2026-03-01T09:00:00.000Z', ...more, version: ++version };
  await outpost.say(accessEvents.userUpdated, { key: id, data: user });
  await outpost.heard();
  return user;
}
const aMessage = (ticket: TicketSnapshot, more: Partial<Message> = {}): Message => ({
  id: newId(), ticketId: ticket.id, seq: 1, direction: 'inbound', author: { type: 'customer', id: ticket.profile.id, name: 'Kim' }, text: 'Where is my order?', html: null, truncated: false, attachments: [], details: [],
  inReplyTo: null, newText: null, retryOf: null, retriedAs: null, reactions: [], editedAt: null, deletedAt: null, keyword: null, automatic: null, note: null, delivery: null, occurredAt: '2026-03-01T09:00:00.000Z', receivedAt: '2026-03-01T09:00:00.000Z', readAt: null, ...more,
});
/** A customer writes, as tickets tells it: the ticket, if it is new, and the message. */
async function customerWrites(more: { ticket?: Partial<TicketSnapshot>; isNew?: boolean; message?: Partial<Message> } = {}) {
  const ticket = aSnapshot(more.ticket);
  if (more.isNew ?? true) await outpost.say(ticketEvents.created, { key: ticket.id, ticket: ticket.id, data: ticket });
  await outpost.say(messageEvents.received, { key: ticket.id, ticket: ticket.id, data: { message: aMessage(ticket, more.message), ticket, sessionId: null } });
  await outpost.heard();
  return ticket;
}
async function note(mentions: string[], more: { id?: string; by?: string } = {}) {
  const ticket = aSnapshot({ number: 12 });
  const data = { note: { id: more.id ?? newId(), ticketId: ticket.id, afterSeq: 1, author: { id: more.by ?? newId(), name: 'Ada' }, text: 'Can you look?', mentions, createdAt: '2026-03-01T09:00:00.000Z' }, ticket };
  await outpost.say(messageEvents.noteAdded, { key: ticket.id, ticket: ticket.id, data });
  await outpost.heard();
  return data;
}
const subjects = () => mailbox.received.map(({ to, mail }) => `${to.join()}: ${mail.subject}`).sort();
const settled = () => outpost.until(async () => (await outpost.db.query('SELECT FROM mail_due WHERE account_id = $1', [outpost.account])).length === 0, 'every mail to be over');
const tried = (times: number) => outpost.until(async () => (await outpost.db.query('SELECT FROM mail_due WHERE account_id = $1 AND attempt >= $2 AND lease_until IS NULL', [outpost.account, times])).length, `try ${times}`);

it('NTF-1 nobody is told of anything unless the account says so', async () => {
  await customerWrites();
  await settled();
  expect(subjects()).toEqual([]);
});

it('NTF-1 new tickets: each recipient, however many, gets one mail of their own per ticket, and none for what follows', async () => {
  const recipients = Array.from({ length: 12 }, (_, n) => `desk${n}@shop.example`);
  await want({ notifyOn: 'new_tickets', recipients });
  const ticket = await customerWrites({ ticket: { number: 7 } });
  await customerWrites({ ticket: { ...ticket, version: 2 }, isNew: false });
  await settled();
  expect(subjects()).toEqual(recipients.map((to) => `${to}: New ticket #7 from Kim`).sort());
  const [{ raw, mail }] = mailbox.received as [(typeof mailbox.received)[0]];
  expect(raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
  expect(mail.text).toContain('Hello');
});

it('NTF-1 every message: the first and each that follows, but not what programs and keywords write', async () => {
  await want({ notifyOn: 'every_message', recipients: ['desk@shop.example'], from: 'inbox@shop.example' });
  const ticket = await customerWrites({ ticket: { number: 8 } });
  for (const message of [{ text: 'Hello?' }, { keyword: 'stop' as const }, { automatic: 'auto_reply' as const }]) await customerWrites({ ticket, isNew: false, message });
  await settled();
  expect(subjects()).toEqual(Array(2).fill('desk@shop.example: New message in ticket #8 from Kim'));
  expect(mailbox.received.map(({ from, mail }) => [from, mail.text!.includes('order')]).sort()).toEqual([['inbox@shop.example', false], ['inbox@shop.example', true]]);
});

it('NTF-1 TKT-20 of spam nothing is told; when it turns out to be none, once', async () => {
  await want({ notifyOn: 'every_message', recipients: ['desk@shop.example'] });
  const ticket = await customerWrites({ ticket: { number: 9, spam: true } });
  await settled();
  expect(subjects()).toEqual([]);
  for (const spam of [false, true, false]) await outpost.say(spamEvents.changed, { key: ticket.id, ticket: ticket.id, data: { ...ticket, spam } });
  await outpost.heard();
  await settled();
  expect(subjects()).toEqual(['desk@shop.example: New ticket #9 from Kim']);
});

it('NTF-1 whoever has left is told of nothing any more, also when their mail was already waiting', async () => {
  const [gone, stays] = [await colleague(), await colleague()];
  await want({ notifyOn: 'new_tickets', recipients: [gone.email.toUpperCase(), stays.email] });
  mailbox.refuses(451);
  await customerWrites();
  await tried(1);
  await colleague({ ...gone, active: false });
  mailbox.refuses();
  await outpost.deliverEverything();
  await settled();
  await customerWrites();
  await settled();
  expect(mailbox.received.map(({ to }) => to)).toEqual([[stays.email], [stays.email]]);
  expect(await outpost.tx((tx) => tx.sql(`SELECT state, request FROM mail WHERE recipient = $1`, [gone.email]))).toEqual([{ state: 'cancelled', request: {} }]);
});

it('TKT-12 whoever is mentioned is told by mail, once per note and person, and not by themselves', async () => {
  const [bob, eve, ada] = [await colleague(), await colleague(), await colleague()];
  const { note: said, ticket } = await note([bob.id, eve.id, ada.id], { by: ada.id });
  await outpost.say(messageEvents.noteAdded, { key: ticket.id, ticket: ticket.id, data: { note: said, ticket } });
  await outpost.heard();
  await settled();
  expect(subjects()).toEqual([bob, eve].map(({ email }) => `${email}: Ada mentioned you in ticket #12`).sort());
  expect(mailbox.received[0]!.mail.text).toContain('Can you look?');
  expect(mailbox.received[0]!.raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
});

it('TKT-12 nobody is told who has left, or where the account does not want it; what was said is not kept', async () => {
  const gone = await colleague({ active: false });
  await note([gone.id]);
  const bob = await colleague();
  await want({ mentions: false });
  await note([bob.id]);
  await settled();
  expect(subjects()).toEqual([]);
  await want({ mentions: true });
  await note([bob.id]);
  await settled();
  expect(subjects()).toEqual([`${bob.email}: Ada mentioned you in ticket #12`]);
  expect(await outpost.tx((tx) => tx.sql(`SELECT id FROM mail WHERE request::text LIKE '%Can you look%'`))).toEqual([]);
});
