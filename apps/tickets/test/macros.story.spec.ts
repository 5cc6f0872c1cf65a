import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { coupons, macros, type MacroActions } from '@parley/contracts/macros';
import { messages } from '@parley/contracts/messages';
import { tags } from '@parley/contracts/tags';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('macros', () => {
  let desk: Desk;
  let names = 0;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const macro = (text: string, actions: Partial<MacroActions> = {}) => desk.rig.ask(macros.create, { name: `Macro ${++names}`, category: 'Shipping', text, actions });
  const pool = async (codes: string[]) => {
    const name = `POOL${++names}`;
    return desk.rig.ask(coupons.create, { name, codes });
  };
  const use = (id: string, macroId: string, more = {}) => desk.rig.ask(messages.reply, { id, macroId, ...more }) as Promise<{ id: string; ticketId: string; text: string }>;

  it('TKT-13 a macro is filled from profile, ticket, agent and account, and its use is counted', async () => {
    const { id, number } = await desk.ticket('email');
    const made = await macro('Hi {{profile.first_name|default:"there"}}, {{agent.first_name}} of {{account.name}} here about #{{ticket.number}} ({{ticket.subject}}). {{order.number|default:"No order yet"}}');
    const words = `Hi Mia, Ada of Shop here about #${number} (My order). No order yet`;
    expect(await desk.rig.ask(macros.preview, { id: made.id, ticketId: id })).toEqual({ text: words, missing: [], actions: made.actions });
    expect((await use(id, made.id)).text).toBe(words);
    expect(await desk.rig.ask(macros.get, { id: made.id })).toMatchObject({ uses: 1, lastUsedAt: expect.any(String), version: 1 });
  });

  it('TKT-13 the latest order is the newest Placed Order of the customer', async () => {
    const { id, profile } = await desk.ticket('email');
    const order = (orderId: string, at: string, value: number) =>
      desk.rig.tx((tx) => tx.sql(`INSERT INTO customer_event (id, account_id, profile_id, metric, at, properties, recorded_at) VALUES ($1, $2, $3, 'Placed Order', $4, $5, now())`, [newId(), desk.rig.account, profile.id, at, JSON.stringify({ orderId, value, currency: 'EUR' })]));
    await order('A-2', '2026-11-10T23:30:00Z', 59.9);
    await order('A-1', '2026-10-01T10:00:00Z', 10);
    const { id: macroId } = await macro('{{order.number}} of {{order.date}}: {{order.total}} {{order.currency}}');
    expect((await desk.rig.ask(macros.preview, { id: macroId, ticketId: id })).text).toBe('A-2 of 2026-11-11: 59.90 EUR');
  });

  it('TKT-13 an unknown placeholder is refused when the macro is saved, with its position; so is a pool that is not there', async () => {
    const { name } = await pool(['X']);
    await expect(macro('Hi {{profile.nickname}}, {{coupon.NOPE}} {{coupon.' + name + '}}')).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      more: { errors: [{ pointer: '/text', message: '{{profile.nickname}} at character 4 is not known' }, { pointer: '/text', message: '{{coupon.NOPE}} at character 26 names no coupon pool' }] },
    });
    const made = await macro('Fine');
    await expect(desk.rig.ask(macros.update, { id: made.id, ifMatch: 1, text: '{{x.y}}' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await desk.rig.ask(macros.get, { id: made.id })).toMatchObject({ text: 'Fine', version: 1 });
  });

  it('TKT-13 macros are searched in name, category and text, paged, and signs of patterns are words', async () => {
    const made = await macro('Percent 100%_off \\ here');
    await macro('Percent 1000 off here');
    expect((await desk.rig.ask(macros.list, { q: '100%_OFF \\' })).items.map(({ id }) => id)).toEqual([made.id]);
    expect((await desk.rig.ask(macros.list, { q: made.name.toUpperCase() })).items.map(({ id }) => id)).toContain(made.id);
    expect((await desk.rig.ask(macros.list, { category: 'Shipping', q: 'nothing like it' })).items).toEqual([]);
    const first = await desk.rig.ask(macros.list, { limit: 1 });
    const second = await desk.rig.ask(macros.list, { limit: 1, cursor: first.nextCursor! });
    expect(second.items[0]!.id).not.toBe(first.items[0]!.id);
  });

  it('TKT-13 a stale change is refused with the current macro; two of one name are not', async () => {
    const made = await macro('One');
    const changed = await desk.rig.ask(macros.update, { id: made.id, ifMatch: 1, text: 'Two', category: null });
    expect(changed).toMatchObject({ text: 'Two', category: null, version: 2 });
    await expect(desk.rig.ask(macros.update, { id: made.id, ifMatch: 1, text: 'Three' })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { version: 2 } } });
    await expect(desk.rig.ask(macros.create, { name: ` ${made.name.toUpperCase()} `, text: 'x' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(desk.rig.ask(macros.remove, { id: made.id, ifMatch: 1 })).rejects.toMatchObject({ code: 'VERSION_STALE' });
    await desk.rig.ask(macros.remove, { id: made.id, ifMatch: 2 });
    await expect(desk.rig.ask(macros.get, { id: made.id })).rejects.toMatchObject({ code: 'MACRO_NOT_FOUND' });
  });

  it('TKT-13 a macro sets tags, status and assignee with its reply, in one go', async () => {
    const { id } = await desk.ticket('email');
    const bob = await desk.agent('Bob');
    const { id: macroId } = await macro('Done', { addTags: ['refund', 'VIP'], status: 'closed', assignee: bob.id });
    await use(id, macroId);
    expect(await desk.look(id)).toMatchObject({ tags: ['refund', 'VIP'], status: 'closed', assigneeId: bob.id });
    expect(await desk.told(id)).toEqual(expect.arrayContaining(['message.sent', 'ticket.tagged', 'ticket.assigned', 'ticket.closed']));
    const { id: again } = await desk.ticket('email');
    const { id: snoozing } = await macro('Later', { status: 'snoozed', snooze: 'next_week', assignee: 'nobody' });
    await use(again, snoozing);
    expect(await desk.look(again)).toMatchObject({ status: 'snoozed', assigneeId: null });
  });

  it('TKT-13 what a macro may not do refuses the whole reply', async () => {
    const { id } = await desk.ticket('instagram');
    await desk.close(id);
    const { name, id: poolId } = await pool(['KEPT']);
    const { id: macroId } = await macro(`Take {{coupon.${name}}}`, { status: 'open' });
    await expect(use(id, macroId)).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' });
    expect((await desk.thread(id)).items).toHaveLength(1);
    expect(await desk.rig.ask(coupons.get, { id: poolId })).toMatchObject({ free: 1, given: 0 });
  });

  describe('coupons', () => {
    it('TKT-13 a code is taken when the reply is sent, not by a preview; an edited preview still gets it, and a customer’s name cannot', async () => {
      const { name, id: poolId } = await pool(['ONE', 'TWO']);
      const eve = await desk.ticket('email', desk.customer('email', { name: `{{coupon.${name}}}` }));
      const { id: macroId } = await macro(`{{profile.name}}: {{coupon.${name}}} = {{coupon.${name}}}`);
      const { text } = await desk.rig.ask(macros.preview, { id: macroId, ticketId: eve.id });
      expect(text).toBe(`{ {coupon.${name}}}: {{coupon.${name}}} = {{coupon.${name}}}`);
      expect(await desk.rig.ask(coupons.get, { id: poolId })).toMatchObject({ free: 2 });
      expect((await use(eve.id, macroId, { text: `${text}!` })).text).toBe(`{ {coupon.${name}}}: ONE = ONE!`);
      expect(await desk.rig.ask(coupons.get, { id: poolId })).toMatchObject({ free: 1, given: 1 });
    });

    it('TKT-13 each code is given out once, by eight agents at the same moment; then the pool is empty and nothing is sent', async () => {
      const codes = Array.from({ length: 12 }, (_, n) => `C${n}`);
      const { name, id: poolId } = await pool(codes);
      const { id: macroId } = await macro(`Here: {{coupon.${name}}}`);
      const tickets = await Promise.all(Array.from({ length: 16 }, () => desk.ticket('email')));
      const sent = await Promise.allSettled(tickets.map(({ id }) => use(id, macroId)));
      const given = sent.flatMap((one) => (one.status === 'fulfilled' ? [one.value.text.slice(6)] : []));
      expect(given.sort()).toEqual([...codes].sort());
      for (const one of sent) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'COUPON_POOL_EMPTY' });
      expect(await desk.rig.ask(coupons.get, { id: poolId })).toMatchObject({ free: 0, given: 12 });
      expect(await Promise.all(tickets.map(async ({ id }) => (await desk.thread(id)).items.length))).toEqual(sent.map(({ status }) => (status === 'fulfilled' ? 2 : 1)));
    });

    it('TKT-13 a repeated command takes no second code', async () => {
      const { name, id: poolId } = await pool(['A', 'B']);
      const { id: macroId } = await macro(`{{coupon.${name}}}`);
      const { id } = await desk.ticket('email');
      const by = desk.rig.actor({ command: newId() });
      const first = await desk.rig.ask(messages.reply, { id, macroId }, by);
      expect(await desk.rig.ask(messages.reply, { id, macroId }, by)).toEqual(first);
      expect(await desk.rig.ask(coupons.get, { id: poolId })).toMatchObject({ free: 1 });
    });

    it('TKT-13 a code is not lost when the send fails: its customer gets it again at once, others days later', async () => {
      const { name } = await pool(['ONLY']);
      const { id: macroId } = await macro(`{{coupon.${name}}}`);
      const [mia, tom] = [await desk.ticket('email'), await desk.ticket('email')];
      const failed = await use(mia.id, macroId);
      await desk.delivery(failed, 'failed', { code: '550', reason: 'No such mailbox' });
      await expect(use(tom.id, macroId)).rejects.toMatchObject({ code: 'COUPON_POOL_EMPTY' });
      const again = await use(mia.id, macroId);
      expect(again.text).toBe('ONLY');
      await desk.delivery(again, 'failed', { code: '550', reason: 'No such mailbox' });
      await desk.rig.advance(73 * 3600);
      expect((await use(tom.id, macroId)).text).toBe('ONLY');
    });

    it('TKT-13 a delivery after a failure keeps the code where it is', async () => {
      const { name } = await pool(['LATE']);
      const { id: macroId } = await macro(`{{coupon.${name}}}`);
      const [mia, tom] = [await desk.ticket('email'), await desk.ticket('email')];
      const sent = await use(mia.id, macroId);
      await desk.delivery(sent, 'failed', { code: '4xx', reason: 'Too slow' });
      await desk.delivery(sent, 'delivered');
      await desk.rig.advance(100 * 3600);
      await expect(use(tom.id, macroId)).rejects.toMatchObject({ code: 'COUPON_POOL_EMPTY' });
    });

    it('TKT-13 codes come in bulk, each once', async () => {
      const { id, name } = await pool(['A']);
      expect(await desk.rig.ask(coupons.fill, { id, codes: ['A', 'B', 'B', 'C'] })).toMatchObject({ added: 2, free: 3, name });
      await expect(desk.rig.ask(coupons.create, { name })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      await expect(desk.rig.ask(coupons.fill, { id: newId(), codes: ['A'] })).rejects.toMatchObject({ code: 'COUPON_POOL_NOT_FOUND' });
    });
  });

  it('ACC-1 another account sees none of it', async () => {
    const made = await macro('Hidden');
    const { id } = await desk.ticket('email');
    const tag = await desk.rig.ask(tags.create, { name: 'hidden' });
    const stranger = desk.rig.actor({ account: newId() });
    await expect(desk.rig.ask(macros.get, { id: made.id }, stranger)).rejects.toMatchObject({ code: 'MACRO_NOT_FOUND' });
    await expect(desk.rig.ask(tags.get, { id: tag.id }, stranger)).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' });
    await expect(desk.rig.ask(tags.put, { id, tag: 'x' }, stranger)).rejects.toMatchObject({ code: 'TICKET_NOT_FOUND' });
    expect((await desk.rig.ask(macros.list, {}, stranger)).items).toEqual([]);
  });
});
