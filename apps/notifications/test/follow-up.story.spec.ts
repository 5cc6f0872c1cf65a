import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { openMailbox, type Mailbox } from './mailbox.js';
import { openOutpost, type Outpost } from './outpost.js';

let mailbox: Mailbox;
let outpost: Outpost;
beforeAll(async () => {
  mailbox = await openMailbox();
  outpost = await openOutpost({ PARLEY_OUTBOUND_SMTP_URL: mailbox.url });
  await outpost.accountIs();
});
afterAll(async () => {
  await outpost.close();
  await mailbox.close();
});
beforeEach(() => {
  mailbox.refuses();
  mailbox.received.length = 0;
});

const someone = () => ({ email: `${newId()}@customer.example`, name: 'Kim' });
const arrived = (count = 1) => outpost.until(() => mailbox.received.length >= count, `${count} mails`);
const announced = (type: string, timerId: string) => outpost.until(async () => (await outpost.facts(type)).find(({ data }) => data['timerId'] === timerId), type);
const tried = (timerId: string, times: number) => outpost.until(async () => (await outpost.db.query('SELECT FROM mail_due WHERE mail_id = $1 AND attempt >= $2 AND lease_until IS NULL', [timerId, times])).length, `try ${times}`);

it('TIME-2 a follow-up that is due goes out: marked, addressed, with recap and signed link', async () => {
  const request = await outpost.followUpIsDue({ to: someone(), replyTo: 'desk@shop.example', locale: 'de' });
  await arrived();
  const { from, to, raw, mail } = mailbox.received[0]!;
  expect([from, to]).toEqual(['help@shop.example', [request.to.email]]);
  expect(mail).toMatchObject({ subject: 'Sie haben eine neue Nachricht von Nordwind', messageId: `<follow-up.${request.timerId}@shop.example>`, from: { value: [{ name: 'Nordwind', address: 'help@shop.example' }] }, replyTo: { value: [{ address: 'desk@shop.example' }] } });
  expect(raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
  expect(raw).toMatch(/^X-Auto-Response-Suppress: All\r?$/m);
  for (const part of [mail.text, String(mail.html)]) expect(part).toContain('Where is my order?');

  const [, token] = /parley_chat=([\w.-]+)/.exec(mail.text!)!;
  const [payload, mac] = token!.split('.') as [string, string];
  expect(new Secrets(outpost.env['PARLEY_SECRET_KEY']!).verifyMac(mac, 'chat-link', payload)).toBe(true);
  const link = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  expect(link).toMatchObject({ account: outpost.account, session: request.sessionId, ticket: request.ticketId });
  const [row] = await outpost.tx((tx) => tx.sql<{ created_at: Date }>('SELECT created_at FROM mail WHERE id = $1', [request.timerId]));
  expect(link.exp - Math.floor(row!.created_at.getTime() / 1000)).toBe(72 * 3600);
});

it('TIME-1 follow_up.sent is announced and stands in the feed, once', async () => {
  const { timerId, ticketId } = await outpost.followUpIsDue({ to: someone() });
  const fact = await announced('follow_up.sent', timerId);
  expect(fact).toMatchObject({ ticket: ticketId, actor: { type: 'automation' } });
  expect((await outpost.readFeed()).filter(({ id }) => id === fact.id)).toHaveLength(1);
});

it('TIME-1 a timer makes one mail, however often it is told', async () => {
  const request = await outpost.followUpIsDue({ to: someone() });
  await announced('follow_up.sent', request.timerId);
  await outpost.followUpIsDue(request);
  await outpost.deliverEverything();
  expect(mailbox.received).toHaveLength(1);
});

it('a server that says “later” is asked again: the same mail under the same Message-ID', async () => {
  mailbox.refuses(451);
  const { timerId } = await outpost.followUpIsDue({ to: someone() });
  await tried(timerId, 1);
  mailbox.refuses();
  await outpost.deliverEverything();
  expect(mailbox.received.map(({ mail }) => mail.messageId)).toEqual([`<follow-up.${timerId}@shop.example>`]);
});

it('after the last try, and at once when the server says “never”, the mail has visibly failed', async () => {
  mailbox.refuses(451);
  const late = await outpost.followUpIsDue({ to: someone() });
  for (let times = 1; times < 7; times++) {
    await tried(late.timerId, times);
    await outpost.deliverEverything();
  }
  expect((await announced('follow_up.failed', late.timerId)).data['reason']).toContain('not now');

  mailbox.refuses(550);
  const never = await outpost.followUpIsDue({ to: someone() });
  const fact = await announced('follow_up.failed', never.timerId);
  expect((await outpost.readFeed()).map(({ id }) => id)).toContain(fact.id);
  expect(mailbox.received).toEqual([]);
});

it('a process that died while sending leaves a lease; when it has ended the mail goes out, and the late one books nothing', async () => {
  mailbox.refuses(451);
  const { timerId } = await outpost.followUpIsDue({ to: someone() });
  await tried(timerId, 1);
  mailbox.refuses();
  await outpost.db.query(`UPDATE mail_due SET lease_token = $2, lease_until = now() + interval '1 minute', due_at = now() WHERE mail_id = $1`, [timerId, newId()]);
  await outpost.deliverEverything();
  expect(mailbox.received).toEqual([]);
  await outpost.db.query(`UPDATE mail_due SET lease_until = now() - interval '1 second' WHERE mail_id = $1`, [timerId]);
  await outpost.deliverEverything();
  await announced('follow_up.sent', timerId);
  expect(mailbox.received).toHaveLength(1);
});

it('two workers never send the same mail', async () => {
  mailbox.refuses(451);
  const requests = [];
  for (let n = 0; n < 12; n++) requests.push(await outpost.followUpIsDue({ to: someone() }));
  for (const { timerId } of requests) await tried(timerId, 1);
  mailbox.refuses();
  await Promise.all([outpost.deliverEverything(), outpost.deliverEverything(), outpost.deliverEverything()]);
  for (const { timerId } of requests) await announced('follow_up.sent', timerId);
  expect(mailbox.received.map(({ mail }) => mail.messageId).sort()).toEqual(requests.map(({ timerId }) => `<follow-up.${timerId}@shop.example>`).sort());
});

it.each([
  ['comes back', channelEvents.presenceChanged, { online: true, since: '2026-03-01T09:00:00.000Z', episode: 1 }],
  ['reads', channelEvents.chatRead, { upToSeq: 3 }],
  ['ends the chat', channelEvents.chatEnded, { endedAt: '2026-03-01T09:00:00.000Z' }],
] as const)('TIME-1 a visitor who %s needs no mail that is still waiting', async (_, event, data) => {
  mailbox.refuses(451);
  const { timerId, sessionId, channelId } = await outpost.followUpIsDue({ to: someone() });
  await tried(timerId, 1);
  mailbox.refuses();
  await outpost.say(event, { key: sessionId, data: { sessionId, channelId, ...data } as never });
  await outpost.heard();
  await outpost.deliverEverything();
  expect(mailbox.received).toEqual([]);
  expect(await outpost.db.query('SELECT FROM mail_due WHERE mail_id = $1', [timerId])).toEqual([]);
});

it('TIME-1 without a sender or support address none is sent, and it is said', async () => {
  await outpost.accountIs({ senderEmail: null, version: 2 });
  const { timerId } = await outpost.followUpIsDue({ to: someone() });
  expect((await announced('follow_up.failed', timerId)).data['reason']).toContain('support address');
  const named = await outpost.followUpIsDue({ to: someone(), from: 'chat@shop.example' });
  await announced('follow_up.sent', named.timerId);
  expect(mailbox.received.map(({ from }) => from)).toEqual(['chat@shop.example']);
  await outpost.accountIs({ version: 3 });
});

it('MAIL-4 one recipient gets at most five automatic mails in 24 hours, also when they are due at the same moment', async () => {
  const to = someone();
  const requests = await Promise.all(Array.from({ length: 8 }, () => outpost.followUpIsDue({ to })));
  await arrived(5);
  const failed = await outpost.until(async () => {
    const facts = (await outpost.facts('follow_up.failed')).filter(({ data }) => requests.some(({ timerId }) => timerId === data['timerId']));
    return facts.length === 3 && facts;
  }, 'three refusals');
  expect(failed[0]!.data['reason']).toContain('24 hours');
  await outpost.advance(24 * 3600 + 1);
  const next = await outpost.followUpIsDue({ to });
  await announced('follow_up.sent', next.timerId);
  expect(mailbox.received).toHaveLength(6);
});
