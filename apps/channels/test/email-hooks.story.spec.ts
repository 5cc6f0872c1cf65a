import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Channel, channels } from '@parley/contracts/channels';
import { type EmailDesk, emailDesk, mail } from './email-desk.js';

const SECRET = 'test-only-not-a-secret';
let desk: EmailDesk;
let postmark: Channel;
let mailgun: Channel;
beforeAll(async () => {
  desk = await emailDesk();
  postmark = await desk.here.ask(channels.create, { type: 'email', provider: 'postmark', name: 'P', settings: { address: 'p@parley.example' }, credentials: { hookUser: 'parley', hookPassword: SECRET } });
  mailgun = await desk.here.ask(channels.create, { type: 'email', provider: 'mailgun', name: 'M', settings: { address: 'm@parley.example' }, credentials: { signingKey: SECRET } });
});
afterAll(() => desk.close());

const post = (channel: Channel, body: string | URLSearchParams, headers: Record<string, string> = {}) => fetch(new URL(new URL(channel.webhookUrl!).pathname, desk.here.url), { method: 'POST', body, headers });
const login = { authorization: `Basic ${Buffer.from(`parley:${SECRET}`).toString('base64')}`, 'content-type': 'application/json' };
const json = (raw: string) => JSON.stringify({ OriginalRecipient: 'x@in.brand.example', From: 'ada@customer.example', RawEmail: raw });
/** Signed now, with a token of its own. */
function form(token: string, fields: Record<string, string>) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', SECRET).update(timestamp + token).digest('hex');
  return new URLSearchParams({ timestamp, token, signature, ...fields });
}

it('MAIL-1 a mail by a provider’s webhook is kept raw, answered, and read in the one pipeline', async () => {
  const raw = mail({ 'Message-ID': '<hook-1@customer.example>', Subject: 'By webhook' }, 'Yes.\r\n\r\nOn Fri, Nov 20, 2026 at 10:00 AM Shop <s@shop.example> wrote:\r\n> Old');
  expect((await post(postmark, json(raw), login)).status).toBe(200);
  await desk.settled();
  const message = (await desk.received()).at(-1)!;
  expect(message).toMatchObject({ channelId: postmark.id, subject: 'By webhook', newText: 'Yes.', from: [{ value: 'ada@customer.example' }] });
  const [kept] = await desk.here.tx((tx) => tx.sql<{ body: Buffer; headers: object }>('SELECT r.body, r.headers FROM raw_inbound r JOIN inbound_message m ON m.raw_id = r.id WHERE m.id = $1', [message.inboundId]));
  expect(kept!.body.toString()).toBe(raw);
  expect(kept!.headers).toEqual({ sender: 'ada@customer.example', recipient: 'x@in.brand.example' });
});

it('MAIL-1 without the login nothing is kept', async () => {
  const before = await desk.here.tx((tx) => tx.sql('SELECT id FROM raw_inbound'));
  expect((await post(postmark, json(mail({})), { ...login, authorization: 'Basic eDp5' })).status).toBe(403);
  expect(await desk.here.tx((tx) => tx.sql('SELECT id FROM raw_inbound'))).toEqual(before);
});

it('MAIL-8 the same mail by webhook and by SMTP is one message', async () => {
  const raw = mail({ 'Message-ID': '<hook-2@customer.example>' }, 'Twice');
  await desk.deliver(raw);
  await post(postmark, json(raw), login);
  await desk.settled();
  expect((await desk.received()).filter(({ text }) => text === 'Twice')).toHaveLength(1);
});

it('MAIL-1 a token of Mailgun is good for one mail: what comes again under it, with whatever content, is a duplicate', async () => {
  const one = { recipient: 'm@in.brand.example', sender: 'ada@customer.example', 'body-mime': mail({ 'Message-ID': '<mg-1@customer.example>' }, 'Genuine') };
  expect((await post(mailgun, form('t1', one))).status).toBe(200);
  expect((await post(mailgun, form('t1', { ...one, 'body-mime': mail({ 'Message-ID': '<mg-2@customer.example>' }, 'Replayed') }))).status).toBe(200);
  expect((await post(mailgun, form('t2', { ...one, 'body-mime': mail({ 'Message-ID': '<mg-3@customer.example>' }, 'Another') }))).status).toBe(200);
  await desk.settled();
  expect((await desk.received()).filter(({ channelId }) => channelId === mailgun.id).map(({ text }) => text).sort()).toEqual(['Another', 'Genuine']);
  expect((await desk.setAside()).at(-1)).toEqual({ outcome: 'duplicate', reason: 'handed over again' });
});

it('MAIL-1 what Mailgun took apart is read, too; its reply leaves by SMTP', async () => {
  const fields = Object.fromEntries(new URLSearchParams(readFileSync(new URL('./fixtures/email/40-mailgun-route.form', import.meta.url)).toString()));
  const { timestamp: _t, token: _o, signature: _s, ...rest } = fields;
  await post(mailgun, form('t3', rest));
  await desk.settled();
  const message = (await desk.received()).at(-1)!;
  expect(message).toMatchObject({ subject: 'Frage', text: 'Hallo', channelId: mailgun.id });
  await desk.verify(mailgun, 'm@parley.example');
  expect(await desk.answer(message)).toMatchObject({ from: 'm@parley.example', to: ['erika@customer.example'] });
});

it('MAIL-6 what is no mail is quarantined with its bytes', async () => {
  expect((await post(postmark, '{"Type":"Bounce"}', login)).status).toBe(200);
  expect((await desk.setAside()).at(-1)).toEqual({ outcome: 'quarantined', reason: 'no mail as Postmark posts it' });
});

it('MAIL-1 a mail of 20 MB comes through', async () => {
  const big = mail({ 'Message-ID': '<big@customer.example>', 'Content-Type': 'multipart/mixed; boundary=b' }, `--b\r\n\r\nBig\r\n--b\r\nContent-Type: application/zip; name=a.zip\r\n\r\n${'x'.repeat(20_000_000)}\r\n--b--`);
  expect((await post(postmark, json(big), login)).status).toBe(200);
  await desk.settled();
  expect((await desk.received()).at(-1)).toMatchObject({ text: 'Big', attachments: [{ name: 'a.zip', sizeBytes: 20_000_000 }] });
});
