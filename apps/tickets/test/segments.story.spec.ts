import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { customerEvents } from '@parley/contracts/customer-events';
import { profiles } from '@parley/contracts/profiles';
import { segments, type Condition, type Question } from '@parley/contracts/segments';
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

  describe('of somebody with a history', () => {
    let mia: string;
    let nobody: string;
    beforeAll(async () => {
      mia = (await put({
        name: 'Mia Müller', email: 'mia@shop.example', locale: 'fr', timezone: 'Europe/Paris', location: { country: 'FR', city: 'Lyon' },
        properties: { plan: 'Gold', size: 38.5, vip: true, tags: ['shoes', 'hats'], nothing: null },
      })).id;
      nobody = (await put({})).id;
      await desk.consent(mia, 'email', 'granted');
      await desk.consent(mia, 'sms_marketing', 'granted');
      await desk.consent(mia, 'sms_marketing', 'revoked');
      const now = (await desk.now()).getTime();
      const did = (metric: string, days: number, properties = {}) => ({ profile: { id: mia }, metric, time: new Date(now - days * 86_400_000).toISOString(), properties });
      await desk.rig.ask(customerEvents.record, {
        events: [
          did('Placed Order', 50, { value: 40, currency: 'EUR' }), did('Placed Order', 20, { value: 60.5, currency: 'EUR' }), did('Placed Order', 10, { value: 9, currency: 'USD' }),
          did('Placed Order', 5, { value: 'unreadable', currency: 'EUR' }), did('Viewed Product', 1), did('Viewed Product', 40),
        ],
      });
    });

    const field = (name: string, is: string, value?: string) => ({ of: 'field', field: name, is, value });
    const property = (name: string, is: string, value?: unknown) => ({ of: 'property', name, is, value });
    const orders = (more: object) => ({ of: 'orders', ...more });
    const viewed = (more: object = {}) => ({ of: 'event', metric: 'Viewed Product', ...more });
    it.each<{ question: Question; isMia: boolean; isNobody: boolean }>`
      rule       | question                                                                      | isMia    | isNobody
      ${'PRO-8'} | ${field('name', 'equals', 'mia müller')}                                      | ${true}  | ${false}
      ${'PRO-8'} | ${field('name', 'not_equals', 'Mia')}                                         | ${true}  | ${true}
      ${'PRO-8'} | ${field('name', 'contains', 'MÜLL')}                                          | ${true}  | ${false}
      ${'PRO-8'} | ${field('name', 'contains', '%')}                                             | ${false} | ${false}
      ${'PRO-8'} | ${field('name', 'set')}                                                       | ${true}  | ${false}
      ${'PRO-8'} | ${field('timezone', 'not_set')}                                               | ${false} | ${true}
      ${'PRO-8'} | ${field('country', 'equals', 'fr')}                                           | ${true}  | ${false}
      ${'PRO-8'} | ${field('region', 'set')}                                                     | ${false} | ${false}
      ${'PRO-8'} | ${field('email', 'contains', '@shop.')}                                       | ${true}  | ${false}
      ${'PRO-8'} | ${field('email', 'not_equals', 'MIA@shop.example')}                           | ${false} | ${true}
      ${'PRO-8'} | ${field('phone', 'not_set')}                                                  | ${true}  | ${true}
      ${'PRO-8'} | ${field('externalId', 'set')}                                                 | ${true}  | ${true}
      ${'PRO-8'} | ${property('plan', 'equals', 'Gold')}                                         | ${true}  | ${false}
      ${'PRO-8'} | ${property('plan', 'equals', "x' OR true --")}                                | ${false} | ${false}
      ${'PRO-8'} | ${property('plan', 'not_equals', 'Gold')}                                     | ${false} | ${true}
      ${'PRO-8'} | ${property('plan', 'contains', 'gol')}                                        | ${true}  | ${false}
      ${'PRO-8'} | ${property('tags', 'contains', 'hats')}                                       | ${true}  | ${false}
      ${'PRO-8'} | ${property('size', 'greater', 38)}                                            | ${true}  | ${false}
      ${'PRO-8'} | ${property('size', 'less', 38)}                                               | ${false} | ${false}
      ${'PRO-8'} | ${property('plan', 'greater', 1)}                                             | ${false} | ${false}
      ${'PRO-8'} | ${property('vip', 'equals', true)}                                            | ${true}  | ${false}
      ${'PRO-8'} | ${property('nothing', 'set')}                                                 | ${false} | ${false}
      ${'PRO-8'} | ${property('nothing', 'not_set')}                                             | ${true}  | ${true}
      ${'PRO-8'} | ${{ of: 'consent', kind: 'email', state: 'granted' }}                         | ${true}  | ${false}
      ${'PRO-8'} | ${{ of: 'consent', kind: 'sms_marketing', state: 'revoked' }}                 | ${true}  | ${false}
      ${'PRO-8'} | ${{ of: 'consent', kind: 'whatsapp', state: 'never_said' }}                   | ${true}  | ${true}
      ${'PRO-8'} | ${{ of: 'created', withinDays: 1 }}                                           | ${true}  | ${true}
      ${'PRO-8'} | ${{ of: 'created', beforeDays: 1 }}                                           | ${false} | ${false}
      ${'PRO-8'} | ${viewed()}                                                                   | ${true}  | ${false}
      ${'PRO-8'} | ${viewed({ atLeast: 2 })}                                                     | ${true}  | ${false}
      ${'PRO-8'} | ${viewed({ atLeast: 2, withinDays: 30 })}                                     | ${false} | ${false}
      ${'PRO-8'} | ${viewed({ atLeast: 0, atMost: 1 })}                                          | ${false} | ${true}
      ${'PRO-8'} | ${orders({ measure: 'count', atLeast: 4 })}                                   | ${true}  | ${false}
      ${'PRO-8'} | ${orders({ measure: 'count', atLeast: 4, withinDays: 30 })}                   | ${false} | ${false}
      ${'PRO-8'} | ${orders({ measure: 'count', atLeast: 0, atMost: 0 })}                        | ${false} | ${true}
      ${'PRO-8'} | ${orders({ measure: 'total', currency: 'EUR', atLeast: 100.5 })}              | ${true}  | ${false}
      ${'PRO-8'} | ${orders({ measure: 'total', currency: 'EUR', atLeast: 100.51 })}             | ${false} | ${false}
      ${'PRO-8'} | ${orders({ measure: 'total', currency: 'USD', atMost: 9 })}                   | ${true}  | ${true}
      ${'PRO-8'} | ${orders({ measure: 'total', currency: 'EUR', atLeast: 61, withinDays: 30 })} | ${false} | ${false}
      ${'PRO-8'} | ${orders({ measure: 'last' })}                                                | ${true}  | ${false}
      ${'PRO-8'} | ${orders({ measure: 'last', withinDays: 7 })}                                 | ${true}  | ${false}
      ${'PRO-8'} | ${orders({ measure: 'last', beforeDays: 7 })}                                 | ${false} | ${false}
    `('$rule $question holds of her: $isMia, of a stranger: $isNobody', async ({ question, isMia, isNobody }) => {
      const segment = await make({ all: [question] });
      expect([await isIn(mia, segment.id), await isIn(nobody, segment.id)]).toEqual([isMia, isNobody]);
      await desk.rig.ask(segments.remove, { id: segment.id, ifMatch: 1 });
    });

    it('PRO-8 time alone lets people out: kept membership follows the account’s clock', async () => {
      const segment = await make({ all: [{ of: 'event', metric: 'Viewed Product', atLeast: 1, withinDays: 2 }] });
      await desk.rig.until(async () => (await membersOf(segment.id)).includes(mia), 'her to be in');
      await desk.rig.advance(2 * 86_400);
      await desk.rig.until(async () => (await membersOf(segment.id)).length === 0, 'her to be out');
      expect(await isIn(mia, segment.id)).toBe(false);
    });
  });
});
