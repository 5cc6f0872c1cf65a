import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messages } from '@parley/contracts/messages';
import { tickets } from '@parley/contracts/tickets';
import { timers } from '@parley/contracts/timers';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('an e-mail thread', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  it('TKT-2 one mail thread is one ticket, however many a person has', async () => {
    const mia = desk.customer('email');
    const first = await desk.customerWrites(mia, 'Where is my order?');
    const again = await desk.customerWrites(mia, 'Any news?');
    const other = await desk.customerWrites({ ...mia, threadId: newId(), subject: 'Invoice' }, 'Please send an invoice');
    expect(again.ticketId).toBe(first.ticketId);
    expect(other.ticketId).not.toBe(first.ticketId);
    expect(await desk.look(other.ticketId)).toMatchObject({ subject: 'Invoice', profile: (await desk.look(first.ticketId)).profile });
  });

  it('TKT-2 a mail reopens a closed ticket, however long ago', async () => {
    const { id, customer } = await desk.ticket('email');
    await desk.close(id);
    await desk.rig.advance(400 * 86_400);
    await desk.customerWrites(customer, 'It broke again');
    expect(await desk.look(id)).toMatchObject({ status: 'open', unread: true, closedAt: null });
  });

  it('settled 18 an automatic answer stands in the thread and reopens nothing', async () => {
    const { id, customer } = await desk.ticket('email');
    await desk.close(id);
    await desk.customerWrites(customer, 'I am away', { automatic: 'auto_reply' });
    expect(await desk.look(id)).toMatchObject({ status: 'closed', unread: false, lastSeq: 2, waitingSince: null });
  });

  it('MAIL-4 an automatic answer to nothing opens no ticket and makes nobody known', async () => {
    const stranger = desk.customer('email');
    const { inboundId, ticketId } = await desk.customerWrites(stranger, 'I am away', { automatic: 'auto_reply' });
    expect(ticketId).toBe('');
    expect(await desk.filed()).toContainEqual({ inboundId, outcome: 'quarantined', reason: expect.any(String) });
  });

  it('TKT-10 what somebody else writes into the thread does not change where answers go', async () => {
    const { id, customer } = await desk.ticket('email');
    const other = desk.customer('email');
    await desk.customerWrites({ ...customer, from: other.from, name: 'Tom' }, 'I am the flatmate');
    expect((await desk.thread(id)).items[1]).toMatchObject({ author: { type: 'customer', name: 'Tom' } });
    await desk.reply(id, 'Hello both');
    expect((await desk.last('message.sent')).data).toMatchObject({ route: { to: customer.from[0], toName: 'Mia', threadId: customer.threadId, subject: 'My order' } });
  });

  it('PRO-1 an address is one person, however it is written', async () => {
    const mia = desk.customer('email');
    const first = await desk.ticket('email', mia);
    const shouting = await desk.ticket('email', { ...mia, threadId: newId(), from: [{ ...mia.from[0]!, value: mia.from[0]!.value.toUpperCase() }] });
    expect(shouting.profile.id).toBe(first.profile.id);
  });

  it('TKT-4 the same person by two channels has two tickets', async () => {
    const mia = desk.customer('email');
    const mail = await desk.ticket('email', mia);
    const sms = desk.customer('sms');
    const text = await desk.ticket('sms', { ...sms, from: [sms.from[0]!, ...mia.from] });
    expect(text.id).not.toBe(mail.id);
  });

  it('TKT-12 a note stands in the thread for staff, behind the message it follows', async () => {
    const { id, customer } = await desk.ticket('email');
    const note = await desk.rig.ask(messages.note, { id, text: 'VIP' });
    await desk.customerWrites(customer, 'Hello?');
    const thread = await desk.thread(id);
    expect(thread.notes).toEqual([note]);
    expect(note).toMatchObject({ afterSeq: 1, author: { id: desk.me.id, name: 'Ada' } });
    expect(thread.items).toHaveLength(2);
  });

  it('TKT-9 the thread shows the last 50 messages, older ones page backwards', async () => {
    const { id, customer } = await desk.ticket('email');
    const more = await desk.message(customer, 'more');
    for (let n = 0; n < 119; n += 7) await desk.arrive(...Array.from({ length: 7 }, () => ({ ...more, inboundId: newId() })));
    const newest = await desk.thread(id);
    const older = await desk.rig.ask(messages.list, { id, before: newest.nextBefore! });
    const oldest = await desk.rig.ask(messages.list, { id, before: older.nextBefore! });
    expect([oldest, older, newest].flatMap(({ items }) => items.map(({ seq }) => seq))).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
    expect([newest.items.length, older.items.length, oldest.items.length, oldest.nextBefore]).toEqual([50, 50, 20, null]);
  });

  describe('closing by itself', () => {
    beforeAll(() => desk.set('auto-close', { channels: { email: { afterSeconds: 3600, closingMessage: 'We close this now.' } } }));

    it('TIME-3 closes after the time, counted from the answer, with its closing message, once', async () => {
      const { id } = await desk.ticket('email');
      await desk.reply(id, 'It is on its way');
      const [timer] = await desk.timers(id);
      expect(timer).toMatchObject({ kind: 'auto_close', ticketId: id, reason: { rule: 'TIME-3' } });
      expect((await desk.last('auto_close.scheduled')).data).toMatchObject({ timer: { id: timer!.id } });
      await desk.rig.advance(3500);
      expect((await desk.look(id)).status).toBe('open');
      await desk.rig.advance(200);
      await desk.rig.advance(7200);
      expect(await desk.look(id)).toMatchObject({ status: 'closed', preview: 'We close this now.' });
      expect((await desk.thread(id)).items.at(-1)).toMatchObject({ author: { type: 'automation', id: null, name: null }, text: 'We close this now.' });
      expect((await desk.told(id)).filter((type) => type === 'ticket.closed')).toHaveLength(1);
      expect(await desk.last('ticket.closed')).toMatchObject({ actor: { type: 'automation', id: null }, changed: expect.arrayContaining(['status', 'closedAt']) });
    });

    it('TIME-3 never while the customer waits', async () => {
      const { id, customer } = await desk.ticket('email');
      await desk.reply(id, 'It is on its way');
      await desk.customerWrites(customer, 'Really?');
      expect(await desk.timers(id)).toEqual([]);
      await desk.rig.advance(9000);
      expect((await desk.look(id)).status).toBe('open');
      await desk.reply(id, 'Really.');
      await desk.rig.advance(3601);
      expect((await desk.look(id)).status).toBe('closed');
    });

    it('TIME-3 never while snoozed; after waking the whole time again', async () => {
      const { id } = await desk.ticket('email');
      await desk.reply(id, 'Next month');
      await desk.snooze(id, { until: new Date((await desk.now()).getTime() + 10_000_000).toISOString() });
      await desk.rig.advance(9000);
      expect((await desk.look(id)).status).toBe('snoozed');
      await desk.rig.advance(1001);
      expect(await desk.look(id)).toMatchObject({ status: 'open', unread: true });
      await desk.rig.advance(3601);
      expect((await desk.look(id)).status).toBe('closed');
    });

    it('TIME-3 an answer that follows moves the timer', async () => {
      const { id } = await desk.ticket('email');
      await desk.reply(id, 'One');
      await desk.rig.advance(3000);
      await desk.reply(id, 'Two');
      expect(await desk.timers(id)).toHaveLength(1);
      await desk.rig.advance(3000);
      expect((await desk.look(id)).status).toBe('open');
      await desk.rig.advance(700);
      expect((await desk.look(id)).status).toBe('closed');
    });

    it('TIME-5 a timer can be called off, and stays off until there is another answer', async () => {
      const { id } = await desk.ticket('email');
      await desk.reply(id, 'One');
      const [timer] = await desk.timers(id);
      expect(await desk.rig.ask(timers.cancel, { id: timer!.id })).toMatchObject({ state: 'cancelled' });
      await desk.rig.ask(tickets.markUnread, { id });
      await desk.rig.advance(9000);
      expect((await desk.look(id)).status).toBe('open');
      await expect(desk.rig.ask(timers.cancel, { id: timer!.id })).rejects.toMatchObject({ code: 'TIMER_OVER' });
      await expect(desk.rig.ask(timers.cancel, { id: newId() })).rejects.toMatchObject({ code: 'TIMER_NOT_FOUND' });
      await desk.reply(id, 'Two');
      expect(await desk.timers(id)).toHaveLength(1);
    });

    it('TIME-3 a timer that rings after the setting was taken away does nothing', async () => {
      const { id } = await desk.ticket('email');
      await desk.reply(id, 'One');
      await desk.set('auto-close', { channels: {} });
      await desk.rig.advance(9000);
      expect((await desk.look(id)).status).toBe('open');
    });
  });
});
