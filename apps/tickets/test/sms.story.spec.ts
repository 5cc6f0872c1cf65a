import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { Desk } from './desk.js';

describe('an SMS conversation', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  it('TKT-2 TKT-8 TKT-17 the first message opens a ticket, the next joins it', async () => {
    const mia = desk.customer('sms');
    const { ticketId, inboundId } = await desk.customerWrites(mia, 'Where is my order?');
    await desk.customerWrites(mia, 'Hello?');
    expect(await desk.look(ticketId)).toMatchObject({
      channel: 'sms', status: 'open', unread: true, lastSeq: 2, preview: 'Hello?', assigneeId: null, version: 2, profile: { name: 'Mia' },
      canReply: { allowed: false, reason: 'no_consent' }, presence: null,
    });
    const thread = await desk.thread(ticketId);
    expect(thread.items.map(({ id, seq, text, direction }) => ({ id, seq, text, direction }))).toMatchObject([
      { id: inboundId, seq: 1, text: 'Where is my order?', direction: 'inbound' },
      { seq: 2, text: 'Hello?' },
    ]);
    expect(await desk.told(ticketId)).toEqual(['ticket.created', 'message.received', 'message.received']);
  });

  it('TKT-5 an agent closes and reopens; TKT-2 a message reopens too', async () => {
    const { id, customer } = await desk.ticket('sms');
    expect(await desk.close(id)).toMatchObject({ status: 'closed', waitingSince: null, unread: false });
    expect(await desk.reopen(id)).toMatchObject({ status: 'open', closedAt: null });
    await desk.close(id);
    await desk.customerWrites(customer, 'One more thing');
    expect(await desk.look(id)).toMatchObject({ status: 'open', unread: true, lastSeq: 2, closedAt: null });
    expect(await desk.told(id)).toEqual(['ticket.created', 'message.received', 'ticket.closed', 'ticket.reopened', 'ticket.closed', 'ticket.reopened', 'message.received']);
  });

  it('TKT-10 TKT-11 a reply needs consent, makes its author the assignee and stops the waiting', async () => {
    const { id, profile } = await desk.ticket('sms');
    await expect(desk.reply(id, 'On its way')).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'no_consent' } });
    await desk.consent(profile.id, 'sms_transactional', 'granted');
    const message = await desk.reply(id, 'On its way');
    expect(message).toMatchObject({ seq: 2, direction: 'outbound', author: { type: 'agent', id: desk.me.id, name: 'Ada' }, delivery: { state: 'queued', failure: null } });
    expect(await desk.look(id)).toMatchObject({ assigneeId: desk.me.id, waitingSince: null, unread: false, lastSeq: 2, preview: 'On its way', canReply: { allowed: true } });
    expect((await desk.told(id)).slice(2)).toEqual(['ticket.assigned', 'message.sent']);
  });

  it('TKT-10 message.sent says where it goes: to the number the customer last wrote from', async () => {
    const { id, profile, customer } = await desk.ticket('sms');
    await desk.consent(profile.id, 'sms_marketing', 'granted');
    await desk.reply(id, 'Hi');
    expect((await desk.last('message.sent')).data).toMatchObject({ route: { channel: 'sms', channelId: desk.channels.sms, to: customer.from[0], toName: 'Mia', sessionId: null, threadId: null } });
  });

  it('TKT-8 deliveries move forward only, and only news is told', async () => {
    const { id, profile } = await desk.ticket('sms');
    await desk.consent(profile.id, 'sms_transactional', 'granted');
    const message = await desk.reply(id, 'Hi');
    await desk.delivery(message, 'delivered');
    await desk.delivery(message, 'sent');
    await desk.delivery(message, 'failed', { code: '30003', reason: 'Unreachable' });
    expect((await desk.thread(id)).items[1]!.delivery).toEqual({ state: 'delivered', failure: null });
    expect((await desk.told(id)).filter((type) => type === 'message.delivery_changed')).toHaveLength(1);
  });

  it('SMS-2 STOP in a thread revokes, stays visible and stirs nothing', async () => {
    const { id, profile, customer } = await desk.ticket('sms');
    await desk.consent(profile.id, 'sms_marketing', 'granted');
    await desk.close(id);
    const { inboundId } = await desk.customerWrites(customer, 'STOP', { keyword: 'stop' });
    expect(await desk.look(id)).toMatchObject({ status: 'closed', unread: false, lastSeq: 2, canReply: { allowed: false, reason: 'opted_out' } });
    expect((await desk.thread(id)).items.at(-1)).toMatchObject({ id: inboundId, keyword: 'stop' });
    expect(await desk.filed()).toContainEqual({ inboundId, outcome: 'keyword', reason: null });
    expect((await desk.told(id)).slice(-2)).toEqual(['message.received', 'inbound.filed']);
    await desk.customerWrites(customer, 'start', { keyword: 'start' });
    expect((await desk.rig.ask(profiles.get, { id: profile.id })).consents).toEqual({ sms_marketing: 'granted', sms_transactional: 'revoked' });
    const ledger = await desk.rig.ask(profiles.consents, { id: profile.id });
    expect(ledger.items.map(({ kind, state, source }) => `${kind} ${state} ${source}`).sort()).toEqual([
      'sms_marketing granted checkout', 'sms_marketing granted keyword', 'sms_marketing revoked keyword', 'sms_transactional revoked keyword',
    ]);
  });

  it('SMS-2 settled 11 a keyword opens no ticket and stands at its place once one comes', async () => {
    const mia = desk.customer('sms');
    const { inboundId, ticketId: none } = await desk.customerWrites(mia, 'JOIN', { keyword: 'join' });
    expect(none).toBe('');
    expect(await desk.filed()).toContainEqual({ inboundId, outcome: 'keyword', reason: null });
    const { ticketId } = await desk.customerWrites(mia, 'Do you ship to France?');
    expect((await desk.thread(ticketId)).items.map(({ seq, text }) => `${seq} ${text}`)).toEqual(['1 JOIN', '2 Do you ship to France?']);
    expect(await desk.look(ticketId)).toMatchObject({ lastSeq: 2, canReply: { allowed: true } });
  });

  it('TKT-11 an alphanumeric sender cannot be answered', async () => {
    const bank = desk.customer('sms', { from: [{ type: 'alnum', value: 'MYBANK', verified: false }] });
    const { ticketId } = await desk.customerWrites(bank, 'Your code is 1');
    await expect(desk.reply(ticketId, 'Hi')).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'not_addressable' } });
  });

  it('TKT-19 a colleague’s newer message is read first, unless forced', async () => {
    const { id, profile } = await desk.ticket('sms');
    await desk.consent(profile.id, 'sms_transactional', 'granted');
    const bob = await desk.agent('Bob');
    await desk.reply(id, 'I take this', { lastSeenSeq: 1 }, bob);
    await expect(desk.reply(id, 'Me too', { lastSeenSeq: 1 })).rejects.toMatchObject({ code: 'NEWER_MESSAGE' });
    await expect(desk.reply(id, 'And more', { lastSeenSeq: 1 }, bob)).resolves.toMatchObject({ seq: 3 });
    await expect(desk.reply(id, 'Anyway', { lastSeenSeq: 1, force: true })).resolves.toMatchObject({ seq: 4 });
    expect((await desk.look(id)).assigneeId).toBe(bob.id);
  });

  it('a repeated command writes one message and gives the same answer', async () => {
    const { id, profile } = await desk.ticket('sms');
    await desk.consent(profile.id, 'sms_transactional', 'granted');
    const by = { ...desk.me, command: profile.id };
    const first = await desk.rig.ask(messages.reply, { id, text: 'Once' }, by);
    expect(await desk.rig.ask(messages.reply, { id, text: 'Once' }, by)).toEqual(first);
    expect((await desk.thread(id)).items).toHaveLength(2);
  });

  it('PRO-5 blocking closes, quarantines what comes, and unblocking brings nothing back', async () => {
    const { id, profile, customer } = await desk.ticket('sms');
    await desk.rig.ask(profiles.block, { id: profile.id });
    expect(await desk.look(id)).toMatchObject({ status: 'closed', canReply: { allowed: false, reason: 'blocked' } });
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Let me in');
    expect(ticketId).toBe('');
    expect(await desk.filed()).toContainEqual({ inboundId, outcome: 'blocked', reason: null });
    expect(await desk.rig.ask(profiles.unblock, { id: profile.id })).toMatchObject({ blocked: false });
    expect((await desk.thread(id)).items).toHaveLength(1);
    await desk.customerWrites(customer, 'Hello again');
    expect(await desk.look(id)).toMatchObject({ status: 'open', lastSeq: 2 });
  });
});
