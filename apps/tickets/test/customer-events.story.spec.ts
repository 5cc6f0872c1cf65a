import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { customerEvents, type CustomerEvent } from '@parley/contracts/customer-events';
import { profiles } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('what customers do', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  let people = 0;
  const put = (more: object = {}) => desk.rig.ask(profiles.upsert, { externalId: `e-${++people}`, ...more });
  const record = (...events: object[]) => desk.rig.ask(customerEvents.record, { events } as never);
  const timeline = async (id: string, more: object = {}) => (await desk.rig.ask(customerEvents.timeline, { id, limit: 100, ...more })).items;
  const ago = async (days: number) => new Date((await desk.now()).getTime() - days * 86_400_000).toISOString();
  const order = (id: string, time: string, value: number, currency = 'EUR') => ({ profile: { id }, metric: 'Placed Order', time, properties: { value, currency, orderId: newId() } });

  it('PRO-3 five hundred events of many people are recorded at once, each with its own outcome', async () => {
    const known = await put({ email: 'events@example.com' });
    const events = Array.from({ length: 498 }, (_, n) => ({ profile: { externalId: `batch-${n % 50}` }, metric: 'Viewed Product', properties: { n }, uniqueId: `batch ${n}` }));
    const { items } = await record(...events, { profile: { email: 'EVENTS@example.com' }, metric: 'Viewed Product' }, { profile: { id: newId() }, metric: 'Viewed Product' });
    expect(items.slice(0, 499).every(({ status }) => status === 'recorded')).toBe(true);
    expect(items[499]).toEqual({ status: 'refused', id: null, code: 'PROFILE_NOT_FOUND' });
    expect(await timeline(known.id)).toMatchObject([{ id: items[498]!.id, metric: 'Viewed Product', origin: 'api' }]);
    const stranger = (await desk.rig.ask(profiles.list, { externalId: 'batch-7' })).items[0]!;
    expect(await timeline(stranger.id)).toHaveLength(10);
    expect((await desk.rig.facts('profile.created')).filter(({ data }) => String((data as { externalId: string }).externalId).startsWith('batch-'))).toHaveLength(50);
  });

  it('PRO-3 an event of the same uniqueId is recorded once, however often and by however many at once', async () => {
    const { id } = await put();
    const one = { profile: { id }, metric: 'Subscribed', uniqueId: 'once' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => record(one, one)));
    const items = answers.flatMap((answer) => answer.items);
    expect(items.filter(({ status }) => status === 'recorded')).toHaveLength(1);
    expect(new Set(items.map((item) => item.id)).size).toBe(1);
    expect(await timeline(id)).toHaveLength(1);
  });

  it('PRO-3 a repeated command records nothing twice', async () => {
    const { id } = await put();
    const by = desk.rig.actor({ command: newId() });
    const ask = () => desk.rig.ask(customerEvents.record, { profile: { id }, metric: 'Viewed Product' }, by);
    expect(await ask()).toEqual(await ask());
    expect(await timeline(id)).toHaveLength(1);
  });

  it('PRO-3 a batch that is too large, an event too large and a profile named twice are refused', async () => {
    const event = { profile: { externalId: 'x' }, metric: 'M' };
    await expect(record(...Array.from({ length: 501 }, () => event))).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(record({ ...event, properties: { text: 'x'.repeat(9000) } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(record({ ...event, profile: { externalId: 'x', email: 'x@example.com' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(record({ ...event, properties: { a: { b: { c: { d: { e: { f: 1 } } } } } } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('PRO-3 the timeline holds what Parley saw too, by metric and by saved filter, in pages that neither skip nor repeat', async () => {
    const sms = await desk.ticket('sms');
    await desk.consent(sms.profile.id, 'sms_transactional', 'granted');
    await desk.reply(sms.id, 'On its way');
    await record({ profile: { id: sms.profile.id }, metric: 'Viewed Product', time: await ago(3) }, order(sms.profile.id, await ago(2), 20), order(sms.profile.id, await ago(2), 30));
    expect((await timeline(sms.profile.id)).map(({ metric }) => metric)).toEqual(['Received SMS', 'Sent SMS', 'Placed Order', 'Placed Order', 'Viewed Product']);
    expect(await timeline(sms.profile.id, { metric: 'Received SMS' })).toMatchObject([{ origin: 'parley', properties: { ticketId: sms.id, author: 'agent' } }]);
    const filter = await desk.rig.ask(customerEvents.saveFilter, { name: 'Shop', metrics: ['Placed Order', 'Viewed Product'] });
    expect(await timeline(sms.profile.id, { filterId: filter.id })).toHaveLength(3);
    expect(await timeline(sms.profile.id, { filterId: filter.id, metric: 'Sent SMS' })).toEqual([]);
    const seen: CustomerEvent[] = [];
    for (let cursor: string | null | undefined = undefined; cursor !== null; ) {
      const next: { items: CustomerEvent[]; nextCursor: string | null } = await desk.rig.ask(customerEvents.timeline, { id: sms.profile.id, limit: 2, cursor });
      seen.push(...next.items);
      cursor = next.nextCursor;
    }
    expect(seen).toEqual(await timeline(sms.profile.id));
  });

  it('PRO-3 a keyword of somebody without a ticket stands in the timeline, what a blocked one writes does not', async () => {
    const mia = desk.customer('sms');
    await desk.customerWrites(mia, 'STOP', { keyword: 'stop' });
    const { id } = (await desk.rig.ask(profiles.list, { phone: mia.from[0]!.value })).items[0]!;
    expect(await timeline(id)).toMatchObject([{ metric: 'Sent SMS', properties: { keyword: 'stop' } }]);
    await desk.rig.ask(profiles.block, { id });
    await desk.customerWrites(mia, 'Hello?');
    expect(await timeline(id)).toHaveLength(1);
  });

  it('PRO-3 filters are renamed, changed and forgotten, by their version', async () => {
    const filter = await desk.rig.ask(customerEvents.saveFilter, { name: 'Mine', metrics: ['A'] });
    await expect(desk.rig.ask(customerEvents.saveFilter, { name: 'Mine', metrics: ['B'] })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await desk.rig.ask(customerEvents.changeFilter, { id: filter.id, ifMatch: 1, metrics: ['A', 'B'] })).toMatchObject({ name: 'Mine', metrics: ['A', 'B'], version: 2 });
    await expect(desk.rig.ask(customerEvents.changeFilter, { id: filter.id, ifMatch: 1, name: 'X' })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { version: 2 } } });
    expect((await desk.rig.ask(customerEvents.filters, {})).items.map(({ name }) => name)).toContain('Mine');
    await desk.rig.ask(customerEvents.removeFilter, { id: filter.id, ifMatch: 2 });
    await expect(timeline((await put()).id, { filterId: filter.id })).rejects.toMatchObject({ code: 'EVENT_FILTER_NOT_FOUND' });
  });

  it('PRO-4 the summary says who it is, what happened and what is to be expected', async () => {
    await desk.set('profiles', { pinnedProperties: ['plan', 'size', 'absent'] });
    const { id } = await put({ name: 'Mia', timezone: 'Asia/Kolkata', location: { country: 'IN', city: 'Pune' }, properties: { size: 3, plan: 'gold', other: 1 } });
    await desk.consent(id, 'email', 'granted');
    const summary = () => desk.rig.ask(customerEvents.summary, { id });
    await record(order(id, await ago(60), 10), order(id, await ago(30), 20));
    expect(await summary()).toMatchObject({
      name: 'Mia', subscriptions: { email: 'granted' }, location: { country: 'IN', region: null, city: 'Pune' }, localTime: expect.stringMatching(/\+05:30$/),
      orders: 2, ordersTotal: [{ currency: 'EUR', value: 30 }], tickets: 0, openTickets: 0, predictions: null,
      pinned: [{ name: 'plan', value: 'gold' }, { name: 'size', value: 3 }],
    });
    await record(order(id, await ago(1), 30), order(id, await ago(2), 99, 'USD'));
    const { predictions, recentOrders, ordersTotal } = await summary();
    expect(recentOrders.map(({ value }) => value)).toEqual([30, 99, 20, 10]);
    expect(ordersTotal).toEqual([{ currency: 'EUR', value: 60 }, { currency: 'USD', value: 99 }]);
    expect(predictions).toMatchObject({ horizonDays: 364, currency: 'EUR' });
    expect(predictions!.lifetimeValue).toBeCloseTo(60 + predictions!.expectedOrders * predictions!.expectedOrderValue!, 6);
    expect(predictions!.churnRisk).toBeLessThan(0.5);
    expect(Date.parse(predictions!.nextOrderAt)).toBeGreaterThan((await desk.now()).getTime());
    expect((await desk.rig.ask(customerEvents.orders, { id, limit: 2 })).items.map(({ currency }) => currency)).toEqual(['EUR', 'USD']);
  });

  it('PRO-4 tickets are counted and listed, spam is not', async () => {
    const sms = await desk.ticket('sms');
    await desk.rig.ask(profiles.upsert, { phone: sms.customer.from[0]!.value, email: 'two@example.com' });
    const mail = await desk.ticket('email', desk.customer('email', { from: [{ type: 'email', value: 'two@example.com', verified: true }] }));
    await desk.close(sms.id);
    expect(mail.profile.id).toBe(sms.profile.id);
    expect(await desk.rig.ask(customerEvents.summary, { id: sms.profile.id })).toMatchObject({ tickets: 2, openTickets: 1, localTime: null });
    expect((await desk.rig.ask(profiles.tickets, { id: sms.profile.id })).items.map(({ id }) => id)).toEqual([mail.id, sms.id]);
    await desk.rig.tx((tx) => tx.sql('UPDATE ticket SET spam = true WHERE id = $1', [mail.id]));
    expect((await desk.rig.ask(profiles.tickets, { id: sms.profile.id })).items.map(({ id }) => id)).toEqual([sms.id]);
    expect(await desk.rig.ask(customerEvents.summary, { id: sms.profile.id })).toMatchObject({ tickets: 1, openTickets: 0 });
  });
});
