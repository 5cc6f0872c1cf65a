import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { channelHealth } from '@parley/contracts/channel-health';
import { channels } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { quarantine, type QuarantineItem } from '@parley/contracts/quarantine';
import { newId } from '@parley/service/ids';
import type { ChannelAdapter, ConnectedChannel, Raw, Read } from '../src/adapter.js';
import { Adapters } from '../src/adapters.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('the quarantine of a channel', () => {
  let desk: SmsDesk;
  /** What the adapter cannot read at the moment: a fault of ours that a later version mends. */
  let broken: ((raw: Raw, found: Read[]) => Read[]) | null = null;
  beforeAll(async () => {
    desk = await smsDesk();
    const adapter = desk.here.app.get(Adapters).hook({ type: 'sms', provider: 'twilio' })! as ChannelAdapter;
    const read = adapter.read.bind(adapter);
    adapter.read = (raw: Raw, channel: ConnectedChannel) => (broken ? broken(raw, read(raw, channel)) : read(raw, channel));
  });
  afterAll(() => desk?.close());
  beforeEach(() => void (broken = null));

  const id = () => desk.channel.id;
  const list = async () => (await desk.here.ask(quarantine.list, { id: id(), limit: 100 })).items;
  const get = (itemId: string) => desk.here.ask(quarantine.get, { id: id(), itemId });
  const retry = (itemId: string) => desk.here.ask(quarantine.retry, { id: id(), itemId });
  const unreadable = (): Read[] => [{ kind: 'unreadable', reason: 'A shape that nobody knew' }];
  /** Arrives while the adapter cannot read it. */
  async function lost(body: string, how = unreadable): Promise<QuarantineItem> {
    broken = how;
    await desk.post(desk.text(body));
    broken = null;
    return (await list())[0]!;
  }
  const texts = async () => (await desk.received()).map(({ text }) => text);
  const quarantined = async () => (await desk.books()).inbound.quarantined;

  it('OPS-6 shows what could not be read: why, when, and what came, but no header that may hold a secret', async () => {
    const item = await lost('nobody understands me');
    expect(item).toMatchObject({ channelId: id(), kind: 'piece', reason: 'A shape that nobody knew', state: 'waiting', attempts: 0 });
    const { bytes } = await get(item.id);
    expect(bytes).toMatchObject({ method: 'POST', contentType: expect.stringContaining('urlencoded') });
    expect(bytes!.excerpt).toContain('Body=nobody+understands+me');
    expect(JSON.stringify(bytes)).not.toContain('signature');
    expect(await quarantined()).toBe(1);
    const health = await desk.here.until(async () => (await desk.here.facts('channel.health_changed')).at(-1), 'the channel to say that somebody should look');
    expect(health.data).toMatchObject({ state: 'yellow', reasons: [{ code: 'quarantine' }] });
    expect((await desk.here.ask(channelHealth.get, { id: id() })).quarantined).toBe(1);
  });

  it('OPS-6 read again from its bytes it lands once, on the page of the day it came, and its outcome takes the place of the quarantined one', async () => {
    const item = await lost('a parcel is missing');
    const [day, before] = [await desk.books(), await quarantined()];
    await desk.here.advance(86_400);
    expect(await retry(item.id)).toMatchObject({ state: 'settled', resolution: 'landed', attempts: 1 });
    const message = (await desk.received()).find(({ text }) => text === 'a parcel is missing')!;
    await desk.threaded(message.inboundId);
    await desk.here.heard();
    const after = await desk.here.ask(channels.books, { channelId: id(), day: day.day });
    expect([before, after.inbound.quarantined, after.inbound.thread]).toEqual([2, 1, 1]);
    expect(after.balanced).toBe(true);
    await expect(retry(item.id)).rejects.toMatchObject({ code: 'RETRY_NOT_POSSIBLE', more: { reason: 'settled' } });
    expect((await texts()).filter((text) => text === 'a parcel is missing')).toHaveLength(1);
  });

  it('OPS-6 retried by twenty people at once it lands once', async () => {
    const item = await lost('all at once');
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => retry(item.id)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await texts()).filter((text) => text === 'all at once')).toHaveLength(1);
  });

  it('OPS-6 what stands already is not entered again: only the piece that was missing lands', async () => {
    const item = await lost('half of it', () => [{ ...messageIn('the other half') }, ...unreadable()]);
    broken = (_raw, found) => [messageIn('the other half'), ...found];
    const before = await desk.books();
    await retry(item.id);
    expect((await texts()).slice(-2)).toEqual(['the other half', 'half of it']);
    const after = await desk.books();
    expect([after.inbound.duplicate ?? 0, (after.inbound.quarantined ?? 0) - (before.inbound.quarantined ?? 0)]).toEqual([before.inbound.duplicate ?? 0, -1]);
  });

  it('OPS-6 what was delivered again meanwhile is a duplicate, and no second message', async () => {
    const fields = desk.text('sent twice');
    broken = unreadable;
    await desk.post(fields);
    broken = null;
    await desk.post(fields);
    const [item] = await list();
    const before = await desk.books();
    expect(await retry(item!.id)).toMatchObject({ resolution: 'landed' });
    expect((await texts()).filter((text) => text === 'sent twice')).toHaveLength(1);
    expect((await desk.books()).inbound.duplicate).toBe((before.inbound.duplicate ?? 0) + 1);
  });

  it('OPS-6 what still cannot be read waits on, once', async () => {
    const item = await lost('never');
    broken = unreadable;
    expect(await retry(item.id)).toMatchObject({ state: 'waiting', resolution: null, attempts: 1 });
    expect((await list()).filter((one) => one.id === item.id)).toHaveLength(1);
    expect((await list())[0]!.id).toBe(item.id);
  });

  it('OPS-6 ACC-6 a person dismisses it: nobody looks any more, the books stay, the audit log knows who', async () => {
    const before = await quarantined();
    for (const { id: itemId } of await list()) await desk.here.ask(quarantine.dismiss, { id: id(), itemId });
    expect(await list()).toEqual([]);
    expect(await quarantined()).toBe(before);
    const audited = (await desk.here.facts('channels.audit_recorded')).map(({ data, actor }) => [(data as { action: string }).action, actor.id]);
    expect(audited).toContainEqual(['quarantine.dismissed', desk.here.by.id]);
    expect(audited).toContainEqual(['quarantine.retried', desk.here.by.id]);
    await desk.here.until(async () => (await desk.here.ask(channelHealth.get, { id: id() })).state === 'green', 'the channel to be green');
  });

  it('PRO-5 what somebody wrote while blocked is shown, and stays', async () => {
    await desk.post(desk.text('let me in'));
    const { inboundId } = (await desk.received()).find(({ text }) => text === 'let me in')!;
    await desk.here.say(messageEvents.filed, { key: newId(), data: { inboundId, outcome: 'blocked', reason: null } });
    await desk.here.heard();
    expect((await list())[0]).toMatchObject({ id: inboundId, kind: 'blocked' });
    await expect(retry(inboundId)).rejects.toMatchObject({ code: 'RETRY_NOT_POSSIBLE', more: { reason: 'blocked' } });
    expect((await desk.here.ask(channelHealth.get, { id: id() })).state).toBe('green');
  });

  it('OPS-6 a message that tickets could not file is handed to it again, and settles when it stands in a thread', async () => {
    await desk.post(desk.text('poison'));
    const { inboundId } = (await desk.received()).find(({ text }) => text === 'poison')!;
    await desk.here.say(messageEvents.filed, { key: newId(), data: { inboundId, outcome: 'quarantined', reason: 'it failed five times' } });
    await desk.here.heard();
    expect((await list())[0]).toMatchObject({ id: inboundId, kind: 'message', reason: 'it failed five times' });
    expect(await retry(inboundId)).toMatchObject({ state: 'retrying', attempts: 1 });
    expect((await desk.here.facts('channel.message_retry_asked')).map(({ data }) => data)).toEqual([{ inboundId, channelId: id() }]);
    await desk.threaded(inboundId);
    await desk.here.heard();
    expect(await get(inboundId)).toMatchObject({ state: 'settled', resolution: 'landed' });
  });

  it('OPS-6 the list is read in pages, newest first, and an item of nobody is nowhere', async () => {
    for (const body of ['one', 'two', 'three']) await lost(body);
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await desk.here.ask(quarantine.list, { id: id(), limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map((item) => item.id));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual((await list()).map((item) => item.id));
    expect(new Set(seen).size).toBe(seen.length);
    await expect(desk.here.ask(quarantine.list, { id: id(), cursor: 'nonsense' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(get(newId())).rejects.toMatchObject({ code: 'QUARANTINE_ITEM_NOT_FOUND' });
    await expect(desk.here.ask(quarantine.get, { id: id(), itemId: seen[0]! }, desk.here.actor({ account: newId() }))).rejects.toMatchObject({ code: 'QUARANTINE_ITEM_NOT_FOUND' });
  });

  it('OPS-6 bytes that are no longer kept cannot be read again', async () => {
    const item = await lost('long ago');
    await desk.here.tx((tx) => tx.sql('DELETE FROM raw_inbound'));
    await expect(retry(item.id)).rejects.toMatchObject({ code: 'RETRY_NOT_POSSIBLE', more: { reason: 'bytes_gone' } });
    expect(await get(item.id)).toMatchObject({ state: 'waiting', attempts: 0, bytes: null });
  });

  const messageIn = (text: string): Read => ({ kind: 'message', providerMessageId: `half-${text}`, from: [{ type: 'phone', value: '+15035550142', verified: true }], text, occurredAt: null });
});
