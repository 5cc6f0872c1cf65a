import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profileEvents } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { rig } from '@parley/service/testing/rig';
import { channels } from '@parley/contracts/channels';
import { channelsApp } from '../src/channels.app.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('SMS goes out', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk();
  });
  afterAll(() => desk?.close());

  const sentTexts = (to: string) => desk.twilio.sent.filter(({ fields }) => fields.To === to).map(({ fields }) => fields.Body);
  const isOut = (body: string) => desk.here.until(() => desk.twilio.sent.find(({ fields }) => fields.Body === body), `${body} at Twilio`);
  const reaches = (id: string, state: string) => desk.here.until(async () => (await desk.deliveries(id)).find((one) => one.state === state), `${state}`);
  const sidOf = (id: string) =>
    desk.here.until(() => desk.here.tx(async (tx) => (await tx.sql<{ sid: string | null }>('SELECT provider_message_id AS sid FROM delivery WHERE id = $1', [id]))[0]?.sid), 'the sid in our books');
  const consent = (profileId: string, state: 'granted' | 'revoked', kind: 'sms_marketing' | 'sms_transactional' = 'sms_transactional') =>
    desk.here.say(profileEvents.consentChanged, { key: profileId, data: { profileId, consent: { id: newId(), kind, state, source: 'test', evidence: null, at: new Date().toISOString() } } });

  it('TKT-8 an answer goes to Twilio once, with our number, text and callback', async () => {
    const { id } = await desk.reply('It is on its way', { to: '+15035551001' });
    const { path, fields, authorization } = await isOut('It is on its way');
    expect(path).toBe('/2010-04-01/Accounts/ACtest/Messages.json');
    expect(fields).toEqual({ To: '+15035551001', From: '+15005550100', Body: 'It is on its way', StatusCallback: `${desk.channel.webhookUrl}?ref=${id}` });
    expect(Buffer.from(authorization!.slice(6), 'base64').toString()).toBe('ACtest:not-a-real-token-0123456789');
  });

  it('TKT-11 SMS-2 STOP between writing and sending means not sent', async () => {
    const profileId = newId();
    desk.twilio.answers.push({ status: 503, body: {} });
    const { id } = await desk.reply('Waits', { to: '+15035551019', profileId });
    await desk.postponed(id);
    await consent(profileId, 'revoked', 'sms_marketing');
    await consent(profileId, 'revoked');
    await desk.here.heard();
    await desk.hurry();
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'opted_out' } });
    expect(sentTexts('+15035551019')).toEqual(['Waits']);
  });

  it('TKT-8 callbacks in any order never move a message backwards', async () => {
    const { id } = await desk.reply('Any order', { to: '+15035551002' });
    const sid = await sidOf(id);
    for (const status of ['delivered', 'sent', 'undelivered', 'queued', 'delivered']) expect((await desk.post(desk.status(sid, status))).status).toBe(200);
    expect((await desk.deliveries(id)).map(({ state }) => state)).toEqual(['delivered']);
  });

  it('TKT-8 a failure keeps the reason of the provider, and a delivery after it wins', async () => {
    const { id } = await desk.reply('Phone is off', { to: '+15035551003' });
    const sid = await sidOf(id);
    await desk.post(desk.status(sid, 'undelivered', { ErrorCode: '30003', ErrorMessage: 'Unreachable destination handset' }));
    await desk.post(desk.status(sid, 'delivered'));
    expect((await desk.deliveries(id)).map(({ state, failure }) => [state, failure])).toEqual([
      ['failed', { code: '30003', reason: 'Unreachable destination handset' }],
      ['delivered', null],
    ]);
  });

  it('TKT-8 a callback that comes before we know the message is kept and applied when we do', async () => {
    const sid = 'SM99999999999999999999999999999999';
    expect((await desk.post(desk.status(sid, 'delivered'))).status).toBe(200);
    desk.twilio.answers.push({ status: 201, body: { sid, status: 'queued' } });
    const { id } = await desk.reply('Overtaken', { to: '+15035551004' });
    expect(await reaches(id, 'delivered')).toMatchObject({ providerMessageId: sid });
  });

  it('TKT-8 PRO-2 a refusal because of an opt-out fails with the reason, reports the consent and is not repeated', async () => {
    desk.twilio.answers.push({ status: 400, body: { code: 21610, message: 'Attempt to send to unsubscribed recipient', status: 400 } });
    const { id } = await desk.reply('Hello again', { to: '+15035551005' });
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: '21610', reason: 'Attempt to send to unsubscribed recipient' } });
    const [report] = await desk.here.facts('channel.consent_reported');
    expect(report!.data).toMatchObject({ channelId: desk.channel.id, identifier: { value: '+15035551005' }, kinds: ['sms_marketing', 'sms_transactional'], state: 'revoked', source: 'provider' });
    await desk.hurry();
    await desk.reply('Next', { to: '+15035551006' });
    await isOut('Next');
    expect(sentTexts('+15035551005')).toEqual(['Hello again']);
  });

  it('TKT-11 what was revoked between writing and sending is not sent', async () => {
    const profileId = newId();
    await consent(profileId, 'granted');
    await consent(profileId, 'revoked');
    await desk.here.heard();
    const { id } = await desk.reply('Too late', { to: '+15035551007', profileId });
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'opted_out' } });
    expect(sentTexts('+15035551007')).toEqual([]);
  });

  it('TKT-11 one consent that still stands is enough, and a blocked person gets nothing', async () => {
    const profileId = newId();
    await consent(profileId, 'granted', 'sms_marketing');
    await consent(profileId, 'revoked');
    await desk.here.heard();
    await desk.reply('Still allowed', { to: '+15035551008', profileId });
    await isOut('Still allowed');
    const blocked = { id: profileId, name: null, externalId: null, emails: [], phones: [], identifiers: [], locale: null, timezone: null, consents: {}, blocked: true, createdAt: new Date().toISOString(), version: 2 };
    await desk.here.say(profileEvents.blocked, { key: profileId, data: blocked });
    await desk.here.heard();
    const { id } = await desk.reply('Not this one', { to: '+15035551008', profileId });
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'blocked' } });
  });

  it('TKT-8 no answer means asking Twilio before anything is repeated', async () => {
    desk.twilio.answers.push('hang up');
    const { id } = await desk.reply('Was I sent?', { to: '+15035551009' });
    await desk.postponed(id);
    desk.twilio.listed.push({ sid: 'SM-was-taken', status: 'sent', body: 'Was I sent?', from: '+15005550100', direction: 'outbound-api', date_created: new Date().toUTCString() });
    await desk.hurry();
    expect(await reaches(id, 'sent')).toMatchObject({ providerMessageId: 'SM-was-taken' });
    expect(sentTexts('+15035551009')).toEqual(['Was I sent?']);
  });

  it('TKT-8 no answer and nothing in Twilio’s books means sending again; what stands there for another message does not count', async () => {
    const before = await desk.reply('Same words', { to: '+15035551010' });
    const sid = await sidOf(before.id);
    desk.twilio.listed.push({ sid, status: 'sent', body: 'Same words', from: '+15005550100', direction: 'outbound-api', date_created: new Date().toUTCString() });
    desk.twilio.answers.push('hang up');
    const { id } = await desk.reply('Same words', { to: '+15035551010' });
    await desk.postponed(id);
    await desk.hurry();
    expect(await sidOf(id)).not.toBe(sid);
    expect(sentTexts('+15035551010')).toEqual(['Same words', 'Same words', 'Same words']);
  });

  it('TKT-8 our reference in a callback settles what was unknown', async () => {
    desk.twilio.answers.push('hang up');
    const { id } = await desk.reply('Told by callback', { to: '+15035551011' });
    await desk.postponed(id);
    await desk.post(desk.status('SM-by-callback', 'delivered'), { path: `${desk.path}?ref=${id}` });
    await desk.hurry();
    expect(await desk.deliveries(id)).toEqual([expect.objectContaining({ state: 'delivered', providerMessageId: 'SM-by-callback' })]);
    expect(await desk.count('outbox')).toBe(0);
    expect(sentTexts('+15035551011')).toHaveLength(1);
  });

  it('TKT-8 trouble at Twilio means later, not failed, and as late as Twilio wishes', async () => {
    desk.twilio.answers.push({ status: 503, body: {}, headers: { 'retry-after': '120' } }, { status: 429, body: { code: 20429 } });
    const { id } = await desk.reply('Patience', { to: '+15035551012' });
    expect(await desk.postponed(id)).toBeGreaterThan(60);
    await desk.hurry();
    await desk.here.until(() => sentTexts('+15035551012').length === 2, 'the second try');
    await desk.postponed(id);
    await desk.hurry();
    expect(await sidOf(id)).toBeTruthy();
    expect(await desk.deliveries(id)).toEqual([]);
  });

  it('TKT-8 answers of one ticket leave in order, a later one waits for an earlier one', async () => {
    const ticketId = newId();
    desk.twilio.answers.push({ status: 503, body: {} });
    const first = await desk.reply('First', { ticketId, to: '+15035551013' });
    await desk.postponed(first.id);
    await desk.reply('Second', { ticketId, to: '+15035551013' });
    await desk.reply('Elsewhere', { to: '+15035551014' });
    await isOut('Elsewhere');
    expect(sentTexts('+15035551013')).toEqual(['First']);
    await desk.hurry();
    await isOut('Second');
    expect(sentTexts('+15035551013')).toEqual(['First', 'First', 'Second']);
  });

  it('TKT-8 after ten minutes a later answer no longer waits', async () => {
    const ticketId = newId();
    desk.twilio.answers.push({ status: 503, body: {} });
    const first = await desk.reply('Stuck', { ticketId, to: '+15035551015' });
    await desk.postponed(first.id);
    const second = await desk.reply('Overtakes', { ticketId, to: '+15035551015' });
    await desk.here.heard();
    expect(sentTexts('+15035551015')).toEqual(['Stuck']);
    await desk.here.db.query(`UPDATE outbox SET created_at = created_at - interval '11 minutes' WHERE id = $1`, [second.id]);
    await isOut('Overtakes');
    await desk.hurry();
    await sidOf(first.id);
  });

  it('TKT-8 a sender that died in the middle is succeeded by one that asks first', async () => {
    desk.twilio.answers.push({ status: 503, body: {} });
    const { id } = await desk.reply('Died in the middle', { to: '+15035551016' });
    await desk.postponed(id);
    desk.twilio.listed.push({ sid: 'SM-before-death', status: 'queued', body: 'Died in the middle', from: '+15005550100', direction: 'outbound-api', date_created: new Date().toUTCString() });
    await desk.here.db.query(`UPDATE outbox SET next_at = now(), lease_token = gen_random_uuid(), lease_until = now() - interval '1 second' WHERE id = $1`, [id]);
    expect(await sidOf(id)).toBe('SM-before-death');
    expect(sentTexts('+15035551016')).toHaveLength(1);
  });

  it('TKT-8 two replicas send a hundred answers once each', async () => {
    const other = await rig(channelsApp, { replicaOf: desk.here });
    try {
      const sent = await Promise.all(Array.from({ length: 100 }, (_, n) => desk.reply(`Once ${n}`, { to: '+15035551017' })));
      const ids = sent.map(({ id }) => id);
      const known = () => desk.here.tx((tx) => tx.sql('SELECT FROM delivery WHERE id = ANY ($1) AND provider_message_id IS NOT NULL', [ids]));
      await desk.here.until(async () => (await known()).length === 100, 'a hundred sids in our books');
      expect(sentTexts('+15035551017').sort()).toEqual(Array.from({ length: 100 }, (_, n) => `Once ${n}`).sort());
    } finally {
      await other.close();
    }
  });

  it('a channel that is switched off sends and takes nothing', async () => {
    const current = await desk.here.ask(channels.get, { id: desk.channel.id });
    const off = await desk.here.ask(channels.update, { id: desk.channel.id, ifMatch: current.version, enabled: false });
    const { id } = await desk.reply('Nobody home', { to: '+15035551018' });
    expect(await reaches(id, 'failed')).toMatchObject({ failure: { code: 'channel_off' } });
    expect((await desk.post(desk.text('Hello'))).status).toBe(404);
    await desk.here.ask(channels.update, { id: desk.channel.id, ifMatch: off.version, enabled: true });
    expect((await desk.post(desk.text('Hello'))).status).toBe(200);
  });

  it('OPS-6 the books tell what was delivered, failed and is pending', async () => {
    const { outbound } = await desk.books();
    const [{ n }] = await desk.here.tx((tx) => tx.sql<{ n: number }>('SELECT count(*) n FROM delivery')) as [{ n: number }];
    expect(outbound).toMatchObject({ failed: 5 });
    expect(outbound.delivered! + outbound.failed! + outbound.pending!).toBe(n);
  });
});
