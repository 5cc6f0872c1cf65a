import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explain } from '@parley/contracts/explain';
import { coupons, macros } from '@parley/contracts/macros';
import { messages } from '@parley/contracts/messages';
import { templateEvents } from '@parley/contracts/templates';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('answers that failed', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.rig.close());

  const phoneIsOff = { code: '30003', reason: 'Unreachable destination handset' };
  const retry = (id: string, more: { force?: boolean } = {}, by = desk.me) => desk.rig.ask(messages.retry, { id, ...more }, by);
  const refusal = (id: string, more: { force?: boolean } = {}) => retry(id, more).then(() => 'sent', (error: { code: string; more: { reason: string } }) => `${error.code}: ${error.more?.reason}`);
  const sent = async () => (await desk.rig.facts('message.sent')).map(({ data }) => (data as { message: { id: string; text: string; retryOf: string | null } }).message);
  const shown = async (ticketId: string, id: string) => (await desk.thread(ticketId)).items.find((one) => one.id === id)!;
  /** An answer by text that failed. */
  async function failed(text = 'On its way', failure = phoneIsOff) {
    const ticket = await desk.ticket('sms');
    await desk.consent(ticket.profile.id, 'sms_transactional', 'granted');
    const answer = await desk.reply(ticket.id, text);
    if (!('delivery' in answer)) throw new Error('not sent at once');
    await desk.delivery(answer, 'failed', failure);
    await desk.rig.heard();
    return { ticket, answer };
  }

  it('TKT-8 a failure stands in the thread with the provider’s reason, and is sent once more as a message of its own', async () => {
    const { ticket, answer } = await failed();
    expect((await shown(ticket.id, answer.id)).delivery).toEqual({ state: 'failed', failure: phoneIsOff });
    const again = await retry(answer.id);
    expect(again).toMatchObject({ ticketId: ticket.id, text: 'On its way', retryOf: answer.id, retriedAs: null, author: { type: 'agent', id: desk.me.id }, delivery: { state: 'queued', failure: null } });
    expect(again.id).not.toBe(answer.id);
    expect(await shown(ticket.id, answer.id)).toMatchObject({ retriedAs: again.id, delivery: { state: 'failed' } });
    expect((await sent()).filter(({ retryOf }) => retryOf === answer.id)).toHaveLength(1);
    await desk.delivery(again, 'delivered');
    await desk.rig.heard();
    expect((await shown(ticket.id, again.id)).delivery).toEqual({ state: 'delivered', failure: null });
    expect((await shown(ticket.id, answer.id)).delivery!.state).toBe('failed');
  });

  it('TKT-8 who tried again, and what, stands in the timeline', async () => {
    const { ticket, answer } = await failed();
    const colleague = await desk.agent('Bea');
    const again = await retry(answer.id, {}, colleague);
    const { items } = await desk.rig.ask(explain.timeline, { id: ticket.id });
    const entry = items.find((one) => one.message?.id === again.id)!;
    expect(entry).toMatchObject({ actor: { type: 'agent', id: colleague.id }, message: { retryOf: answer.id } });
  });

  it('TKT-8 twenty people at once send it once', async () => {
    const { ticket, answer } = await failed();
    const tries = await Promise.all(Array.from({ length: 20 }, () => refusal(answer.id)));
    expect(tries.filter((one) => one === 'sent')).toHaveLength(1);
    expect(new Set(tries)).toEqual(new Set(['sent', 'RETRY_NOT_POSSIBLE: retried']));
    expect((await desk.thread(ticket.id)).items.filter(({ retryOf }) => retryOf === answer.id)).toHaveLength(1);
  });

  it('TKT-8 an attempt that fails in turn may be tried again, and again', async () => {
    const { answer } = await failed();
    const second = await retry(answer.id);
    await desk.delivery(second, 'failed', phoneIsOff);
    await desk.rig.heard();
    expect(await refusal(answer.id)).toBe('RETRY_NOT_POSSIBLE: retried');
    expect(await retry(second.id)).toMatchObject({ retryOf: second.id });
  });

  it('TKT-8 refused while the first may still be delivered, unless a person wants it all the same', async () => {
    const ticket = await desk.ticket('email');
    const answer = await desk.reply(ticket.id, 'Hello');
    expect(await refusal(answer.id, { force: true })).toBe('RETRY_NOT_POSSIBLE: not_failed');
    const unknown = await failed('Nobody knows', { code: 'unknown_outcome', reason: 'No answer' });
    expect(await refusal(unknown.answer.id)).toBe('RETRY_NOT_POSSIBLE: may_be_delivered');
    expect(await refusal(unknown.answer.id, { force: true })).toBe('sent');
  });

  it('TKT-11 whether one can answer is asked again, and nothing is sent where one cannot', async () => {
    const { ticket, answer } = await failed();
    await desk.consent(ticket.profile.id, 'sms_transactional', 'revoked');
    const before = (await sent()).length;
    expect(await refusal(answer.id)).toMatch(/^REPLY_NOT_ALLOWED/);
    expect((await sent()).length).toBe(before);
    await desk.consent(ticket.profile.id, 'sms_transactional', 'granted');
    expect(await refusal(answer.id)).toBe('sent');
  });

  it('TKT-8 META-3 a template is sent once more as a template, although the window is closed', async () => {
    const customer = desk.customer('whatsapp');
    const ticket = await desk.ticket('whatsapp', customer);
    const shipped = { name: 'order_shipped', language: 'en_US', status: 'APPROVED', category: null, header: null, text: 'Hello {{1}}', footer: null, buttons: [], variables: ['1'], problem: null };
    await desk.rig.say(templateEvents.listed, { key: customer.channelId, data: { channelId: customer.channelId, templates: [shipped] } });
    await desk.rig.heard();
    await desk.rig.advance(25 * 3600);
    const template = { name: 'order_shipped', language: 'en_US', variables: ['Kim'] };
    const answer = await desk.rig.ask(messages.reply, { id: ticket.id, template });
    await desk.delivery(answer as { id: string; ticketId: string }, 'failed', { code: '131049', reason: 'Not now' });
    await desk.rig.heard();
    const again = await retry(answer.id);
    const facts = await desk.rig.facts('message.sent');
    expect(facts.find(({ data }) => (data as { message: { id: string } }).message.id === again.id)!.data).toMatchObject({ template, message: { text: 'Hello Kim', retryOf: answer.id } });
  });

  it('TKT-8 a repeated request sends nothing twice and gets the same answer', async () => {
    const { answer } = await failed();
    const by = desk.rig.actor({ command: randomUUID() });
    const [first, second] = [await retry(answer.id, {}, by), await retry(answer.id, {}, by)];
    expect(second.id).toBe(first.id);
    expect((await sent()).filter(({ retryOf }) => retryOf === answer.id)).toHaveLength(1);
  });

  it('TKT-13 TKT-8 a coupon code goes along with its message, and is nobody else’s', async () => {
    const name = `RETRY${Date.now()}`;
    await desk.rig.ask(coupons.create, { name, codes: ['ONLY-ONE'] });
    const { id: macroId } = await desk.rig.ask(macros.create, { name, category: 'Test', text: `Take {{coupon.${name}}}` });
    const ticket = await desk.ticket('sms');
    await desk.consent(ticket.profile.id, 'sms_transactional', 'granted');
    const answer = await desk.rig.ask(messages.reply, { id: ticket.id, macroId });
    await desk.delivery(answer as { id: string; ticketId: string }, 'failed', phoneIsOff);
    await desk.rig.heard();
    const again = await retry(answer.id);
    expect(again.text).toBe('Take ONLY-ONE');
    await desk.delivery(again, 'delivered');
    await desk.rig.heard();
    await desk.rig.advance(4 * 86_400);
    const other = await desk.ticket('email');
    await expect(desk.rig.ask(messages.reply, { id: other.id, macroId })).rejects.toMatchObject({ code: 'COUPON_POOL_EMPTY' });
  });

  it('TKT-13 TKT-8 a message whose code went to somebody else meanwhile is not sent again', async () => {
    const name = `GONE${Date.now()}`;
    await desk.rig.ask(coupons.create, { name, codes: ['GONE-CODE'] });
    const { id: macroId } = await desk.rig.ask(macros.create, { name, category: 'Test', text: `Take {{coupon.${name}}}` });
    const ticket = await desk.ticket('email');
    const answer = await desk.rig.ask(messages.reply, { id: ticket.id, macroId });
    await desk.delivery(answer as { id: string; ticketId: string }, 'failed', { code: '550', reason: 'No such mailbox' });
    await desk.rig.heard();
    await desk.rig.advance(4 * 86_400);
    const other = await desk.ticket('email');
    expect((await desk.rig.ask(messages.reply, { id: other.id, macroId }))).toMatchObject({ text: 'Take GONE-CODE' });
    expect(await refusal(answer.id)).toBe('RETRY_NOT_POSSIBLE: coupon_gone');
    expect((await shown(ticket.id, answer.id)).retriedAs).toBeNull();
  });

  it('ACC-1 a message of another account, of a customer, or of nobody is not sent', async () => {
    const { ticket, answer } = await failed();
    await expect(retry(answer.id, {}, desk.rig.actor({ account: newId() }))).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
    await expect(retry(newId())).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
    expect(await refusal((await desk.thread(ticket.id)).items[0]!.id)).toBe('RETRY_NOT_POSSIBLE: not_ours');
  });
});
