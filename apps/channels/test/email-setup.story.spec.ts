import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AcceptedMessage, type Channel, channels } from '@parley/contracts/channels';
import { mailSetup } from '@parley/contracts/mail-setup';
import { messageEvents } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { type EmailDesk, emailDesk, fixture, mail, type Posted, sentMessage } from './email-desk.js';

let desk: EmailDesk;
beforeAll(async () => {
  desk = await emailDesk();
});
afterAll(() => desk.close());

const fresh = (address: string, credentials: object = {}): Promise<Channel> => desk.here.ask(channels.create, { type: 'email', name: 'Fresh', settings: { address, fromName: 'Fresh' }, credentials });
const write = async (channel: Channel, id: string, more: Record<string, string> = {}): Promise<AcceptedMessage> => {
  await desk.deliver(mail({ 'Message-ID': `<${id}@customer.example>`, ...more }), channel.forwardingAddress!);
  await desk.settled();
  return (await desk.received()).find(({ text, channelId, threadId }) => text && channelId === channel.id && threadId)!;
};
/** What nobody wrote, sent to whoever wrote this. */
async function automatic(to: AcceptedMessage, text: string) {
  const [id, ticketId] = [newId(), newId()];
  await desk.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to, text, by: 'automation' }) });
  return desk.here.until(async () => (await desk.states(id))[0], 'the outcome');
}

describe('where answers leave from', () => {
  it('MAIL-7 only from an address that was verified by the code that was mailed to it; until then from the generated one', async () => {
    const channel = await fresh('fresh@brand.example');
    const question = await write(channel, 'fresh-1');
    const before = await desk.answer(question);
    expect(before.header('From')).toBe(`Fresh <${channel.forwardingAddress}>`);
    expect(before.header('Reply-To')).toMatch(/\+t_/);
    const asked = desk.outside.posted.length;
    const sender = await desk.here.ask(mailSetup.addSender, { id: channel.id, address: 'Fresh@Brand.example' });
    expect(sender).toMatchObject({ address: 'fresh@brand.example', verified: false });
    await expect(desk.here.ask(mailSetup.addSender, { id: channel.id, address: 'fresh@brand.example' })).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const posted = await desk.here.until(() => desk.outside.posted.slice(asked).find(({ to }) => to.includes('fresh@brand.example')), 'the code');
    const code = /^\d{8}/.exec(posted.header('Subject'))![0];
    expect(posted.raw).toContain(code);
    expect([posted.header('From'), posted.header('Auto-Submitted')]).toEqual([`Fresh <${channel.forwardingAddress}>`, 'auto-generated']);
    const show = (said: string) => desk.here.ask(mailSetup.verifySender, { id: channel.id, senderId: sender.id, code: said });
    await expect(show(code === '00000000' ? '00000001' : '00000000')).rejects.toMatchObject({ code: 'CODE_WRONG' });
    expect(await show(code)).toMatchObject({ verified: true });
    expect((await desk.answer(question)).header('From')).toBe('Fresh <fresh@brand.example>');
    await desk.here.ask(mailSetup.removeSender, { id: channel.id, senderId: sender.id });
    expect((await desk.answer(question)).header('From')).toBe(`Fresh <${channel.forwardingAddress}>`);
  });

  it('MAIL-7 after five wrong codes the right one is refused, too', async () => {
    const channel = await fresh('tries@brand.example');
    const asked = desk.outside.posted.length;
    const { id: senderId } = await desk.here.ask(mailSetup.addSender, { id: channel.id, address: 'tries@brand.example' });
    const code = /^\d{8}/.exec((await desk.here.until(() => desk.outside.posted[asked], 'the code')).header('Subject'))![0];
    const wrong = String((Number(code) + 1) % 100_000_000).padStart(8, '0');
    for (const said of [wrong, wrong, wrong, wrong, wrong, code]) await expect(desk.here.ask(mailSetup.verifySender, { id: channel.id, senderId, code: said })).rejects.toMatchObject({ code: 'CODE_WRONG' });
    expect((await desk.here.ask(mailSetup.senders, { id: channel.id })).items).toMatchObject([{ verified: false }]);
  });

  it('MAIL-7 who wrote to an alias is answered from it, once it is verified', async () => {
    const channel = await desk.connect('main@brand.example');
    const first = await write(channel, 'alias-0', { To: 'sales@brand.example' });
    expect((await desk.answer(first)).header('From')).toContain('<main@brand.example>');
    await desk.verify(channel, 'sales@brand.example');
    const ours = (await desk.answer(first)).header('Message-ID');
    await write(channel, 'alias-1', { To: 'sales@brand.example', 'In-Reply-To': ours });
    expect((await desk.answer(first)).header('From')).toBe('Parley Support <sales@brand.example>');
  });

  it('ACC-1 another account sees and changes no senders', async () => {
    const stranger = desk.here.actor({ account: newId() });
    const { items } = await desk.here.ask(mailSetup.senders, { id: desk.channel.id });
    const one = { id: desk.channel.id, senderId: items[0]!.id };
    await expect(desk.here.ask(mailSetup.senders, { id: one.id }, stranger)).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
    await expect(desk.here.ask(mailSetup.addSender, { id: one.id, address: 'x@x.example' }, stranger)).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
    await expect(desk.here.ask(mailSetup.removeSender, one, stranger)).rejects.toMatchObject({ code: 'SENDER_NOT_FOUND' });
    await expect(desk.here.ask(mailSetup.verifySender, { ...one, code: '12345678' }, stranger)).rejects.toMatchObject({ code: 'SENDER_NOT_FOUND' });
  });
});

