import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { texting } from '@parley/contracts/texting';
import { messageEvents } from '@parley/contracts/messages';
import { profileEvents } from '@parley/contracts/profiles';
import { newId } from '@parley/service/ids';
import { RetentionService } from '../src/inbound/retention.service.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('SMS comes in', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk({ helpText: 'Write to help@shop.example' });
  });
  afterAll(() => desk?.close());

  const receivedFrom = async (phone: string) => (await desk.received()).filter(({ conversationKey }) => conversationKey === `sms:${desk.channel.id}:${phone}`);

  it('SMS-1 a signed webhook is accepted with empty TwiML, announced and kept with its bytes', async () => {
    const answer = await desk.post(desk.text('Hi, where is my order #1042? 👋', { From: '+15035550001' }));
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, expect.stringContaining('text/xml'), expect.stringContaining('<Response></Response>')]);
    expect(await receivedFrom('+15035550001')).toEqual([
      expect.objectContaining({ text: 'Hi, where is my order #1042? 👋', conversationSeq: 1, keyword: null, from: [{ type: 'phone', value: '+15035550001', verified: true }] }),
    ]);
  });

  it('OPS-6 the same message posted ten times at once is one message and nine duplicates', async () => {
    const before = await desk.books();
    const text = desk.text('Only once', { From: '+15035550002' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => desk.post(text)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await receivedFrom('+15035550002')).toHaveLength(1);
    expect((await desk.books()).inbound.duplicate! - before.inbound.duplicate!).toBe(9);
  });

  it('OPS-6 twenty messages at once are numbered without a gap, and repeats take no number', async () => {
    const texts = Array.from({ length: 20 }, (_, n) => desk.text(`Message ${n}`, { From: '+15035550003' }));
    const answers = await Promise.all([...texts, ...texts.slice(0, 5)].map((text) => desk.post(text)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const seqs = (await receivedFrom('+15035550003')).map(({ conversationSeq }) => conversationSeq);
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('SMS-1 forged bytes, a foreign signature and a missing one are refused with 403, and nothing is stored', async () => {
    const stored = [await desk.count('raw_inbound'), await desk.count('inbound_message')];
    const fields = desk.text('Pay to account 1');
    const forged = new URLSearchParams({ ...fields, Body: 'Pay to account 2' }).toString();
    const answers = [await desk.post(fields, { body: forged }), await desk.post(fields, { signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }), await desk.post(fields, { signature: '' })];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect([await desk.count('raw_inbound'), await desk.count('inbound_message')]).toEqual(stored);
    expect(await (await fetch(`${desk.here.url}/metrics`)).text()).toMatch(/parley_hooks_refused_total\{reason="bad signature"\} [3-9]/);
  });

  it('SMS-1 an unknown key is 404', async () => {
    expect((await desk.post(desk.text('Hello'), { path: '/hooks/nobody' })).status).toBe(404);
  });

  it('OPS-6 a signed delivery that cannot be understood is kept in quarantine and acknowledged', async () => {
    const before = (await desk.books()).inbound.quarantined!;
    expect((await desk.post({ Surprise: 'yes' })).status).toBe(200);
    expect((await desk.post({ ...desk.text('Hello'), From: '\0' })).status).toBe(200);
    expect((await desk.books()).inbound.quarantined! - before).toBe(2);
  });

  it('SMS-2 a keyword is told as one, with its text; YES only means START after a STOP', async () => {
    const from = '+15035550004';
    for (const body of ['Yes', ' Stop. ', 'yes!', 'Yes please', 'Arrêt']) await desk.post(desk.text(body, { From: from }));
    expect((await receivedFrom(from)).map(({ text, keyword }) => [text, keyword])).toEqual([['Yes', null], [' Stop. ', 'stop'], ['yes!', 'start'], ['Yes please', null], ['Arrêt', 'stop']]);
  });

  it('SMS-2 YES means START, too, after an agent recorded the opt-out', async () => {
    const [from, profileId] = ['+15035550008', newId()];
    await desk.post(desk.text('Call me, please', { From: from }));
    await desk.threaded((await receivedFrom(from))[0]!.inboundId, profileId);
    const revoked = { id: newId(), kind: 'sms_transactional' as const, state: 'revoked' as const, source: 'agent', evidence: null, at: new Date().toISOString() };
    await desk.here.say(profileEvents.consentChanged, { key: profileId, data: { profileId, consent: revoked } });
    await desk.here.heard();
    await desk.post(desk.text('Yes', { From: from }));
    expect((await receivedFrom(from)).map(({ keyword }) => keyword)).toEqual([null, 'start']);
  });

  const saidTo = (phone: string) => desk.twilio.sent.filter(({ fields }) => fields.To === phone).map(({ fields }) => fields.Body);
  const sendsNothingMore = () => desk.here.until(async () => (await desk.count('outbox')) === 0, 'the outbox to be empty');

  it('SMS-2 HELP is answered once where the provider has not answered it', async () => {
    const help = desk.text('help', { From: '+15035550005' });
    await desk.post(help);
    await desk.post(help);
    await desk.post(desk.text('help', { From: '+15035550006', OptOutType: 'HELP' }));
    await desk.here.until(() => saidTo('+15035550005').length, 'the answer to HELP');
    await sendsNothingMore();
    expect([saidTo('+15035550005'), saidTo('+15035550006')]).toEqual([['Write to help@shop.example'], []]);
  });

  it('SMS-2 STOP is confirmed exactly once, although nothing else is sent any more, and START after it, too', async () => {
    const from = '+15035550011';
    const stop = desk.text('Stop.', { From: from });
    await Promise.all([desk.post(stop), desk.post(stop), desk.post(desk.text('STOP', { From: from }))]);
    for (const body of ['quit', 'start', 'Unstop', 'Arrêt']) await desk.post(desk.text(body, { From: from }));
    await desk.here.until(() => saidTo(from).length === 3, 'three answers');
    await sendsNothingMore();
    expect(saidTo(from)).toEqual([expect.stringContaining('you are unsubscribed'), expect.stringContaining('subscribed again'), expect.stringContaining('vous êtes désabonné')]);
    const told = (await desk.here.facts('channel.keyword_answered')).map(({ data }) => data as { to: { value: string }; keyword: string }).filter(({ to }) => to.value === from);
    expect(told.map(({ keyword }) => keyword)).toEqual(['stop', 'start', 'stop']);
  });

  it('SMS-2 what the provider answers by itself is not answered twice, its unknown words are', async () => {
    const { version, ...settings } = await desk.here.ask(texting.keywords, { id: desk.channel.id }).then(({ channelId: _, standard: __, ...rest }) => rest);
    const now = await desk.here.ask(texting.setKeywords, { id: desk.channel.id, ifMatch: version, ...settings, providerAnswersKeywords: true });
    for (const [body, from] of [['STOP', '+15035550012'], ['désabonner', '+15035550013']] as const) await desk.post(desk.text(body, { From: from }));
    await desk.here.until(() => saidTo('+15035550013').length, 'the answer');
    await sendsNothingMore();
    expect(saidTo('+15035550012')).toEqual([]);
    await desk.here.ask(texting.setKeywords, { id: desk.channel.id, ifMatch: now.version, ...settings });
  });

  it('SMS-2 a sentence that reads like an opt-out is an ordinary message with a hint for the agent', async () => {
    await desk.post(desk.text('Please stop texting me', { From: '+15035550014' }));
    expect(await receivedFrom('+15035550014')).toEqual([expect.objectContaining({ keyword: null, note: expect.stringContaining('reads like an opt-out') })]);
  });

  it('TKT-11 an alphanumeric sender is kept as what it is', async () => {
    await desk.post(desk.text('Your code is 1234', { From: 'ACMEBANK' }));
    expect((await receivedFrom('ACMEBANK'))[0]!.from).toEqual([{ type: 'alnum', value: 'ACMEBANK', verified: false }]);
  });

  it('SMS-6 a message of two pictures without text has two attachments', async () => {
    await desk.post(desk.text('', { From: '+15035550007', NumMedia: '2', MediaUrl0: 'https://api.twilio.com/Media/ME1', MediaContentType0: 'image/jpeg', MediaUrl1: 'https://api.twilio.com/Media/ME2', MediaContentType1: 'text/vcard' }));
    expect((await receivedFrom('+15035550007'))[0]).toMatchObject({ text: '', attachments: [{ name: 'ME1', contentType: 'image/jpeg' }, { name: 'ME2', contentType: 'text/vcard' }] });
  });

  it('OPS-6 the books balance once tickets has said what became of everything', async () => {
    expect((await desk.books()).balanced).toBe(false);
    for (const { inboundId, keyword } of await desk.received()) {
      if (keyword) await desk.here.say(messageEvents.filed, { key: newId(), data: { inboundId, outcome: 'keyword', reason: null } });
      else await desk.threaded(inboundId);
    }
    await desk.here.heard();
    const books = await desk.books();
    expect(books).toMatchObject({ balanced: true, inbound: { pending: 0, quarantined: 2, keyword: 14 } });
    expect(Object.values(books.inbound).reduce((sum, n) => sum + n)).toBe((await desk.count('inbound_message')) + (await desk.count('inbound_item')));
  });

  it.each([
    ['a piece that stands for nothing', 'UPDATE raw_inbound SET items = items + 1', 'UPDATE raw_inbound SET items = items - 1'],
    ['a message that nobody sent', 'UPDATE raw_inbound SET items = 0', 'UPDATE raw_inbound SET items = 1'],
    ['a number that no message has', 'UPDATE conversation SET seq = seq + 1', 'UPDATE conversation SET seq = seq - 1'],
    ['a message without an outcome', `UPDATE inbound_message SET outcome = NULL WHERE keyword = 'stop'`, `UPDATE inbound_message SET outcome = 'keyword' WHERE keyword = 'stop'`],
  ])('OPS-6 %s unbalances the books', async (_, spoil, mend) => {
    await desk.here.tx((tx) => tx.sql(spoil));
    expect((await desk.books()).balanced).toBe(false);
    await desk.here.tx((tx) => tx.sql(mend));
    expect((await desk.books()).balanced).toBe(true);
  });

  it('PRO-6 the bytes are forgotten after 30 days, the messages are not', async () => {
    const retention = desk.here.app.get(RetentionService, { strict: false });
    const [bytes, messages] = [await desk.count('raw_inbound'), await desk.count('inbound_message')];
    await retention.forget();
    expect(await desk.count('raw_inbound')).toBe(bytes);
    await desk.here.advance(31 * 86_400);
    await retention.forget();
    expect([await desk.count('raw_inbound'), await desk.count('inbound_message')]).toEqual([0, messages]);
    await desk.here.advance(-31 * 86_400);
  });
});
