import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileEvents } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { telnyxDesk, type TelnyxDesk } from './telnyx-desk.js';

describe('SMS by Telnyx', () => {
  let desk: TelnyxDesk;
  beforeAll(async () => {
    desk = await telnyxDesk();
  });
  afterAll(() => desk?.close());

  const receivedFrom = async (phone: string) => (await desk.received()).filter(({ conversationKey }) => conversationKey.endsWith(phone));
  const isOut = (phone: string, texts = 1) => desk.here.until(() => desk.sentTo(phone).length === texts, `${texts} to ${phone}`);
  const reaches = (id: string, state: string) => desk.here.until(async () => (await desk.deliveries(id)).find((one) => one.state === state), state);

  it('SMS-1 SMS-6 a signed webhook is accepted with its file, once however often it comes', async () => {
    const id = newId();
    const more = { id, media: [{ url: 'https://media.telnyx.example/1.png', content_type: 'image/png', size: 5 }], received_at: '2026-11-20T09:15:02.000+00:00' };
    const answers = [await desk.writes('+15035554001', 'Hej 👋', more), await desk.writes('+15035554001', 'Hej 👋', more)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await receivedFrom('+15035554001')).toEqual([expect.objectContaining({ text: 'Hej 👋', occurredAt: '2026-11-20T09:15:02.000+00:00', attachments: [expect.objectContaining({ name: '1.png', contentType: 'image/png' })] })]);
  });

  it('SMS-1 forged bytes and a delivery that is older than five minutes are refused, and nothing is stored', async () => {
    const stored = await desk.count('raw_inbound');
    const payload = { id: newId(), from: { phone_number: '+15035554002' }, text: 'Forged' };
    const answers = [await desk.event('message.received', payload, { forged: true }), await desk.event('message.received', payload, { secondsAgo: 330 })];
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect(await desk.count('raw_inbound')).toBe(stored);
  });

  it('SMS-2 STOP revokes, is confirmed once, and keywords mean what they mean by Twilio', async () => {
    for (const text of ['Yes', 'Stop all.', 'STOP', 'yes']) await desk.writes('+15035554003', text);
    expect((await receivedFrom('+15035554003')).map(({ keyword }) => keyword)).toEqual([null, 'stop', 'stop', 'start']);
    await isOut('+15035554003', 2);
    expect(desk.sentTo('+15035554003')).toEqual([expect.stringContaining('unsubscribed'), expect.stringContaining('subscribed again')]);
  });

  it('TKT-8 an answer goes out once with our key, and receipts move it forward', async () => {
    desk.telnyx.answers.push({ status: 200, body: { data: { id: 'telnyx-1', to: [{ status: 'queued' }] } } });
    const { id } = await desk.reply('On its way', { to: '+15035554004' });
    await isOut('+15035554004');
    const asked = desk.telnyx.asked.find(({ body }) => body.to === '+15035554004')!;
    expect([asked.headers['idempotency-key'], asked.body.webhook_url]).toEqual([id, `${desk.channel.webhookUrl}?ref=${id}`]);
    const told = (type: string, status: string) => desk.event(type, { id: 'telnyx-1', to: [{ phone_number: '+15035554004', status }] }, { path: `${desk.path}?ref=${id}` });
    await told('message.finalized', 'delivered');
    await told('message.sent', 'sent');
    expect((await reaches(id, 'delivered')).state).toBe('delivered');
    expect((await desk.deliveries(id)).map(({ state }) => state)).toEqual(['delivered']);
  });

  it('TKT-8 PRO-2 a refusal because of an opt-out fails with the reason, reports the consent and is not repeated', async () => {
    desk.telnyx.answers.push({ status: 403, body: { errors: [{ code: '40300', title: 'Blocked due to STOP message' }] } });
    const { id } = await desk.reply('Hello again', { to: '+15035554005' });
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: '40300', reason: 'Blocked due to STOP message' } });
    expect((await desk.here.facts('channel.consent_reported')).map(({ data }) => data)).toEqual([expect.objectContaining({ identifier: expect.objectContaining({ value: '+15035554005' }), state: 'revoked', source: 'provider' })]);
  });

  it('TKT-8 no answer is asked about by our tag before it is ever repeated', async () => {
    desk.telnyx.answers.push('hang up');
    const { id } = await desk.reply('Was I sent?', { to: '+15035554006' });
    await desk.postponed(id);
    desk.telnyx.records.push({ uuid: 'telnyx-taken', tags: [id], status: 'delivered' });
    await desk.hurry();
    expect(await reaches(id, 'delivered')).toMatchObject({ providerMessageId: 'telnyx-taken' });
    expect(desk.sentTo('+15035554006')).toHaveLength(1);
  });

  it('TKT-11 SMS-2 STOP between writing and sending means not sent', async () => {
    const profileId = newId();
    desk.telnyx.answers.push({ status: 503, body: {} });
    const { id } = await desk.reply('Too late', { to: '+15035554007', profileId });
    await isOut('+15035554007');
    await desk.postponed(id);
    for (const kind of ['sms_marketing', 'sms_transactional'] as const) {
      await desk.here.say(profileEvents.consentChanged, { key: profileId, data: { profileId, consent: { id: newId(), kind, state: 'revoked', source: 'keyword', evidence: null, at: new Date().toISOString() } } });
    }
    await desk.here.heard();
    await desk.hurry();
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'opted_out' } });
    expect(desk.sentTo('+15035554007')).toHaveLength(1);
  });
});
