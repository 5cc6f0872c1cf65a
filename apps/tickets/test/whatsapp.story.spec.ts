import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { templateEvents, type Template } from '@parley/contracts/templates';
import { Desk } from './desk.js';

describe('a WhatsApp conversation', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  it('TKT-2 a message reopens the one ticket of the person', async () => {
    const { id, customer } = await desk.ticket('whatsapp');
    await desk.close(id);
    expect((await desk.customerWrites(customer, 'Hello again')).ticketId).toBe(id);
    expect(await desk.look(id)).toMatchObject({ status: 'open', unread: true });
  });

  it('TKT-6 a message wakes a snoozed ticket, unless it was told not to', async () => {
    const { id, customer } = await desk.ticket('whatsapp');
    await desk.snooze(id, { preset: 'tomorrow' });
    expect(await desk.timers(id)).toMatchObject([{ kind: 'snooze', reason: { rule: 'TIME-4' } }]);
    await desk.customerWrites(customer, 'I am back');
    expect(await desk.look(id)).toMatchObject({ status: 'open', snoozedUntil: null, unread: true });
    expect(await desk.timers(id)).toEqual([]);
    expect((await desk.told(id)).slice(-3)).toEqual(['ticket.snoozed', 'ticket.woken', 'message.received']);
    await desk.snooze(id, { preset: 'tomorrow', wakeOnReply: false });
    await desk.customerWrites(customer, 'Still there?');
    expect(await desk.look(id)).toMatchObject({ status: 'snoozed', unread: true, lastSeq: 3 });
    expect(await desk.timers(id)).toHaveLength(1);
  });

  it('TKT-11 can be answered for 24 hours, and not after STOP', async () => {
    const { id, customer, profile } = await desk.ticket('whatsapp');
    await desk.rig.advance(24 * 3600 + 1);
    expect((await desk.look(id)).canReply).toEqual({ allowed: false, reason: 'window_closed', until: null });
    await desk.customerWrites(customer, 'stop', { keyword: 'stop' });
    expect((await desk.rig.ask(profiles.get, { id: profile.id })).consents).toEqual({ whatsapp: 'revoked' });
    expect((await desk.look(id)).canReply).toEqual({ allowed: false, reason: 'opted_out', until: null });
  });

  it('TKT-11 where Meta says that the window is closed, it is, until the customer writes again', async () => {
    const { id, customer } = await desk.ticket('whatsapp');
    const sent = await desk.reply(id, 'On its way');
    const failure = { code: '131047', reason: 'Re-engagement message' };
    const at = (await desk.now()).toISOString();
    await desk.rig.say(channelEvents.deliveryChanged, { key: id, data: { messageId: sent.id, ticketId: id, state: 'failed', failure, class: 'window', providerMessageId: 'wamid.1', occurredAt: at } });
    await desk.rig.heard();
    expect((await desk.look(id)).canReply).toMatchObject({ allowed: false, reason: 'window_closed' });
    await desk.customerWrites(customer, 'Hello?');
    expect((await desk.look(id)).canReply).toMatchObject({ allowed: true });
  });

  it('TKT-11 META-3 after 24 hours a template goes, with its places filled, and nothing else', async () => {
    const { id, customer } = await desk.ticket('whatsapp');
    const template = (name: string, text: string, variables: string[], problem: string | null = null): Template => ({ name, language: 'en_US', status: 'APPROVED', category: null, header: null, text, footer: null, buttons: [], variables, problem });
    const data = { channelId: customer.channelId, templates: [template('order_shipped', 'Hello {{1}}, order {{2}} is on its way.', ['1', '2']), template('refused', 'Buy!', [], 'Meta has not approved it')] };
    await desk.rig.say(templateEvents.listed, { key: customer.channelId, data });
    await desk.rig.heard();
    await desk.rig.advance(24 * 3600 + 1);
    const send = (more: object) => desk.rig.ask(messages.reply, { id, ...more });
    const shipped = { name: 'order_shipped', language: 'en_US', variables: ['Kim', '1042'] };
    await expect(send({ text: 'Hello Kim' })).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'window_closed' } });
    await expect(send({ template: { ...shipped, name: 'refused', variables: [] } })).rejects.toMatchObject({ code: 'TEMPLATE_NOT_FOUND' });
    await expect(send({ template: { ...shipped, language: 'de' } })).rejects.toMatchObject({ code: 'TEMPLATE_NOT_FOUND' });
    await expect(send({ template: { ...shipped, variables: ['Kim'] } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/template/variables' }] } });
    await expect(send({ template: { ...shipped, variables: ['Kim', 'a\nb'] } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/template/variables/1' }] } });
    await expect(send({ template: shipped, text: 'and words' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(send({ template: shipped, sendAt: '2030-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(send({ template: shipped })).resolves.toMatchObject({ text: 'Hello Kim, order 1042 is on its way.', seq: 2 });
    const sent = (await desk.rig.facts('message.sent')).at(-1);
    expect(sent?.data).toMatchObject({ template: shipped });
    await desk.customerWrites(customer, 'stop', { keyword: 'stop' });
    await expect(send({ template: shipped })).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'opted_out' } });
  });

  it('PRO-2 what the provider reports of consent goes into the ledger, once', async () => {
    const { customer, profile } = await desk.ticket('whatsapp');
    const data = { channelId: customer.channelId, identifier: customer.from[0]!, kinds: ['whatsapp' as const], state: 'revoked' as const, source: 'provider', evidence: '131050' };
    await desk.rig.say(channelEvents.consentReported, { key: 'x', data });
    await desk.rig.say(channelEvents.consentReported, { key: 'x', data });
    await desk.rig.heard();
    const { items } = await desk.rig.ask(profiles.consents, { id: profile.id });
    expect(items).toMatchObject([{ kind: 'whatsapp', state: 'revoked', source: 'provider', evidence: '131050' }]);
  });

  it('TKT-11 a channel that is off sends nothing', async () => {
    const { id, customer } = await desk.ticket('whatsapp');
    const data = { id: customer.channelId, type: 'whatsapp' as const, provider: 'test', name: 'x', enabled: false, address: null, settings: {}, webhookUrl: null, forwardingAddress: null, widgetKey: null, createdAt: '2026-11-01T00:00:00.000Z', version: 2 };
    await desk.rig.say(channelEvents.channelUpdated, { key: customer.channelId, data });
    await desk.rig.heard();
    await expect(desk.reply(id, 'Hi')).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'channel_off' } });
  });
});
