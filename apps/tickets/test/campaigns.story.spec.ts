import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { campaigns } from '@parley/contracts/campaigns';
import { customerEvents } from '@parley/contracts/customer-events';
import type { Ask } from '@parley/contracts/contract';
import { profiles } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { Desk, type Customer } from './desk.js';

const DAY_MS = 86_400_000;

describe('campaigns', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const send = (to: Customer, more: Partial<Ask<typeof campaigns.record>> = {}) =>
    desk.rig.ask(campaigns.record, { profile: { phone: `+${to.from[0]!.value.replace('+', '')}` }, channelId: to.channelId, campaignId: 'spring', name: 'Spring', text: 'Sale!', ...more });
  const texts = async (ticketId: string) => (await desk.thread(ticketId)).items.map(({ author, text }) => `${author.type}: ${text}`);
  /** Writes an SMS that the provider got at this moment. */
  const writesAt = async (customer: Customer, at: Date, text = 'Hi') => desk.look((await desk.customerWrites(customer, text, { occurredAt: at.toISOString(), receivedAt: at.toISOString() })).ticketId);

  it('TKT-9 what was sent before the first ticket stands in its place in the thread, what is sent later at its end', async () => {
    const mia = desk.customer('sms');
    const now = (await desk.now()).getTime();
    const before = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
    const first = await send(mia, { sentAt: before(30) });
    expect(first).toMatchObject({ kind: 'campaign', sourceId: 'spring', ticketId: null });
    await desk.customerWrites(mia, 'START', { keyword: 'start', occurredAt: before(20), receivedAt: before(20) });
    await send(mia, { campaignId: undefined, flowId: 'welcome', name: 'Welcome', text: 'Hello', sentAt: before(10) });
    const { ticketId } = await desk.customerWrites(mia, 'Is it still on?');
    const before_ = await desk.look(ticketId);
    const later = await send(mia, { text: 'Last chance' });
    expect(later.ticketId).toBe(ticketId);
    expect(await texts(ticketId)).toEqual(['campaign: Sale!', 'customer: START', 'flow: Hello', 'customer: Is it still on?', 'campaign: Last chance']);
    const after = await desk.look(ticketId);
    expect(after).toMatchObject({ lastSeq: 5, waitingSince: before_.waitingSince, lastMessageAt: before_.lastMessageAt, preview: before_.preview, unread: true });
    expect((await desk.told(ticketId)).filter((type) => type === 'message.sent')).toEqual([]);
    const { items } = await desk.rig.ask(customerEvents.timeline, { id: after.profile.id });
    expect(items.map(({ metric }) => metric)).toEqual(['Received SMS', 'Sent SMS', 'Received SMS', 'Sent SMS', 'Received SMS']);
    expect(items[0]).toMatchObject({ properties: { author: 'campaign', campaignId: 'spring', name: 'Spring', ticketId } });
  });

  it('TKT-9 in WhatsApp too; by e-mail it stands in the timeline alone', async () => {
    const wa = await desk.ticket('whatsapp');
    const profile = { id: wa.profile.id };
    expect(await send(wa.customer, { profile })).toMatchObject({ ticketId: wa.id });
    expect(await texts(wa.id)).toContain('campaign: Sale!');
    const mail = await desk.ticket('email');
    expect(await send(mail.customer, { profile: { id: mail.profile.id } })).toMatchObject({ ticketId: null });
    expect(await texts(mail.id)).toHaveLength(1);
    expect((await desk.rig.ask(customerEvents.timeline, { id: mail.profile.id, metric: 'Received Email' })).items).toHaveLength(1);
  });

  it('TKT-9 a repeat of the same uniqueId stands once, and nothing unknown is taken', async () => {
    const sms = await desk.ticket('sms');
    const [one, two] = [await send(sms.customer, { uniqueId: 'u1' }), await send(sms.customer, { uniqueId: 'u1' })];
    expect(two).toEqual(one);
    expect(await texts(sms.id)).toHaveLength(2);
    await expect(send(sms.customer, { channelId: newId() })).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
    await expect(send(sms.customer, { profile: { id: newId() } })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(send(sms.customer, { flowId: 'both' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('SMS-5 an SMS is attributed to the last campaign or flow message, and only the first message of the answer', async () => {
    const mia = desk.customer('sms');
    await send(mia, { campaignId: 'old', sentAt: new Date((await desk.now()).getTime() - 7_200_000).toISOString() });
    const last = await send(mia, { campaignId: undefined, flowId: 'cart', name: 'Cart', sentAt: new Date((await desk.now()).getTime() - 3_600_000).toISOString() });
    const first = await desk.customerWrites(mia, 'Yes please');
    const ticket = await desk.look(first.ticketId);
    expect(ticket.attribution).toEqual({
      kind: 'flow', campaignId: null, flowId: 'cart', name: 'Cart', campaignMessageId: last.id, sentAt: last.sentAt, messageId: first.inboundId, windowSeconds: 86_400,
    });
    await desk.customerWrites(mia, 'In blue');
    expect((await desk.look(first.ticketId)).attribution).toMatchObject({ messageId: first.inboundId });
    await send(mia, { campaignId: 'new' });
    const next = await desk.customerWrites(mia, 'And this one');
    expect((await desk.look(first.ticketId)).attribution).toMatchObject({ campaignId: 'new', messageId: next.inboundId });
  });

  it('SMS-5 exactly 24:00:00 later is in, a moment later is out; the window is a setting', async () => {
    const at = new Date((await desk.now()).getTime() - 3 * DAY_MS);
    const attributed = async (afterMs: number) => {
      const mia = desk.customer('sms');
      await send(mia, { sentAt: at.toISOString() });
      return (await writesAt(mia, new Date(at.getTime() + afterMs))).attribution !== null;
    };
    expect(await attributed(DAY_MS)).toBe(true);
    expect(await attributed(DAY_MS + 1)).toBe(false);
    await desk.set('attribution', { windowSeconds: 2 * 86_400 });
    expect(await attributed(DAY_MS + 1)).toBe(true);
    await desk.set('attribution', { windowSeconds: 86_400 });
  });

  it('SMS-5 a keyword is no answer, neither is what was written before or by a blocked person', async () => {
    const mia = desk.customer('sms');
    const sent = await send(mia);
    await desk.customerWrites(mia, 'START', { keyword: 'start' });
    const early = await writesAt(mia, new Date(Date.parse(sent.sentAt) - 1000));
    expect(early.attribution).toBeNull();
    await desk.rig.ask(profiles.block, { id: early.profile.id });
    await desk.customerWrites(mia, 'Blocked');
    await desk.rig.ask(profiles.unblock, { id: early.profile.id });
    const answer = await desk.customerWrites(mia, 'Now');
    expect((await desk.look(early.id)).attribution).toMatchObject({ campaignId: 'spring', messageId: answer.inboundId });
  });

  it('TKT-9 a campaign that meets the first message stands in the thread, whoever comes first', async () => {
    for (let round = 0; round < 5; round++) {
      const mia = desk.customer('sms');
      const [, sent] = await Promise.all([desk.customerWrites(mia, 'Hello'), send(mia)]);
      const { items } = await desk.rig.ask(profiles.tickets, { id: sent.profileId });
      expect((await texts(items[0]!.id)).sort()).toEqual(['campaign: Sale!', 'customer: Hello']);
    }
  });

  it('TKT-9 a campaign waits for whoever is just opening a ticket of that person', async () => {
    const mia = desk.customer('sms');
    const { id } = await desk.rig.ask(profiles.upsert, { phone: mia.from[0]!.value });
    const sending = await desk.rig.tx(async (tx) => {
      // What the row of a new ticket holds until it is committed.
      await tx.sql('SELECT FROM profile WHERE id = $1 FOR KEY SHARE', [id]);
      const sent = send(mia);
      await desk.rig.until(async () => (await tx.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length > 0, 'the campaign to wait');
      return { sent };
    });
    expect(await sending.sent).toMatchObject({ profileId: id });
  });
});
