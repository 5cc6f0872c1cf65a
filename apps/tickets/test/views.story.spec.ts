import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask } from '@parley/contracts/contract';
import { profiles } from '@parley/contracts/profiles';
import { segments } from '@parley/contracts/segments';
import { tickets } from '@parley/contracts/tickets';
import { views } from '@parley/contracts/views';
import { newId } from '@parley/service/ids';
import { crowd } from './crowd.js';
import { Desk } from './desk.js';

describe('views', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const ids = async (more: Ask<typeof tickets.list>, by = desk.me) => (await desk.list(more, by)).items.map(({ id }) => id);
  const save = (more: Partial<Ask<typeof views.create>> = {}, by = desk.me) => desk.rig.ask(views.create, { name: 'A view', filter: {}, ...more }, by);
  const without = (scope: string) => desk.rig.actor({ id: newId(), scopes: desk.me.scopes.filter((one) => one !== scope) });
  const change = (id: string, text: string, values: unknown[] = []) => desk.rig.tx((tx) => tx.sql(`UPDATE ticket SET ${text} WHERE id = $1`, [id, ...values]));

  it('TKT-15 a saved filter is a view, and can be narrowed further', async () => {
    const [urgent, quiet, closed] = [await desk.ticket('email'), await desk.ticket('email'), await desk.ticket('email')];
    for (const { id } of [urgent, closed]) await change(id, `tags = '{vip}'`);
    await desk.close(closed.id);
    const view = await save({ filter: { channel: 'email', tag: 'vip' }, sort: 'created' });
    expect(await ids({ view: view.id })).toEqual([closed.id, urgent.id]);
    expect(await ids({ view: view.id, status: 'open' })).toEqual([urgent.id]);
    expect(await ids({ view: view.id, profileId: quiet.profile.id })).toEqual([]);
    expect(await ids({ view: view.id, channel: 'sms' })).toEqual([]);
    expect(view.count).toEqual({ value: 2, orMore: false });
  });

  it('TKT-15 filters by team, segment, campaign, flow and text', async () => {
    const [one, other] = [await desk.ticket('sms'), await desk.ticket('sms')];
    const teamId = newId();
    await change(one.id, 'team_id = $2', [teamId]);
    expect(await ids({ teamId })).toEqual([one.id]);
    await change(one.id, 'attribution = $2', [{ campaignId: 'spring', flowId: null }]);
    await change(other.id, 'attribution = $2', [{ campaignId: null, flowId: 'welcome' }]);
    expect(await ids({ campaignId: 'spring' })).toEqual([one.id]);
    expect(await ids({ flowId: 'welcome' })).toEqual([other.id]);
    await desk.rig.ask(profiles.upsert, { id: one.profile.id, properties: { tier: 'gold' } } as never).catch(() => undefined);
    const segment = await desk.rig.ask(segments.create, { name: 'These', condition: { all: [{ of: 'field', field: 'phone', is: 'equals', value: one.customer.from[0]!.value }] } });
    await desk.rig.until(async () => (await ids({ segmentId: segment.id })).length === 1, 'the segment to be computed');
    expect(await ids({ segmentId: segment.id })).toEqual([one.id]);
    await desk.customerWrites(other.customer, 'The zebra is missing');
    await desk.rig.until(async () => (await ids({ q: 'zebra' })).length === 1, 'the text to be found');
    expect(await ids({ q: 'zebra' })).toEqual([other.id]);
    expect(await ids({ q: 'zebra', channel: 'email' })).toEqual([]);
  });

  it('TKT-15 a private view is nobody else’s, a shared one everybody’s', async () => {
    const colleague = desk.rig.actor({ id: newId() });
    const mine = await save({ name: 'Mine' });
    const shared = await save({ name: 'Ours', shared: true });
    await expect(desk.list({ view: mine.id }, colleague)).rejects.toMatchObject({ code: 'VIEW_NOT_FOUND' });
    await expect(desk.rig.ask(views.get, { id: mine.id }, colleague)).rejects.toMatchObject({ code: 'VIEW_NOT_FOUND' });
    expect((await desk.rig.ask(views.list, {}, colleague)).items.map(({ id }) => id)).toEqual([shared.id]);
    expect(await ids({ view: shared.id }, colleague)).toEqual(await ids({}));
  });

  it('TKT-15 only who may administer the desk shares views, or changes shared ones', async () => {
    const support = without('desk:admin');
    await expect(save({ shared: true }, support)).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    const shared = await save({ shared: true });
    await expect(desk.rig.ask(views.update, { id: shared.id, ifMatch: 1, name: 'Taken over' }, support)).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    await expect(desk.rig.ask(views.remove, { id: shared.id, ifMatch: 1 }, support)).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    const own = await save({}, support);
    await expect(desk.rig.ask(views.update, { id: own.id, ifMatch: 1, shared: true }, support)).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
    expect(await desk.rig.ask(views.update, { id: own.id, ifMatch: 1, name: 'My own' }, support)).toMatchObject({ name: 'My own', version: 2 });
  });

  it('TKT-15 a view is changed and removed by its version', async () => {
    const view = await save();
    await desk.rig.ask(views.update, { id: view.id, ifMatch: 1, filter: { view: 'mine', unread: 'true' }, sort: 'waiting' });
    await expect(desk.rig.ask(views.update, { id: view.id, ifMatch: 1, name: 'Late' })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { version: 2 } } });
    expect(await desk.rig.ask(views.remove, { id: view.id, ifMatch: 2 })).toMatchObject({ filter: { view: 'mine', unread: 'true' }, sort: 'waiting' });
    await expect(desk.rig.ask(views.get, { id: view.id })).rejects.toMatchObject({ code: 'VIEW_NOT_FOUND' });
  });

  it('TKT-15 a saved filter is held to the same schema as the list', async () => {
    await expect(save({ filter: { colour: 'red' } as never })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(save({ filter: { status: 'solved' } as never })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('TKT-15 views tell how many tickets they show, up to 1,000', async () => {
    const { id } = await save({ name: 'Crowd', filter: { tag: 'crowd' } });
    await crowd(desk, 'crowd', 1001);
    const counts = async () => (await desk.rig.ask(views.list, { counts: 'true' })).items.find((view) => view.id === id)!.count;
    expect(await counts()).toEqual({ value: 1000, orMore: true });
    await desk.rig.tx((tx) => tx.sql(`UPDATE ticket SET tags = '{}' WHERE 'crowd' = ANY (tags) AND number % 2 = 0`));
    const rest = (await desk.rig.tx((tx) => tx.sql<{ n: number }>(`SELECT count(*) AS n FROM ticket WHERE 'crowd' = ANY (tags)`)))[0]!.n;
    expect(await counts()).toEqual({ value: rest, orMore: false });
    expect((await desk.rig.ask(views.list, {})).builtIn).toEqual(['mine', 'unassigned', 'all', 'spam'].map((view) => ({ view, count: null })));
  });

  it('TKT-15 a filter that fits little looks at a bounded number of tickets a page, and misses nothing', async () => {
    await crowd(desk, 'hay', 21_000);
    const [newest, oldest] = ['DESC', 'ASC'].map((way) => `id IN (SELECT id FROM ticket WHERE 'hay' = ANY (tags) ORDER BY last_message_at ${way} LIMIT 2)`);
    const wanted = (await desk.rig.tx((tx) => tx.sql<{ id: string }>(`UPDATE ticket SET tags = '{needle}' WHERE ${newest} OR ${oldest} RETURNING id`))).map(({ id }) => id);
    const seen: string[] = [];
    let pages = 0;
    let cursor: string | null | undefined;
    do {
      const page = await desk.list({ tag: 'needle', cursor: cursor ?? undefined });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      pages++;
    } while (cursor);
    expect([...seen].sort()).toEqual([...wanted].sort());
    expect(pages).toBeGreaterThan(1);
    expect((await save({ filter: { tag: 'needle' } })).count).toEqual({ value: 2, orMore: true });
  });

  it('TKT-15 what spam holds is in Spam alone, and what somebody blocked writes is in no view', async () => {
    const spam = await desk.ticket('email');
    await change(spam.id, 'spam = true');
    const view = await save({ filter: { profileId: spam.profile.id } });
    expect(await ids({ view: view.id })).toEqual([]);
    for (const built of ['mine', 'unassigned', 'all'] as const) expect(await ids({ view: built, profileId: spam.profile.id })).toEqual([]);
    expect(await ids({ view: 'spam', profileId: spam.profile.id })).toEqual([spam.id]);

    const blocked = await desk.ticket('sms');
    await desk.rig.ask(profiles.block, { id: blocked.profile.id });
    const { preview } = await desk.look(blocked.id);
    await desk.customerWrites(blocked.customer, 'Let me in');
    const shown = (await Promise.all((['mine', 'unassigned', 'all', 'spam'] as const).map((built) => desk.list({ view: built, profileId: blocked.profile.id })))).flatMap(({ items }) => items);
    expect(shown).toMatchObject([{ id: blocked.id, preview, unread: false }]);
    expect((await desk.thread(blocked.id)).items.map(({ text }) => text)).not.toContain('Let me in');
  });
});
