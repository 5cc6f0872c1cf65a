import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channels } from '@parley/contracts/channels';
import type { Ask } from '@parley/contracts/contract';
import { newId } from '@parley/service/ids';
import { type Rig, rig } from '@parley/service/testing/rig';
import { ChannelsService } from '../src/channel/channels.service.js';
import { channelsApp } from '../src/channels.app.js';

const SECRET = 'not-a-real-token-0123456789';
const sms = (phoneNumber: string): Ask<typeof channels.create> => ({ type: 'sms', name: 'SMS', settings: { phoneNumber }, credentials: { accountSid: 'ACtest', authToken: SECRET } });

describe('channels are connected', () => {
  let here: Rig;
  beforeAll(async () => {
    here = await rig(channelsApp, { env: { PARLEY_PUBLIC_URL: 'https://parley.example.com/', PARLEY_INBOUND_DOMAIN: 'inbound.parley.example' } });
  });
  afterAll(() => here?.close());
  const stranger = () => here.actor({ account: newId() });

  it('SMS-1 an SMS channel gets an address for webhooks, with everything else filled in', async () => {
    const made = await here.ask(channels.create, sms('+15005550101'));
    expect(made).toMatchObject({ type: 'sms', provider: 'twilio', enabled: true, address: '+15005550101', forwardingAddress: null, widgetKey: null, version: 1 });
    expect(made.settings).toMatchObject({ keywords: { stop: [], join: [] }, helpText: null, messagingServiceSid: null });
    expect(made.webhookUrl).toMatch(/^https:\/\/parley\.example\.com\/hooks\/[0-9a-f]{32}$/);
    expect(await here.ask(channels.get, { id: made.id })).toEqual(made);
    expect((await here.facts('channel.created')).map(({ data }) => data)).toContainEqual(made);
  });

  it('MAIL-1 a mail channel gets an address to forward to, a web chat a key for its widget', async () => {
    const mail = await here.ask(channels.create, { type: 'email', name: 'Mail', settings: { address: 'support@shop.example' } });
    expect(mail.forwardingAddress).toMatch(/^in-[0-9a-f]{32}@inbound\.parley\.example$/);
    const chat = await here.ask(channels.create, { type: 'webchat', name: 'Chat', credentials: { identitySecret: 'x'.repeat(32) } });
    expect([chat.widgetKey, chat.webhookUrl, chat.address]).toEqual([expect.stringMatching(/^wk_[0-9a-f]{32}$/), null, null]);
    const service = here.app.get(ChannelsService, { strict: false });
    expect((await service.byForwardingAddress(mail.forwardingAddress!.toUpperCase().replace('@', '+t_1@')))?.id).toBe(mail.id);
    expect((await service.byWidgetKey(chat.widgetKey!))?.id).toBe(chat.id);
    expect([await service.byWidgetKey(mail.forwardingAddress!.split('@')[0]!), await service.byForwardingAddress(chat.widgetKey!), await service.byKey('nobody')]).toEqual([null, null, null]);
  });

  it('ACC-1 credentials stand sealed in the database and are never read back', async () => {
    const made = await here.ask(channels.create, sms('+15005550102'));
    const [row] = await here.tx((tx) => tx.sql<{ credentials: string }>('SELECT credentials FROM channel WHERE id = $1', [made.id]));
    expect(row!.credentials).not.toContain(SECRET);
    const said = JSON.stringify([made, await here.ask(channels.list, {}), await here.facts()]);
    expect(said).not.toContain(SECRET);
  });

  it('ACC-1 another account sees, changes and counts nothing', async () => {
    const made = await here.ask(channels.create, sms('+15005550103'));
    for (const asked of [
      here.ask(channels.get, { id: made.id }, stranger()),
      here.ask(channels.update, { id: made.id, ifMatch: 1, name: 'Mine' }, stranger()),
      here.ask(channels.remove, { id: made.id, ifMatch: 1 }, stranger()),
      here.ask(channels.books, { channelId: made.id, day: '2026-11-20' }, stranger()),
    ]) await expect(asked).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
    expect((await here.ask(channels.list, {}, stranger())).items).toEqual([]);
    expect(await here.db.query('SELECT id FROM channel')).toEqual([]);
  });

  it('SMS-6 an address belongs to one channel of the account', async () => {
    const made = await here.ask(channels.create, sms('+15005550104'));
    await expect(here.ask(channels.create, sms('+15005550104'))).rejects.toMatchObject({ code: 'ADDRESS_TAKEN' });
    await here.ask(channels.create, sms('+15005550104'), stranger());
    const other = await here.ask(channels.create, sms('+15005550105'));
    await expect(here.ask(channels.update, { id: other.id, ifMatch: 1, settings: { phoneNumber: '+15005550104' } })).rejects.toMatchObject({ code: 'ADDRESS_TAKEN' });
    await here.ask(channels.remove, { id: made.id, ifMatch: 1 });
    expect((await here.ask(channels.create, sms('+15005550104'))).address).toBe('+15005550104');
  });

  it('TKT-7 a change needs the version last seen, and is announced with what differs', async () => {
    const made = await here.ask(channels.create, sms('+15005550106'));
    const changed = await here.ask(channels.update, { id: made.id, ifMatch: 1, name: 'Support', settings: { phoneNumber: '+15005550107', helpText: 'Call us' } });
    expect(changed).toMatchObject({ name: 'Support', address: '+15005550107', version: 2, settings: { helpText: 'Call us', keywords: { stop: [] } }, webhookUrl: made.webhookUrl });
    await expect(here.ask(channels.update, { id: made.id, ifMatch: 1, name: 'Late' })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: changed } });
    const [fact] = (await here.facts('channel.updated')).filter(({ data }) => data.id === made.id);
    expect(fact!.changed).toEqual(expect.arrayContaining(['name', 'address', 'settings']));
  });

  it.each([
    ['settings of another type', '+15005550301', '/settings/phoneNumber', { settings: { address: 'support@shop.example' } }],
    ['a sender that is no number', '+15005550302', '/settings/phoneNumber', { settings: { phoneNumber: 'ACMEBANK' } }],
    ['an unknown field', '+15005550303', '/settings/colour', { settings: { phoneNumber: '+15005550108', colour: 'red' } }],
    ['credentials that lack something', '+15005550304', '/credentials/accountSid', { credentials: { authToken: SECRET } }],
  ])('SMS-6 a change is held to the same demands as a new channel: %s', async (_, number, pointer, wish) => {
    const made = await here.ask(channels.create, sms(number));
    await expect(here.ask(channels.update, { id: made.id, ifMatch: 1, ...wish })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: expect.arrayContaining([{ pointer, message: expect.any(String) }]) } });
  });

  it('ACC-5 a repeated command connects one channel', async () => {
    const by = here.actor({ command: newId() });
    const service = here.app.get(ChannelsService, { strict: false });
    const input = channels.create.input.parse(sms('+15005550109'));
    const first = await service.create(input, by);
    expect(await service.create(input, by)).toEqual(first);
  });

  it('lists in pages, in the order they were connected, without those that were disconnected', async () => {
    const by = stranger();
    const made = [];
    for (const n of [1, 2, 3, 4]) made.push(await here.ask(channels.create, sms(`+1500555020${n}`), by));
    await here.ask(channels.remove, { id: made[1]!.id, ifMatch: 1 }, by);
    const first = await here.ask(channels.list, { limit: 2 }, by);
    const second = await here.ask(channels.list, { limit: 2, cursor: first.nextCursor! }, by);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([made[0]!.id, made[2]!.id, made[3]!.id]);
    expect(second.nextCursor).toBeNull();
    await expect(here.ask(channels.list, { cursor: 'x' }, by)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('what changes is known to every replica at once', async () => {
    const other = await rig(channelsApp, { replicaOf: here });
    try {
      const made = await here.ask(channels.create, sms('+15005550110'));
      const [service, there] = [here, other].map(({ app }) => app.get(ChannelsService, { strict: false })) as [ChannelsService, ChannelsService];
      const key = made.webhookUrl!.split('/').at(-1)!;
      expect([(await service.byKey(key))?.name, (await there.byKey(key))?.name]).toEqual(['SMS', 'SMS']);
      await service.update({ id: made.id, ifMatch: 1, name: 'New' }, here.by);
      expect((await service.byKey(key))?.name).toBe('New');
      await here.until(async () => (await there.byKey(key))?.name === 'New', 'the other replica to know');
      await service.remove({ id: made.id, ifMatch: 2 }, here.by);
      expect(await service.byKey(key)).toBeNull();
    } finally {
      await other.close();
    }
  });
});