it('MAIL-7 a mail is signed with the channel’s DKIM key', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const channel = await fresh('signed@brand.example', { dkim: { domain: 'brand.example', selector: 's1', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() } });
  await desk.verify(channel, 'signed@brand.example');
  const posted = await desk.answer(await write(channel, 'signed-1'), 'Signed words');
  expect(posted.header('DKIM-Signature')).toMatch(/d=brand\.example;.*s=s1;/);
  expect(isSigned(posted, publicKey.export({ type: 'spki', format: 'pem' }).toString())).toBe(true);
  expect(isSigned({ ...posted, raw: posted.raw.replace('Signed words', 'Other words') }, publicKey.export({ type: 'spki', format: 'pem' }).toString())).toBe(false);
});

describe('MAIL-4 what nobody wrote', () => {
  it('MAIL-4 says so, and counts how often machines have answered each other; what a person wrote says nothing', async () => {
    const question = await write(desk.channel, 'auto-1', { From: 'Loop <loop@customer.example>' });
    expect((await desk.answer(question)).header('Auto-Submitted')).toBe('');
    const before = desk.outside.posted.length;
    expect(await automatic(question, 'One')).toMatchObject({ state: 'sent' });
    const posted = desk.outside.posted[before]!;
    expect([posted.header('Auto-Submitted'), posted.header('X-Auto-Response-Suppress')]).toEqual(['auto-replied', 'All']);
    expect(posted.header('X-Parley-Loop')).toMatch(/^[a-z2-7]{26}; hops=1$/);

    expect(await desk.receive(mail({ 'Message-ID': '<echo@elsewhere.example>', 'X-Parley-Loop': posted.header('X-Parley-Loop') }))).toEqual([]);
    expect((await desk.setAside()).at(-1)).toEqual({ outcome: 'duplicate', reason: 'our own mail came back' });

    const [other] = await desk.receive(mail({ From: 'Loop <loop@customer.example>', 'Message-ID': '<loop-2@customer.example>', 'In-Reply-To': posted.header('Message-ID'), 'X-Parley-Loop': `${'a'.repeat(26)}; hops=3` }));
    expect(other).toMatchObject({ automatic: 'auto_reply', threadId: question.threadId });
    expect(await automatic(question, 'Two')).toMatchObject({ state: 'failed', failure: { code: 'mail_loop' } });
  });

  it('MAIL-4 security 11 at most five a day reach one customer; what people write is not counted', async () => {
    const [question] = await desk.receive(mail({ From: 'Five <five@customer.example>', 'Message-ID': '<five@customer.example>' }));
    for (let n = 0; n < 5; n++) expect(await automatic(question!, `${n}`)).toMatchObject({ state: 'sent' });
    expect(await automatic(question!, 'six')).toMatchObject({ state: 'failed', failure: { code: 'too_many_automatic' } });
    expect((await desk.answer(question!)).to).toEqual(['five@customer.example']);
    await desk.here.advance(86_400);
    expect(await automatic(question!, 'tomorrow')).toMatchObject({ state: 'sent' });
  });
});

it('MAIL-4 TKT-1 what a mail server asks before it forwards is shown to admins, opens no ticket and stands in the books', async () => {
  expect(await desk.receive(fixture('19-gmail-forwarding-confirmation'))).toEqual([]);
  const { items } = await desk.here.ask(mailSetup.confirmations, { id: desk.channel.id });
  expect(items).toMatchObject([{ from: 'forwarding-noreply@google.com', code: expect.stringMatching(/^\d+$/), link: expect.stringMatching(/^https:\/\/mail(-settings)?\.google\.com\//) }]);
  expect((await desk.setAside()).at(-1)).toMatchObject({ outcome: 'quarantined', reason: expect.stringContaining('set-up') });
});

/** Do the signature and the hash of the body hold? Relaxed canonicalisation of both (RFC 6376 3.4). */
function isSigned({ raw, header }: Posted, key: string): boolean {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const tags: Record<string, string> = Object.fromEntries(header('DKIM-Signature').split(';').map((tag) => tag.trim().split(/=(.*)/s).map((part) => part.replace(/\s+/g, ''))));
  const body = rest.join('\r\n\r\n').replace(/[ \t]+/g, ' ').replace(/ (?=\r\n)/g, '').replace(/(\r\n)*$/, '\r\n');
  if (createHash('sha256').update(body).digest('base64') !== tags.bh) return false;
  const fields = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n').map((line) => /^([^:]+):(.*)$/.exec(line)!.slice(1) as [string, string]);
  const relaxed = (name: string, value: string) => `${name.toLowerCase()}:${value.replace(/[ \t]+/g, ' ').trim()}`;
  const signed = tags.h!.split(':').flatMap((name: string) => fields.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([one, value]) => relaxed(one, value)));
  const own = fields.find(([name]) => name.toLowerCase() === 'dkim-signature')!;
  const text = [...signed, relaxed(own[0], own[1].replace(/(;\s*b=)[^;]*/, '$1'))].join('\r\n');
  return verify('sha256', Buffer.from(text), createPublicKey(key), Buffer.from(tags.b!, 'base64'));
}
