import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type AcceptedMessage, channels } from '@parley/contracts/channels';
import { messageEvents } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { EmailAdapter } from '../src/email/email.adapter.js';
import { ChannelsService } from '../src/channel/channels.service.js';
import { type EmailDesk, emailDesk, sentMessage } from './email-desk.js';

let desk: EmailDesk;
let question: AcceptedMessage;
const mail = (id: string, more = '') => `From: "Ada, A." <ada@customer.example>\r\nTo: support@parley.example\r\nSubject: AW: Where is it?\r\nMessage-ID: <${id}@customer.example>\r\n${more}\r\nWhere?`;
beforeAll(async () => {
  desk = await emailDesk();
  [question] = (await desk.receive(mail('one'))) as [AcceptedMessage];
});
afterAll(() => desk.close());

it('MAIL-7 a reply leaves from the brand’s address with threading headers, both parts and a reply token', async () => {
  const sent = await desk.answer(question, 'It ships <tomorrow> & soon.\n\nAnna');
  expect(sent).toMatchObject({ from: 'support@parley.example', to: ['ada@customer.example'] });
  expect(sent.header('From')).toBe('Parley Support <support@parley.example>');
  expect(sent.header('To')).toBe('"Ada, A." <ada@customer.example>');
  expect(sent.header('Subject')).toBe('Re: Where is it?');
  expect(sent.header('In-Reply-To')).toBe('<one@customer.example>');
  expect(sent.header('References')).toBe('<one@customer.example>');
  expect(sent.header('Message-ID')).toMatch(new RegExp(`^<parley\\.${sent.id}\\.[a-z2-7]{26}@inbound\\.parley\\.example>$`));
  expect(sent.header('Reply-To')).toMatch(/in-[0-9a-f]{32}\+t_[a-z2-7]{26}@inbound\.parley\.example/);
  expect(sent.header('X-Parley-Thread')).toMatch(new RegExp(`^${question.threadId}\\.[a-z2-7]{26}$`));
  expect(sent.raw).toMatch(/Content-Type: multipart\/alternative/);
  expect(sent.raw).toContain('It ships <tomorrow> & soon.');
  expect(sent.raw).toContain('<p>It ships &lt;tomorrow&gt; &amp; soon.</p>');
  await desk.here.until(async () => (await desk.states(sent.id)).length > 0, 'the state');
  expect(await desk.states(sent.id)).toMatchObject([{ state: 'sent', ticketId: sent.ticketId, providerMessageId: sent.header('Message-ID').slice(1, -1) }]);
});

it('MAIL-7 later replies refer to the whole thread and to the customer’s last mail', async () => {
  const [first] = (await desk.receive(mail('long'))) as [AcceptedMessage];
  const ours = (await desk.answer(first)).header('Message-ID');
  await desk.receive(mail('long-2', `In-Reply-To: ${ours}\r\n`));
  const again = await desk.answer(first);
  expect(again.header('In-Reply-To')).toBe('<long-2@customer.example>');
  expect(again.header('References')).toBe(`<long@customer.example> ${ours} <long-2@customer.example>`);
});

it('MAIL-7 TKT-8 a repeated send carries the same Message-ID and the same token', async () => {
  const adapter = desk.here.app.get(EmailAdapter);
  const channel = (await desk.here.app.get(ChannelsService).byId(desk.here.account, desk.channel.id))!;
  const message = { id: newId(), ticketId: newId(), to: question.from[0]!, toName: null, sessionId: null, threadId: question.threadId, subject: 'x', text: 'y', html: null, attachments: [], firstTriedAt: new Date() };
  const before = desk.outside.posted.length;
  const receipts = [await adapter.send(message, channel), await adapter.send(message, channel)];
  expect(receipts[0]).toEqual(receipts[1]);
  const [one, two] = desk.outside.posted.slice(before);
  for (const name of ['Message-ID', 'Reply-To', 'X-Parley-Thread', 'In-Reply-To', 'References']) expect(two!.header(name)).toBe(one!.header(name));
});

it('TKT-8 what the server refuses for good has failed, with its reason', async () => {
  desk.outside.refuse = { code: 550, text: '5.1.1 User unknown' };
  try {
    const id = newId();
    const ticketId = newId();
    await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to: question, text: 'x' }) });
    const [state] = await desk.here.until(async () => ((await desk.states(id)).length > 0 ? desk.states(id) : null), 'the refusal');
    expect(state).toMatchObject({ state: 'failed', failure: { code: '550', reason: expect.stringContaining('5.1.1 User unknown') } });
  } finally {
    desk.outside.refuse = null;
  }
});

it('TKT-8 what the server puts off is tried again', async () => {
  desk.outside.refuse = { code: 451, text: '4.7.1 Greylisted' };
  const id = newId();
  const ticketId = newId();
  const before = desk.outside.posted.length;
  await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to: question, text: 'patience' }) });
  const due = () => desk.here.db.query('SELECT attempt FROM outbox WHERE id = $1 AND lease_token IS NULL AND attempt > 0', [id]) as Promise<object[]>;
  await desk.here.until(async () => (await due()).length > 0, 'the first attempt to be put off');
  desk.outside.refuse = null;
  await desk.here.db.query('UPDATE outbox SET next_at = now() WHERE id = $1', [id]);
  const posted = await desk.here.until(() => desk.outside.posted[before], 'the second attempt');
  expect(posted.header('Message-ID')).toContain(id);
});

it('a recipient who is two is nobody: nothing is sent', async () => {
  const id = newId();
  const ticketId = newId();
  const before = desk.outside.posted.length;
  const to = { ...question, from: [{ ...question.from[0]!, value: 'ada@customer.example\r\nRCPT TO:<eve@customer.example>' }] };
  await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to, text: 'x' }) });
  await desk.here.until(async () => (await desk.states(id))[0]?.state === 'failed', 'the refusal');
  expect(desk.outside.posted).toHaveLength(before);
});

it('security.md 8 an account’s own mail server may not be a private one', async () => {
  const channel = await desk.here.ask(channels.create, {
    type: 'email', name: 'Own', settings: { address: 'own@parley.example' }, credentials: { smtpUrl: (desk.here.env.PARLEY_OUTBOUND_SMTP_URL ?? '').replace('127.0.0.1', 'localhost') },
  });
  const [own] = await desk.receive(mail('own'));
  const before = desk.outside.posted.length;
  const id = newId();
  const ticketId = newId();
  await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to: { ...own!, channelId: channel.id }, text: 'x' }) });
  const state = await desk.here.until(async () => (await desk.states(id))[0], 'the refusal');
  expect(state).toMatchObject({ state: 'failed', failure: { code: 'forbidden_target' } });
  expect(desk.outside.posted).toHaveLength(before);
});
