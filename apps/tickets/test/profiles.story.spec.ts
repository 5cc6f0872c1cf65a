import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profiles } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { ConsentsService } from '../src/profiles/consents.service.js';
import { IdentityService } from '../src/profiles/identity.service.js';
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

  it('PRO-1 a profile is changed by its version: values, properties, identifiers', async () => {
    const { id } = await put({ externalId: 'p-1', email: 'p1@example.com', properties: { plan: 'gold', size: 3 } });
    const change = (ifMatch: number, more: object) => desk.rig.ask(profiles.update, { id, ifMatch, ...more });
    const changed = await change(1, {
      name: 'Mia', location: { country: 'FR', city: 'Lyon' }, properties: { plan: null, vip: true },
      addIdentifiers: [{ type: 'phone', value: '+33612345678' }, { type: 'email', value: 'Second@Example.com' }], removeIdentifiers: [{ type: 'email', value: 'P1@example.com' }],
    });
    expect(changed).toMatchObject({
      name: 'Mia', location: { country: 'FR', region: null, city: 'Lyon' }, properties: { size: 3, vip: true }, emails: ['second@example.com'], phones: ['+33612345678'], version: 2,
    });
    expect((await desk.last('profile.updated')).changed).toEqual(expect.arrayContaining(['name', 'location', 'properties', 'emails', 'phones']));
    await expect(change(1, { name: 'Late' })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { name: 'Mia' } } });
    expect(await change(2, { name: 'Mia' })).toMatchObject({ version: 2 });
    expect(await put({ email: 'p1@example.com', externalId: 'p-1b' })).not.toMatchObject({ id });
    await expect(change(2, { properties: { text: 'x'.repeat(20_000) } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(change(2, { properties: { text: 'half \ud800' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('PRO-1 an identifier of somebody else is refused, a second external id too until the first is gone; nothing of it stays', async () => {
    const { id } = await put({ externalId: 'p-2' });
    await put({ externalId: 'p-3', email: 'held@example.com' });
    const change = (more: object) => desk.rig.ask(profiles.update, { id, ifMatch: 1, ...more });
    await expect(change({ name: 'X', addIdentifiers: [{ type: 'email', value: 'free@example.com' }, { type: 'email', value: 'HELD@example.com' }] })).rejects.toMatchObject({ code: 'IDENTIFIER_TAKEN' });
    await expect(change({ addIdentifiers: [{ type: 'externalId', value: 'p-2b' }] })).rejects.toMatchObject({ code: 'IDENTIFIER_TAKEN' });
    await expect(put({ email: 'x2@example.com', externalId: 'p-2' }).then(() => put({ email: 'x2@example.com', externalId: 'p-2b' }))).rejects.toMatchObject({ code: 'IDENTIFIER_TAKEN' });
    expect(await desk.rig.ask(profiles.get, { id })).toMatchObject({ name: null, emails: ['x2@example.com'], externalId: 'p-2' });
    expect(await desk.rig.ask(profiles.update, { id, ifMatch: 2, removeIdentifiers: [{ type: 'externalId', value: 'p-2' }], addIdentifiers: [{ type: 'externalId', value: 'p-2b' }] })).toMatchObject({ externalId: 'p-2b' });
  });

  it('PRO-1 one person is found by any spelling of a number', async () => {
    const { id } = await put({ phone: '+33698765432' });
    const sms = await desk.ticket('sms', desk.customer('sms', { from: [{ type: 'phone', value: '+33 (0)6 98 76 54 32', verified: true }] }));
    expect(sms.profile.id).toBe(id);
  });

  it('PRO-2 an entry says where it is from and what proves it, and is never written over', async () => {
    const { id } = await put({ externalId: 'c-1' });
    const consent = (state: 'granted' | 'revoked', evidence: string | null) => desk.rig.ask(profiles.setConsent, { id, kind: 'sms_marketing', state, source: 'checkout', evidence });
    await consent('granted', 'order 17, box ticked');
    await consent('revoked', null);
    const before = (await desk.rig.ask(profiles.consents, { id })).items;
    expect(before.map(({ state, source, evidence }) => ({ state, source, evidence }))).toEqual([{ state: 'revoked', source: 'checkout', evidence: null }, { state: 'granted', source: 'checkout', evidence: 'order 17, box ticked' }]);
    await consent('granted', 'again');
    expect((await desk.rig.ask(profiles.consents, { id })).items.slice(1)).toEqual(before);
    const [row] = await desk.rig.tx((tx) => tx.sql<{ state: string }>('SELECT DISTINCT ON (kind) state FROM consent WHERE profile_id = $1 ORDER BY kind, at DESC, id DESC', [id]));
    expect((await desk.rig.ask(profiles.get, { id })).consents).toEqual({ sms_marketing: row!.state });
    await expect(desk.rig.ask(profiles.setConsent, { id, kind: 'email', state: 'granted', source: '' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('PRO-2 eight at once lose no entry, and the profile says what the last one said', async () => {
    const { id } = await put({ externalId: 'c-2' });
    await Promise.all(Array.from({ length: 8 }, (_, n) => desk.consent(id, 'email', n % 2 ? 'granted' : 'revoked')));
    const { items } = await desk.rig.ask(profiles.consents, { id });
    expect(new Set(items.map(({ at }) => at)).size).toBe(8);
    expect((await desk.rig.ask(profiles.get, { id })).consents.email).toBe(items[0]!.state);
  });

  it('PRO-2 the word that came last counts, though its transaction began first', async () => {
    const { id } = await put({ externalId: 'c-3' });
    const early = await desk.rig.tx(async (tx) => {
      await desk.consent(id, 'email', 'revoked');
      const consents = desk.rig.app.get(ConsentsService);
      const profile = await desk.rig.app.get(IdentityService).lock(tx, id);
      await consents.record(tx, profile, [{ kind: 'email', state: 'granted', source: 'late', evidence: null }]);
      return profile;
    });
    expect((await desk.rig.ask(profiles.consents, { id })).items[0]).toMatchObject({ state: 'granted', source: 'late' });
    expect(early.consents.email).toBe('granted');
  });

  it('PRO-5 a block closes what is open, later messages go to quarantine, open nothing and notify nobody, and stay there', async () => {
    const sms = await desk.ticket('sms');
    const [id, before] = [sms.profile.id, (await desk.rig.facts('message.received')).length];
    await desk.rig.ask(profiles.block, { id });
    expect((await desk.look(sms.id)).status).toBe('closed');
    await desk.customerWrites(sms.customer, 'You will hear from me');
    await desk.customerWrites(sms.customer, 'And again');
    expect((await desk.rig.facts('message.received')).length).toBe(before);
    expect((await desk.thread(sms.id)).items.map(({ text }) => text)).toEqual(['Where is my order?']);
    expect((await desk.look(sms.id))).toMatchObject({ status: 'closed', unread: false });
    const quarantine = () => desk.rig.ask(profiles.quarantine, { id, limit: 1 });
    const first = await quarantine();
    expect(first.items).toMatchObject([{ why: 'blocked', channel: 'sms', channelId: sms.channelId, text: 'And again' }]);
    expect((await desk.rig.ask(profiles.quarantine, { id, limit: 1, cursor: first.nextCursor! })).items).toMatchObject([{ text: 'You will hear from me' }]);
    await desk.rig.ask(profiles.unblock, { id });
    expect((await desk.last('profile.blocked'))).toMatchObject({ actor: { type: 'agent', id: desk.me.id }, data: { id, blocked: false }, changed: expect.arrayContaining(['blocked']) });
    await desk.customerWrites(sms.customer, 'Sorry');
    expect((await desk.thread(sms.id)).items.map(({ text }) => text)).toEqual(['Where is my order?', 'Sorry']);
    expect(await quarantine()).toEqual(first);
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
    await expect(desk.rig.ask(profiles.update, { id, ifMatch: 1 })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(desk.rig.ask(profiles.tickets, { id })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(desk.rig.ask(profiles.quarantine, { id })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    await expect(desk.rig.ask(profiles.consents, { id })).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
  });
});
