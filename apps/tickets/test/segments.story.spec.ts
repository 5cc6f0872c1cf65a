import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profiles } from '@parley/contracts/profiles';
import { segments, type Condition } from '@parley/contracts/segments';
import { newId } from '@parley/service/ids';
import { SegmentsService } from '../src/segments/segments.service.js';
import { Desk } from './desk.js';

describe('segments', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  let people = 0;
  const put = (more: object) => desk.rig.ask(profiles.upsert, { externalId: `s-${++people}`, ...more });
  const make = (condition: Condition, name = newId()) => desk.rig.ask(segments.create, { name, condition });
  const membersOf = async (id: string) => (await desk.rig.ask(segments.members, { id, limit: 100 })).items.map((one) => one.id);
  const computed = (id: string) => desk.rig.until(async () => (await desk.rig.ask(segments.get, { id })).computedAt !== null, 'the segment to be computed');
  const isIn = (profileId: string, id: string) => desk.rig.tx((tx) => desk.rig.app.get(SegmentsService).isMember(tx, profileId, [id])).then((found) => found.has(id));

  it('PRO-8 membership is computed for everybody, follows a customer that changes, and a condition that changes', async () => {
    const vip = await put({ properties: { plan: 'Gold' }, location: { country: 'FR' } });
    const other = await put({ properties: { plan: 'free' } });
    const segment = await make({ all: [{ of: 'property', name: 'plan', is: 'equals', value: 'Gold' }, { any: [{ of: 'field', field: 'country', is: 'equals', value: 'fr' }, { of: 'field', field: 'city', is: 'set' }] }] });
    await computed(segment.id);
    expect(await membersOf(segment.id)).toEqual([vip.id]);
    await put({ externalId: other.externalId!, properties: { plan: 'Gold' }, location: { city: 'Lyon' } });
    expect(await isIn(other.id, segment.id)).toBe(true);
    await desk.rig.until(async () => (await membersOf(segment.id)).includes(other.id), 'the changed customer to be in');
    const changed = await desk.rig.ask(segments.update, { id: segment.id, ifMatch: 1, condition: { all: [{ of: 'property', name: 'plan', is: 'not_equals', value: 'Gold' }] } });
    expect(changed).toMatchObject({ version: 2, computedAt: null });
    await computed(segment.id);
    const members = await membersOf(segment.id);
    expect(members).not.toContain(vip.id);
    expect((await desk.rig.ask(segments.get, { id: segment.id })).members).toBe(members.length);
  });

  it('PRO-8 isMember answers what is true within the transaction, before anything was computed', async () => {
    const segment = await make({ all: [{ of: 'consent', kind: 'email', state: 'granted' }] });
    const one = await put({});
    expect(await isIn(one.id, segment.id)).toBe(false);
    await desk.consent(one.id, 'email', 'granted');
    expect(await isIn(one.id, segment.id)).toBe(true);
    expect(await desk.rig.tx((tx) => desk.rig.app.get(SegmentsService).isMember(tx, one.id, [newId()]))).toEqual(new Set());
  });

  it('PRO-8 names are unique, versions are checked, faults are named', async () => {
    const condition: Condition = { any: [{ of: 'field', field: 'email', is: 'set' }] };
    const segment = await make(condition, 'Reachable');
    await expect(make(condition, 'Reachable')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const second = await make(condition);
    await expect(desk.rig.ask(segments.update, { id: second.id, ifMatch: 1, name: 'Reachable' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(desk.rig.ask(segments.update, { id: segment.id, ifMatch: 7, name: 'x' })).rejects.toMatchObject({ code: 'VERSION_STALE' });
    await expect(make({ all: [{ of: 'field', field: 'name', is: 'equals' }] })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/condition/all/0/value' }] } });
    expect(await desk.rig.ask(segments.remove, { id: segment.id, ifMatch: 1 })).toMatchObject({ name: 'Reachable' });
    await expect(desk.rig.ask(segments.get, { id: segment.id })).rejects.toMatchObject({ code: 'SEGMENT_NOT_FOUND' });
    await expect(desk.rig.ask(segments.members, { id: segment.id })).rejects.toMatchObject({ code: 'SEGMENT_NOT_FOUND' });
    expect((await desk.rig.ask(segments.list, { limit: 100 })).items.map(({ id }) => id)).not.toContain(segment.id);
  });

  it('PRO-8 members come in pages that neither skip nor repeat', async () => {
    const mark = newId();
    const all = await Promise.all(Array.from({ length: 7 }, () => put({ properties: { mark } })));
    const segment = await make({ all: [{ of: 'property', name: 'mark', is: 'equals', value: mark }] });
    await computed(segment.id);
    const seen: string[] = [];
    for (let cursor: string | null | undefined = undefined; cursor !== null; ) {
      const next: { items: { id: string }[]; nextCursor: string | null } = await desk.rig.ask(segments.members, { id: segment.id, limit: 3, cursor });
      seen.push(...next.items.map(({ id }) => id));
      cursor = next.nextCursor;
    }
    expect(seen).toEqual(all.map(({ id }) => id).sort());
  });
});
