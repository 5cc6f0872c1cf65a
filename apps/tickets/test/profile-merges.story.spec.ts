import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { campaigns } from '@parley/contracts/campaigns';
import { customerEvents } from '@parley/contracts/customer-events';
import { profileMerges } from '@parley/contracts/profile-merges';
import { profiles } from '@parley/contracts/profiles';
import { segments } from '@parley/contracts/segments';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('two profiles of one customer', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  let people = 0;
  const put = (more: object = {}) => desk.rig.ask(profiles.upsert, { externalId: `m-${++people}`, ...more });
  const get = (id: string) => desk.rig.ask(profiles.get, { id });
  const merge = (id: string, intoId: string) => desk.rig.ask(profileMerges.merge, { id, intoId });
  const undo = (id: string) => desk.rig.ask(profileMerges.undo, { id });
  const ticketsOf = async (id: string) => (await desk.rig.ask(profiles.tickets, { id })).items.map((ticket) => ticket.id).sort();
  const did = (id: string, metric: string) => desk.rig.ask(customerEvents.record, { profile: { id }, metric });
  const metrics = async (id: string) => (await desk.rig.ask(customerEvents.timeline, { id })).items.map(({ metric }) => metric).sort();
  const ledger = async (id: string) => (await desk.rig.ask(profiles.consents, { id })).items.map(({ kind, state }) => `${kind} ${state}`);
  const texts = async (ticketId: string) => (await desk.thread(ticketId)).items.map(({ text }) => text);

  it('PRO-7 identifiers, consents, events and tickets follow, the old id answers as the new one, and all goes back on undo', async () => {
    const sms = await desk.ticket('sms');
    const mail = await desk.ticket('email');
    const [from, into] = [sms.profile.id, mail.profile.id];
    await desk.rig.ask(profiles.upsert, { phone: sms.customer.from[0]!.value, locale: 'fr', properties: { plan: 'gold', size: 3 } });
    await desk.rig.ask(profiles.upsert, { email: mail.customer.from[0]!.value, properties: { plan: 'free' } });
    await desk.consent(into, 'email', 'granted');
    await desk.consent(from, 'sms_marketing', 'granted');
    await did(from, 'Viewed Product');
    await did(into, 'Subscribed');
    const before = { from: await get(from), into: await get(into), ledgers: [await ledger(from), await ledger(into)] };

    const done = await merge(from, into);
    expect(done).toMatchObject({ fromId: from, intoId: into, mergedBy: desk.me.id, undoneAt: null });
    const one = await get(from);
    expect(one).toEqual(await get(into));
    expect(one).toMatchObject({
      id: into, emails: before.into.emails, phones: before.from.phones, locale: 'fr', properties: { plan: 'free', size: 3 },
      consents: { email: 'granted', sms_marketing: 'granted' },
    });
    expect(await ticketsOf(from)).toEqual([sms.id, mail.id].sort());
    expect(await metrics(into)).toEqual(['Sent Email', 'Sent SMS', 'Subscribed', 'Viewed Product']);
    expect(await ledger(into)).toEqual(['sms_marketing granted', 'email granted']);
    expect((await desk.look(sms.id)).profile).toEqual({ id: into, name: one.name });
    expect((await desk.rig.ask(profiles.list, { limit: 100 })).items.map(({ id }) => id)).not.toContain(from);
    expect((await desk.last('profile.merged')).data).toMatchObject({ merge: { id: done.id }, profile: { id: into } });
    expect((await desk.customerWrites(sms.customer, 'Still me')).ticketId).toBe(sms.id);

    expect((await undo(done.id)).undoneAt).not.toBeNull();
    expect(await get(from)).toEqual({ ...before.from, version: expect.any(Number) });
    expect(await get(into)).toEqual({ ...before.into, version: expect.any(Number) });
    expect([await ledger(from), await ledger(into)]).toEqual(before.ledgers);
    expect([await ticketsOf(from), await ticketsOf(into)]).toEqual([[sms.id], [mail.id]]);
    expect(await metrics(from)).toEqual(['Sent SMS', 'Sent SMS', 'Viewed Product']);
    expect(await desk.last('profile.unmerged')).toMatchObject({ data: { merge: { id: done.id } } });
    expect((await desk.rig.ask(profileMerges.list, { id: into })).items).toMatchObject([{ id: done.id, fromId: from }]);
    expect((await desk.customerWrites(sms.customer, 'Me again')).ticketId).toBe(sms.id);
  });

  it('PRO-7 TKT-2 of two SMS threads the newer one goes on; on undo each has its own again, and answers go to who wrote', async () => {
    const older = await desk.ticket('sms');
    const newer = await desk.ticket('sms');
    const done = await merge(older.profile.id, newer.profile.id);
    expect((await desk.customerWrites(older.customer, 'From my old number')).ticketId).toBe(newer.id);
    expect((await desk.customerWrites(newer.customer, 'From my new number')).ticketId).toBe(newer.id);
    await desk.customerWrites(older.customer, 'Old again');
    expect(await ticketsOf(newer.profile.id)).toEqual([older.id, newer.id].sort());
    await undo(done.id);
    expect((await desk.customerWrites(older.customer, 'I am two')).ticketId).toBe(older.id);
    await desk.consent(newer.profile.id, 'sms_transactional', 'granted');
    await desk.reply(newer.id, 'To the new number');
    expect((await desk.last('message.sent')).data).toMatchObject({ route: { to: newer.customer.from[0] } });
    expect(await texts(newer.id)).toEqual(['Where is my order?', 'From my old number', 'From my new number', 'Old again', 'To the new number']);
  });

  it('PRO-7 a ticket that was opened meanwhile goes back with the address it came from', async () => {
    const [from, into] = [await put({ email: 'from@example.com' }), await put({ email: 'into@example.com' })];
    const done = await merge(from.id, into.id);
    const writer = (email: string) => desk.customer('email', { from: [{ type: 'email', value: email, verified: true }] });
    const [theirs, ours] = [await desk.ticket('email', writer('from@example.com')), await desk.ticket('email', writer('into@example.com'))];
    expect(await ticketsOf(into.id)).toEqual([theirs.id, ours.id].sort());
    await undo(done.id);
    expect([await ticketsOf(from.id), await ticketsOf(into.id)]).toEqual([[theirs.id], [ours.id]]);
  });

  it('PRO-7 TKT-2 of two live chats and two open Instagram tickets one goes on', async () => {
    const chats = [await desk.ticket('webchat'), await desk.ticket('webchat')] as const;
    const handles = [await desk.ticket('instagram'), await desk.ticket('instagram')] as const;
    await merge(chats[0].profile.id, chats[1].profile.id);
    expect([(await desk.look(chats[0].id)).status, (await desk.look(chats[1].id)).status]).toEqual(['closed', 'open']);
    const done = await merge(handles[0].profile.id, handles[1].profile.id);
    expect((await desk.customerWrites(handles[0].customer, 'Hello')).ticketId).toBe(handles[1].id);
    await undo(done.id);
    expect((await desk.customerWrites(handles[0].customer, 'Hello')).ticketId).toBe(handles[0].id);
  });

  it('PRO-7 PRO-2 what is revoked while they are one stays revoked for both', async () => {
    const [from, into] = [await put(), await put()];
    await desk.consent(from.id, 'sms_marketing', 'granted');
    const done = await merge(from.id, into.id);
    await desk.consent(into.id, 'sms_marketing', 'revoked');
    await undo(done.id);
    expect((await get(from.id)).consents).toEqual({ sms_marketing: 'revoked' });
    expect((await get(into.id)).consents).toEqual({ sms_marketing: 'revoked' });
  });

  it('PRO-7 merges of merges are undone the other way round', async () => {
    const [a, b, c] = [await put(), await put(), await put()];
    for (const { id } of [a, b, c]) await did(id, `By ${id}`);
    const first = await merge(a.id, b.id);
    const second = await merge(b.id, c.id);
    expect((await get(a.id)).id).toBe(c.id);
    expect(await metrics(a.id)).toHaveLength(3);
    await expect(undo(first.id)).rejects.toMatchObject({ code: 'MERGE_NOT_ALLOWED', more: { reason: 'merged_further' } });
    await undo(second.id);
    expect((await metrics(b.id)).sort()).toEqual([`By ${a.id}`, `By ${b.id}`].sort());
    await undo(first.id);
    expect(await metrics(a.id)).toEqual([`By ${a.id}`]);
    await expect(undo(first.id)).rejects.toMatchObject({ code: 'MERGE_NOT_ALLOWED', more: { reason: 'already_undone' } });
  });

  it('PRO-7 nobody is merged with themselves, twice, or with somebody blocked, and unknown ids are refused', async () => {
    const [a, b, c] = [await put(), await put(), await put()];
    await expect(merge(a.id, a.id)).rejects.toMatchObject({ more: { reason: 'same_profile' } });
    await merge(a.id, b.id);
    await expect(merge(a.id, c.id)).rejects.toMatchObject({ more: { reason: 'already_merged' } });
    await desk.rig.ask(profiles.block, { id: c.id });
    await expect(merge(c.id, b.id)).rejects.toMatchObject({ code: 'MERGE_NOT_ALLOWED', more: { reason: 'blocked_differs' } });
    await expect(merge(newId(), b.id)).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(undo(newId())).rejects.toMatchObject({ code: 'MERGE_NOT_FOUND' });
  });

  it('PRO-7 whoever writes for a profile at the moment of its merge follows it', async () => {
    for (let round = 0; round < 5; round++) {
      const [from, into] = [await put({ phone: `+1500557${1000 + round}` }), await put()];
      const customer = desk.customer('sms', { from: [{ type: 'phone', value: `+1500557${1000 + round}`, verified: true }] });
      const [{ ticketId }] = await Promise.all([
        desk.customerWrites(customer, 'Hello'), did(from.id, 'Viewed Product'), merge(from.id, into.id),
        desk.rig.ask(campaigns.record, { profile: { id: from.id }, channelId: customer.channelId, campaignId: 'x', text: 'Sale' }),
      ]);
      expect(await ticketsOf(into.id)).toEqual([ticketId]);
      expect(await metrics(into.id)).toEqual(['Received SMS', 'Sent SMS', 'Viewed Product']);
      expect(await desk.rig.tx((tx) => tx.sql('SELECT FROM ticket WHERE profile_id = $1 UNION ALL SELECT FROM customer_event WHERE profile_id = $1', [from.id]))).toEqual([]);
    }
  });

  it('PRO-7 PRO-8 segments know the one who stays', async () => {
    const mark = newId();
    const [from, into] = [await put({ properties: { mark } }), await put()];
    const segment = await desk.rig.ask(segments.create, { name: mark, condition: { all: [{ of: 'property', name: 'mark', is: 'equals', value: mark }] } });
    const members = async () => (await desk.rig.ask(segments.members, { id: segment.id })).items.map(({ id }) => id);
    await desk.rig.until(async () => (await members())[0] === from.id, 'the first one to be in');
    await merge(from.id, into.id);
    await desk.rig.until(async () => (await members())[0] === into.id && (await members()).length === 1, 'the other one to take the place');
  });
});
