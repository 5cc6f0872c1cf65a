import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { settings } from '@parley/contracts/settings';
import { tickets } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('the life of a ticket', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  it('TKT-7 a stale version is refused with the current state', async () => {
    const { id, customer } = await desk.ticket('email');
    await desk.customerWrites(customer, 'Hello?');
    await expect(desk.rig.ask(tickets.close, { id, ifMatch: 1 })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { id, version: 2, lastSeq: 2 } } });
    expect((await desk.look(id)).status).toBe('open');
  });

  it('TKT-7 of two who decide on the same version, one wins', async () => {
    const { id } = await desk.ticket('email');
    const both = await Promise.allSettled([desk.rig.ask(tickets.close, { id, ifMatch: 1 }), desk.rig.ask(tickets.snooze, { id, ifMatch: 1, preset: 'tomorrow' })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await desk.look(id)).version).toBe(2);
  });

  it('TKT-7 assignee, priority and subject are changed, and only what changed is told', async () => {
    const { id } = await desk.ticket('email');
    const bob = await desk.agent('Bob');
    const after = await desk.rig.ask(tickets.update, { id, ifMatch: 1, assigneeId: bob.id, priority: 'urgent', subject: null });
    expect(after).toMatchObject({ assigneeId: bob.id, priority: 'urgent', subject: null, version: 2 });
    expect(await desk.last('ticket.assigned')).toMatchObject({ changed: expect.arrayContaining(['assigneeId']), actor: { type: 'agent', id: desk.me.id } });
    expect((await desk.told(id)).slice(2)).toEqual(['ticket.assigned', 'ticket.updated']);
    expect(await desk.rig.ask(tickets.update, { id, ifMatch: 2, priority: 'urgent' })).toMatchObject({ version: 2 });
    expect(await desk.rig.ask(tickets.update, { id, ifMatch: 2, assigneeId: null })).toMatchObject({ assigneeId: null, version: 3 });
  });

  it('TKT-7 nobody is assigned who may not work tickets', async () => {
    const { id } = await desk.ticket('email');
    const analyst = await desk.agent('Ann', { role: 'analyst' });
    const gone = await desk.agent('Gus', { active: false });
    for (const assigneeId of [newId(), analyst.id, gone.id]) await expect(desk.rig.ask(tickets.update, { id, ifMatch: 1, assigneeId })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  });

  it('TKT-6 a snoozed ticket wakes at its time, open and unread, once', async () => {
    const { id } = await desk.ticket('email');
    await desk.rig.ask(tickets.markRead, { id });
    const snoozed = await desk.snooze(id, { preset: 'later_today' });
    expect(snoozed).toMatchObject({ status: 'snoozed', unread: false });
    expect(Date.parse(snoozed.snoozedUntil!) - (await desk.now()).getTime()).toBeGreaterThan(3 * 3_600_000 - 60_000);
    await desk.rig.advance(3 * 3600 + 1);
    await desk.rig.advance(86_400);
    expect(await desk.look(id)).toMatchObject({ status: 'open', unread: true, snoozedUntil: null });
    expect((await desk.told(id)).filter((type) => type === 'ticket.woken')).toHaveLength(1);
    expect(await desk.last('ticket.woken')).toMatchObject({ actor: { type: 'automation', id: null } });
  });

  it('TKT-6 tomorrow is nine o’clock in the account’s zone; snoozing again moves it', async () => {
    await desk.account({ timezone: 'Asia/Tokyo' });
    const { id } = await desk.ticket('email');
    expect((await desk.snooze(id, { preset: 'tomorrow' })).snoozedUntil).toMatch(/T00:00:00\.000Z$/);
    await desk.snooze(id, { preset: 'next_week' });
    expect(await desk.timers(id)).toHaveLength(1);
    await desk.rig.advance(2 * 86_400);
    expect((await desk.look(id)).status).toBe('snoozed');
    await desk.rig.advance(7 * 86_400);
    expect((await desk.look(id)).status).toBe('open');
  });

  it('TKT-6 waking and closing end the snooze and its timer', async () => {
    const one = await desk.ticket('email');
    await desk.snooze(one.id, { preset: 'tomorrow' });
    expect(await desk.rig.ask(tickets.wake, { id: one.id, ifMatch: 2 })).toMatchObject({ status: 'open', snoozedUntil: null });
    const two = await desk.ticket('email');
    await desk.snooze(two.id, { preset: 'tomorrow' });
    expect(await desk.close(two.id)).toMatchObject({ status: 'closed', snoozedUntil: null });
    expect([...(await desk.timers(one.id)), ...(await desk.timers(two.id))]).toEqual([]);
    await expect(desk.snooze(two.id, { preset: 'tomorrow' })).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED', more: { reason: 'closed' } });
    await expect(desk.snooze(one.id, { until: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('TKT-10 a reply wakes a snoozed ticket, unless it is to stay snoozed', async () => {
    const { id } = await desk.ticket('email');
    await desk.snooze(id, { preset: 'tomorrow' });
    await desk.reply(id, 'Working on it', { keepSnoozed: true });
    expect((await desk.look(id)).status).toBe('snoozed');
    await desk.reply(id, 'Done');
    expect(await desk.look(id)).toMatchObject({ status: 'open', snoozedUntil: null });
    expect(await desk.timers(id)).toEqual([]);
  });

  it('TKT-17 unread until somebody reads it; the badge counts tickets and people, and can be switched off', async () => {
    const badge = () => desk.rig.ask(tickets.badge, {});
    const before = await badge();
    const mia = desk.customer('email');
    const one = await desk.ticket('email', mia);
    await desk.ticket('email', { ...mia, threadId: newId() });
    expect(await badge()).toEqual({ unreadTickets: before.unreadTickets + 2, unreadProfiles: before.unreadProfiles + 1, enabled: true });
    expect(await desk.rig.ask(tickets.markRead, { id: one.id })).toMatchObject({ unread: false, version: 2 });
    expect(await desk.rig.ask(tickets.markRead, { id: one.id })).toMatchObject({ unread: false, version: 2 });
    expect(await badge()).toMatchObject({ unreadTickets: before.unreadTickets + 1, unreadProfiles: before.unreadProfiles + 1 });
    expect(await desk.rig.ask(tickets.markUnread, { id: one.id, ifMatch: 2 })).toMatchObject({ unread: true, version: 3 });
    await desk.set('inbox', { badgeEnabled: false });
    expect(await badge()).toEqual({ unreadTickets: 0, unreadProfiles: 0, enabled: false });
  });

  it('settings are versioned', async () => {
    const { version } = await desk.rig.ask(settings.get, { area: 'follow-up' });
    expect(await desk.rig.ask(settings.update, { area: 'follow-up', ifMatch: version, values: { delaySeconds: 60 } })).toMatchObject({ version: version + 1, values: { delaySeconds: 60, enabled: true } });
    await expect(desk.rig.ask(settings.update, { area: 'follow-up', ifMatch: version, values: {} })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { version: version + 1 } } });
    await expect(desk.rig.ask(settings.update, { area: 'follow-up', ifMatch: version + 1, values: { delaySeconds: 1 } })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/values/delaySeconds' }] },
    });
  });

  it('ACC-1 another account’s ticket is no ticket', async () => {
    const { id } = await desk.ticket('email');
    const stranger = desk.rig.actor({ account: newId() });
    await expect(desk.rig.ask(tickets.get, { id }, stranger)).rejects.toMatchObject({ code: 'TICKET_NOT_FOUND' });
    await expect(desk.close(id, stranger)).rejects.toMatchObject({ code: 'TICKET_NOT_FOUND' });
    await expect(desk.reply(id, 'Hi', {}, stranger)).rejects.toMatchObject({ code: 'TICKET_NOT_FOUND' });
    expect((await desk.list({}, stranger)).items).toEqual([]);
    expect(await desk.rig.tx((tx) => tx.sql('SELECT FROM ticket WHERE id = $1', [id]), stranger)).toEqual([]);
  });
});
