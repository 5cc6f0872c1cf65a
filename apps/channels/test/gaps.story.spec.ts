import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rig } from '@parley/service/testing/rig';
import { channelsApp } from '../src/channels.app.js';
import { GapsService } from '../src/gaps/gaps.service.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('webhooks that never came', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk();
  });
  afterAll(() => desk?.close());

  const gaps = (app = desk.here.app) => app.get(GapsService, { strict: false });
  const isDue = () => desk.here.db.query(`UPDATE provider_round SET next_at = now() - interval '1 second' WHERE channel_id = $1`, [desk.channel.id]);
  const since = async () => (await desk.here.db.query<{ since: Date }[]>('SELECT since FROM provider_round WHERE channel_id = $1', [desk.channel.id]))[0]!.since;
  /** The channel’s turn, until it is over: it may be taken by these, or by the service itself just now. */
  async function turn(...apps: (typeof desk.here.app)[]) {
    const before = await since();
    await isDue();
    await Promise.all((apps.length ? apps : [desk.here.app]).map((app) => gaps(app).look()));
    await desk.here.until(async () => (await since()) > before, 'the turn to be over');
  }
  const listings = () => desk.twilio.calls.filter(({ method, fields }) => method === 'GET' && fields.To === '+15005550100').length;
  /** Stands in Twilio's books, since a while. */
  const listed = (fields: Record<string, string>, minutesAgo = 5, more: object = {}) =>
    desk.twilio.listed.push({ sid: fields.MessageSid, direction: 'inbound', status: 'received', from: fields.From, to: fields.To, body: fields.Body, num_media: '0', date_sent: new Date(Date.now() - minutesAgo * 60_000).toUTCString(), ...more });
  const textsFrom = async (phone: string) => (await desk.received()).filter(({ conversationKey }) => conversationKey.endsWith(phone)).map(({ text }) => text);

  it('OPS-6 a channel has its first turn a while after it was connected', async () => {
    await gaps().look();
    expect(listings()).toBe(0);
    await turn();
    expect(listings()).toBe(1);
    await gaps().look();
    expect(listings()).toBe(1);
  });

  it('OPS-6 what Twilio has and we have not lands once, in its order and with its time, what we have stays one', async () => {
    const came = desk.text('I came', { From: '+15035553001' });
    await desk.post(came);
    listed(came, 10);
    const [first, second] = [desk.text('I was lost', { From: '+15035553001' }), desk.text('So was I', { From: '+15035553001' })];
    listed(first, 8);
    listed(second, 6);
    const before = (await desk.books()).inbound.duplicate ?? 0;
    await turn();
    expect(await textsFrom('+15035553001')).toEqual(['I came', 'I was lost', 'So was I']);
    const times = (await desk.here.facts('channel.message_received')).map(({ data }) => data as { text: string; occurredAt: string }).filter(({ text }) => text === 'I was lost');
    expect(Math.abs(Date.now() - Date.parse(times[0]!.occurredAt) - 8 * 60_000)).toBeLessThan(120_000);
    expect((await desk.books()).inbound.duplicate ?? 0).toBe(before);
  });

  it('OPS-6 a webhook that comes after all is a duplicate', async () => {
    const late = desk.text('Late', { From: '+15035553002' });
    listed(late);
    await turn();
    expect((await desk.post(late)).status).toBe(200);
    expect(await textsFrom('+15035553002')).toEqual(['Late']);
  });

  it('OPS-6 SMS-2 a keyword that was missed counts, and is answered', async () => {
    listed(desk.text('STOP', { From: '+15035553003' }));
    await turn();
    expect((await desk.received()).find(({ conversationKey }) => conversationKey.endsWith('+15035553003'))).toMatchObject({ keyword: 'stop' });
    await desk.here.until(() => desk.twilio.sent.some(({ fields }) => fields.To === '+15035553003'), 'the confirmation');
  });

  it('OPS-6 two replicas that look at once find each message once', async () => {
    const other = await rig(channelsApp, { replicaOf: desk.here });
    try {
      for (let n = 0; n < 20; n++) listed(desk.text(`Lost ${n}`, { From: '+15035553004' }), 5);
      await turn(desk.here.app, other.app);
      expect((await textsFrom('+15035553004')).sort()).toEqual(Array.from({ length: 20 }, (_, n) => `Lost ${n}`).sort());
    } finally {
      await other.close();
    }
  });

  it('OPS-6 while Twilio is away nothing is taken for known', async () => {
    const before = await since();
    desk.twilio.listingStatus = 503;
    await isDue();
    await gaps().look();
    expect(await since()).toEqual(before);
    desk.twilio.listingStatus = 200;
  });
});
