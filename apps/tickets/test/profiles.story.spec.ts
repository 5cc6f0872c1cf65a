import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profiles } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

describe('customers', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const put = (more: object) => desk.rig.ask(profiles.upsert, more);

  it('PRO-1 is made once and found by any identifier afterwards', async () => {
    const made = await put({ externalId: 'u-1', email: 'Mia@Example.com', phone: '+15005550111', name: 'Mia' });
    expect(made).toMatchObject({ externalId: 'u-1', emails: ['mia@example.com'], phones: ['+15005550111'], consents: {}, blocked: false, version: 1 });
    expect(await put({ email: 'MIA@example.com', locale: 'fr' })).toMatchObject({ id: made.id, name: 'Mia', locale: 'fr', version: 2 });
    expect(await put({ phone: '+15005550111' })).toMatchObject({ id: made.id, version: 2 });
    expect((await desk.rig.facts('profile.updated')).map(({ changed }) => changed)).toEqual([expect.arrayContaining(['locale'])]);
  });

  it('PRO-1 two people are never joined', async () => {
    await put({ externalId: 'u-2', email: 'a@example.com' });
    await put({ externalId: 'u-3', email: 'b@example.com' });
    await expect(put({ externalId: 'u-2', email: 'b@example.com' })).rejects.toMatchObject({ code: 'IDENTIFIER_TAKEN' });
    await expect(put({ externalId: 'u-4', email: 'b@example.com' })).rejects.toMatchObject({ code: 'IDENTIFIER_TAKEN' });
    await expect(put({ name: 'Nobody' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('PRO-1 ten at once make one', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => put({ externalId: 'u-5', email: 'five@example.com' })));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  it('PRO-1 who has written by SMS is found by the number', async () => {
    const sms = await desk.ticket('sms');
    expect(await put({ phone: sms.customer.from[0]!.value, externalId: 'u-6' })).toMatchObject({ id: sms.profile.id, externalId: 'u-6' });
  });

  it('PRO-2 the ledger is only added to, and shows newest first', async () => {
    const { id } = await put({ externalId: 'u-7' });
    for (const state of ['granted', 'revoked', 'granted'] as const) await desk.consent(id, 'email', state);
    const ledger = await desk.rig.ask(profiles.consents, { id, limit: 2 });
    const rest = await desk.rig.ask(profiles.consents, { id, limit: 2, cursor: ledger.nextCursor! });
    expect([...ledger.items, ...rest.items].map(({ state }) => state)).toEqual(['granted', 'revoked', 'granted']);
    expect(rest.nextCursor).toBeNull();
    expect(await desk.rig.ask(profiles.get, { id })).toMatchObject({ consents: { email: 'granted' }, version: 4 });
    expect((await desk.last('consent.changed')).data).toMatchObject({ profileId: id, consent: { kind: 'email', state: 'granted', source: 'checkout' } });
  });

  it('lists newest first, by page, and by identifier', async () => {
    const first = await desk.rig.ask(profiles.list, { limit: 2 });
    const all = [...first.items];
    for (let cursor = first.nextCursor; cursor; ) {
      const next = await desk.rig.ask(profiles.list, { limit: 2, cursor });
      all.push(...next.items);
      cursor = next.nextCursor;
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.map(({ createdAt }) => createdAt)).toEqual(all.map(({ createdAt }) => createdAt).sort().reverse());
    expect((await desk.rig.ask(profiles.list, { email: 'MIA@example.com', externalId: 'u-1' })).items).toHaveLength(1);
    await expect(desk.rig.ask(profiles.list, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('an unknown profile is refused everywhere', async () => {
    const id = newId();
    await expect(desk.rig.ask(profiles.get, { id })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(desk.rig.ask(profiles.block, { id })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(desk.rig.ask(profiles.consents, { id })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
  });
});
