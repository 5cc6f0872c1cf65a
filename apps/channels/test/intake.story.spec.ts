import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@parley/service/ids';
import { type Rig, rig } from '@parley/service/testing/rig';
import type { ConnectedChannel, InboundMessage } from '../src/adapter.js';
import { channelsApp } from '../src/channels.app.js';
import { ChannelsService } from '../src/channel/channels.service.js';
import { IntakeService } from '../src/inbound/intake.service.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('messages are taken in', () => {
  let desk: SmsDesk;
  let other: Rig;
  let intake: IntakeService;
  let channel: ConnectedChannel;
  beforeAll(async () => {
    desk = await smsDesk();
    other = await rig(channelsApp, { replicaOf: desk.here });
    intake = desk.here.app.get(IntakeService, { strict: false });
    channel = (await desk.here.app.get(ChannelsService, { strict: false }).byId(desk.here.account, desk.channel.id))!;
  });
  afterAll(async () => {
    await other?.close();
    await desk?.close();
  });
  const message = (from: string, more: Partial<InboundMessage> = {}): InboundMessage => ({ kind: 'message', providerMessageId: newId(), from: [{ type: 'phone', value: from, verified: true }], text: 'Hello', occurredAt: null, ...more });
  const accept = (...messages: InboundMessage[]) => desk.here.tx((tx) => intake.accept(tx, channel, null, messages));
  const seqs = async (from: string) => (await desk.received()).filter(({ conversationKey }) => conversationKey.endsWith(from)).map(({ conversationSeq }) => conversationSeq);

  it('OPS-6 one message in ten transactions at once is taken once, and nobody fails', async () => {
    await accept(message('+15035552001'));
    const one = message('+15035552001');
    const taken = (await Promise.all(Array.from({ length: 10 }, () => accept(one)))).flat();
    expect(taken.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(taken.map(({ inboundId, conversationSeq }) => `${inboundId} ${conversationSeq}`)).size).toBe(1);
    expect(await seqs('+15035552001')).toEqual([1, 2]);
  });

  it('TKT-3 two replicas number one conversation without a gap, in the order of the log', async () => {
    const texts = Array.from({ length: 40 }, (_, n) => desk.text(`${n}`, { From: '+15035552002' }));
    const answers = await Promise.all(texts.flatMap((text, n) => (n % 4 ? [desk.post(text, { url: n % 2 ? desk.here.url : other.url })] : [desk.post(text), desk.post(text, { url: other.url })])));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await seqs('+15035552002')).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  });

  it('OPS-6 a batch keeps its order and knows its own duplicates', async () => {
    const [a, b, c] = [message('+15035552003'), message('+15035552004'), message('+15035552003')];
    const taken = await accept(a, b, c, a);
    expect(taken.map(({ conversationSeq, duplicate }) => [conversationSeq, duplicate])).toEqual([[1, false], [1, false], [2, false], [1, true]]);
    expect(taken[3]!.inboundId).toBe(taken[0]!.inboundId);
  });

  it('MAIL-8 the same content under another id is a duplicate, by its fingerprint', async () => {
    const fingerprint = Buffer.from(newId());
    const [[first], [second]] = [await accept(message('+15035552005', { fingerprint })), await accept(message('+15035552006', { fingerprint }))];
    expect(second).toMatchObject({ duplicate: true, inboundId: first!.inboundId });
  });

  it('TKT-5 a message whose chat was closed moves to another conversation under its id, once', async () => {
    const [one] = await accept(message('+15035552007'));
    await accept(message('+15035552008'));
    const again = message('+15035552008', { providerMessageId: 'again' });
    for (let n = 0; n < 2; n++) await desk.here.tx((tx) => intake.readdress(tx, channel, one!.inboundId, again));
    expect((await desk.received()).filter(({ inboundId }) => inboundId === one!.inboundId).map(({ conversationKey, conversationSeq }) => [conversationKey.slice(-12), conversationSeq])).toEqual(
      expect.arrayContaining([['+15035552007', 1], ['+15035552008', 2]]),
    );
    expect(await seqs('+15035552008')).toEqual([1, 2]);
    expect((await accept(message('+15035552007')))[0]!.conversationSeq).toBe(2);
  });

  it('OPS-6 what a rolled-back transaction took leaves no number behind', async () => {
    await accept(message('+15035552009'));
    await expect(desk.here.tx(async (tx) => {
      await intake.accept(tx, channel, null, [message('+15035552009')]);
      throw new Error('in the middle');
    })).rejects.toThrow('in the middle');
    await accept(message('+15035552009'));
    expect(await seqs('+15035552009')).toEqual([1, 2]);
  });
});
