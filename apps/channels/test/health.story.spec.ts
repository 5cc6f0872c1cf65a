import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelHealth } from '@parley/contracts/channel-health';
import { newId } from '@parley/service/ids';
import { HealthWatchService } from '../src/health/health-watch.service.js';
import { HealthService } from '../src/health/health.service.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('how a channel is', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk();
  });
  afterAll(() => desk?.close());

  const look = () => desk.here.ask(channelHealth.get, { id: desk.channel.id });
  const becomes = (state: string) => desk.here.until(async () => (await look()).state === state && look(), `the channel to be ${state}`);
  const notLetIn = { status: 401, body: { code: 20003, message: 'Authenticate', status: 401 } };
  const changes = async () => (await desk.here.facts('channel.health_changed')).map(({ data }) => (data as { state: string }).state);

  it('OPS-6 a new channel is green and has done nothing yet', async () => {
    expect(await look()).toMatchObject({ state: 'green', reasons: [], lastInbound: { at: null, ageSeconds: null }, lastOutbound: { at: null }, lastError: null, oldestWaiting: null, quarantined: 0 });
    await expect(desk.here.ask(channelHealth.get, { id: newId() })).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
    await expect(desk.here.ask(channelHealth.get, { id: desk.channel.id }, desk.here.actor({ account: newId() }))).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
  });

  it('OPS-6 the last success of each direction is told with its age', async () => {
    await desk.post(desk.text('hello'));
    await desk.reply('It works');
    const { lastInbound, lastOutbound } = await desk.here.until(async () => ((await look()).lastOutbound.at ? look() : null), 'a success outwards');
    expect([lastInbound.ageSeconds, lastOutbound.ageSeconds].every((age) => age !== null && age < 60)).toBe(true);
    await desk.here.advance(3600);
    expect((await look()).lastInbound.ageSeconds).toBeGreaterThanOrEqual(3600);
  });

  it('TKT-8 OPS-6 refused credentials turn it red with the provider’s words, inbound news does not help, the next success does', async () => {
    desk.twilio.answers.push(notLetIn);
    await desk.reply('Not let in');
    const red = await becomes('red');
    expect(red.reasons).toMatchObject([{ code: 'auth', state: 'red', text: '20003: Authenticate' }]);
    expect(red.lastError).toMatchObject({ direction: 'outbound', code: '20003', reason: 'Authenticate' });
    await desk.post(desk.text('still there?'));
    expect((await look()).state).toBe('red');
    await desk.reply('Let in again');
    await becomes('green');
    expect(await changes()).toEqual(['red', 'green']);
  });

  it('OPS-6 a message that cannot be delivered is the last error, and no trouble of the channel', async () => {
    desk.twilio.answers.push({ status: 400, body: { code: 21614, message: 'Not a mobile number', status: 400 } });
    await desk.reply('To a landline', { to: '+15035559001' });
    await desk.here.until(async () => (await look()).lastError?.code === '21614', 'the error');
    expect((await look()).state).toBe('green');
  });

  it('OPS-6 a success is not written down for every message', async () => {
    const written = async () => (await desk.here.tx((tx) => tx.sql('SELECT xmin::text, outbound_at FROM channel_health')))[0];
    desk.here.app.get(HealthService).notedForMs = 3_600_000;
    desk.twilio.answers.push(notLetIn);
    await desk.reply('Refused');
    await becomes('red');
    await desk.here.broker.flush();
    await desk.reply('Once');
    await becomes('green');
    const before = await written();
    for (const n of [1, 2, 3]) await desk.reply(`Again ${n}`);
    await desk.here.until(() => desk.twilio.sent.some(({ fields }) => fields.Body === 'Again 3'), 'the texts');
    await desk.here.until(async () => (await desk.count('outbox')) === 0, 'nothing to be left');
    expect(await written()).toEqual(before);
  });

  it('OPS-6 answers that wait for long are noticed although nothing happens', async () => {
    for (const { inboundId } of await desk.received()) await desk.threaded(inboundId);
    await desk.here.heard();
    desk.twilio.answers.push(...Array(50).fill({ status: 503, body: {} }));
    await desk.reply('Later');
    await becomes('yellow');
    await desk.here.db.query(`UPDATE outbox SET created_at = now() - interval '10 minutes', next_at = now() + interval '1 hour'`);
    await desk.here.app.get(HealthWatchService).look();
    const { reasons, oldestWaiting } = await look();
    expect(reasons.map(({ code }) => code)).toEqual(['unreachable', 'answers_wait']);
    expect(oldestWaiting).toMatchObject({ what: 'answer' });
    expect(oldestWaiting!.ageSeconds).toBeGreaterThanOrEqual(600);
    desk.twilio.answers.length = 0;
    await desk.hurry();
    await becomes('green');
    expect((await changes()).slice(-2)).toEqual(['yellow', 'green']);
  });
});
