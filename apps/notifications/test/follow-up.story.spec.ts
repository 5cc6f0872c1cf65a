import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { openMailbox, type Mailbox } from './mailbox.js';
import { aFollowUp, openOutpost, type Outpost } from './outpost.js';
import { FollowUpService } from '../src/follow-up/follow-up.service.js';

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

it('PRO-6 what was said is not kept once the mail is over', async () => {
  const said = `CANARY ${newId()}`;
  const { timerId } = await outpost.followUpIsDue({ to: someone(), recap: [{ author: 'customer', name: null, text: said, at: '2026-03-01T09:00:00.000Z' }] });
  await announced('follow_up.sent', timerId);
  expect(String(mailbox.received[0]!.mail.text)).toContain(said);
  expect(await outpost.tx((tx) => tx.sql('SELECT id FROM mail WHERE request::text LIKE $1', [`%${said}%`]))).toEqual([]);
});

it('TIME-1 a timer makes one mail, however often it is told', async () => {
  mailbox.refuses(451);
  const request = await outpost.followUpIsDue({ to: someone() });
  await tried(request.timerId, 1);
  await outpost.followUpIsDue(request);
  mailbox.refuses();
  await outpost.deliverEverything();
  await announced('follow_up.sent', request.timerId);
  await outpost.followUpIsDue(request);
  await outpost.deliverEverything();
  expect(mailbox.received).toHaveLength(1);
  expect(await outpost.db.query('SELECT error FROM dead_letter')).toEqual([]);
});

it('a server that says “later” is asked again: the same mail under the same Message-ID', async () => {
  mailbox.refuses(451);
  const { timerId } = await outpost.followUpIsDue({ to: someone() });
  await tried(timerId, 1);
  mailbox.refuses();
  await outpost.deliverEverything();
  await announced('follow_up.sent', timerId);
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

it('a mail is left to whoever holds its lease; when that has ended it goes out', async () => {
  mailbox.refuses(451);
  const { timerId } = await outpost.followUpIsDue({ to: someone() });
  await tried(timerId, 1);
  await outpost.db.query(`UPDATE mail_due SET lease_token = $2, lease_until = now() + interval '1 hour', due_at = now() WHERE mail_id = $1`, [timerId, newId()]);
  mailbox.refuses();
  await outpost.deliverEverything();
  expect(mailbox.received).toEqual([]);
  await outpost.db.query(`UPDATE mail_due SET lease_until = now() - interval '1 second' WHERE mail_id = $1`, [timerId]);
  await outpost.deliverEverything();
  await announced('follow_up.sent', timerId);
  expect(mailbox.received).toHaveLength(1);
});

it('a worker that was frozen until its lease had ended books nothing: the next one does, once, under the same Message-ID', async () => {
  const loseLease = () => outpost.db.query(`UPDATE mail_due SET lease_token = $1, lease_until = now() - interval '1 second'`, [newId()]);
  mailbox.meanwhile(loseLease);
  const { timerId } = await outpost.followUpIsDue({ to: someone() });
  await arrived(2);
  await announced('follow_up.sent', timerId);
  await outpost.until(async () => (await outpost.db.query('SELECT FROM mail_due WHERE mail_id = $1', [timerId])).length === 0, 'the mail to be done with');
  expect((await outpost.facts('follow_up.sent')).filter(({ data }) => data['timerId'] === timerId)).toHaveLength(1);
  expect(new Set(mailbox.received.map(({ mail }) => mail.messageId)).size).toBe(1);
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
  await outpost.say(event, { key: sessionId, data: { sessionId, channelId, ...data } as never });
  await outpost.heard();
  mailbox.refuses();
  await outpost.until(async () => {
    await outpost.deliverEverything();
    return (await outpost.db.query('SELECT FROM mail_due WHERE mail_id = $1', [timerId])).length === 0;
  }, 'the mail to wait no longer');
  expect(mailbox.received).toEqual([]);
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

it('MAIL-4 one recipient gets at most five automatic mails in 24 hours, also when eight are due at the same moment', async () => {
  const to = someone();
  const { app, advance } = outpost;
  const due = (request: ReturnType<typeof aFollowUp>) => outpost.tx((tx) => app.get(FollowUpService).due(tx, request));
  await Promise.all(Array.from({ length: 8 }, () => due(aFollowUp({ to }))));
  await arrived(5);
  const states = await outpost.tx((tx) => tx.sql<{ reason: string | null }>('SELECT reason FROM mail WHERE recipient = $1 ORDER BY reason', [to.email]));
  expect(states.map(({ reason }) => reason?.includes('24 hours') ?? false)).toEqual([true, true, true, false, false, false, false, false]);
  await advance(24 * 3600 + 1);
  const next = await outpost.followUpIsDue({ to });
  await announced('follow_up.sent', next.timerId);
  expect(mailbox.received).toHaveLength(6);
});
