import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { noonAt } from '@parley/service/testing/noon';
import { randomUUID } from 'node:crypto';
import type { Frames } from '../demo/frames.js';
import { eventually } from '../demo/waiting.js';
import type { ReceivedMail } from '../stand-ins/received.js';
import type { Json } from './api.js';
import { frame, mails, texts, thread, ticketWith, visit, vouch, watch } from './people.js';
import { openTown, type Brand, type Town } from './town.js';

// The main job, end to end: a message in by a real door, an answer out by a real door, by other people's clients.
let town: Town;
let brand: Brand;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.close());
beforeEach(async () => {
  brand = await town.brand();
});

const reply = (ticket: Json, text: string) => brand.ask(`POST /v1/tickets/${ticket.id}/messages`, { text });
const get = async (ticket: Json) => (await brand.ask(`GET /v1/tickets/${ticket.id}`)).body as Json;
const close = async (ticket: Json) => brand.ask(`PUT /v1/tickets/${ticket.id}/closure`, {}, { headers: { 'if-match': `"v${(await get(ticket)).version}"` } });
const advance = (seconds: number) => brand.ask('POST /v1/test-clock/advance', { seconds });
const mailTo = (address: string, text: string): Promise<ReceivedMail> => eventually(`a mail to ${address}`, () => town.world.received.mails.find((mail) => mail.envelope.to.includes(address) && mail.text.includes(text)));

describe('e-mail', () => {
  const customer = () => `kim-${randomUUID().slice(0, 8)}@customer.example`;

  /** Shows that mail to the channel's own address reaches the brand: answers leave from it from then on. */
  const verified = async (channel: Json): Promise<void> => {
    const { body: sender } = await brand.ask(`POST /v1/channels/${channel.id}/senders`, { address: channel.address });
    const code = /\b\d{8}\b/.exec((await mailTo(channel.address, '')).text)?.[0];
    await brand.ask(`PUT /v1/channels/${channel.id}/senders/${sender.id}/verification`, { code });
  };

  it('MAIL-1 MAIL-2 MAIL-7 a mail opens a ticket, the answer is threaded, and the answer to that finds the ticket', async () => {
    const channel = await brand.connect.email();
    await verified(channel);
    const from = customer();
    const id = await mails(town.smtpPort, { from: `Kim <${from}>`, to: channel.address, via: channel.forwardingAddress, subject: 'Größe 38', text: 'Passt sie?' });
    const ticket = await ticketWith(brand, 'Passt sie?');
    expect(ticket).toMatchObject({ channel: 'email', subject: 'Größe 38', status: 'open', unread: true, profile: { name: 'Kim' } });
    await reply(ticket, 'Ja, sie passt.');
    const answer = await mailTo(from, 'Ja, sie passt.');
    expect(answer.headers).toMatchObject({ 'in-reply-to': id, references: expect.stringContaining(id), from: expect.stringContaining(channel.address), 'message-id': expect.stringMatching(/^<.+>$/) });
    const to = /[^\s<]+@[^\s>]+/.exec(answer.headers['reply-to'] ?? '')?.[0] ?? '';
    await mails(town.smtpPort, { from, to, subject: 'Re: Größe 38', text: 'Danke!', inReplyTo: answer.headers['message-id'] });
    await mails(town.smtpPort, { from, to: channel.address, via: channel.forwardingAddress, subject: 'Something else', text: 'By References alone', references: answer.headers['message-id'] });
    await eventually('both answers', async () => (await thread(brand, ticket.id)).length === 4);
    expect((await brand.ask('GET /v1/tickets')).body.items).toHaveLength(1);
    await mails(town.smtpPort, { from, to: channel.address, via: channel.forwardingAddress, subject: 'Größe 38', text: 'The same subject alone' });
    await ticketWith(brand, 'The same subject alone');
    expect((await brand.ask('GET /v1/tickets')).body.items).toHaveLength(2);
  });

  it('MAIL-8 OPS-6 the same mail twice is one message', async () => {
    const channel = await brand.connect.email();
    const mail = { from: customer(), to: channel.address, via: channel.forwardingAddress, subject: 'Twice', text: 'Only once please', headers: { 'Message-ID': `<${randomUUID()}@customer.example>`, Date: 'Fri, 20 Nov 2026 10:00:00 +0000' } };
    await mails(town.smtpPort, mail);
    await mails(town.smtpPort, mail);
    const ticket = await ticketWith(brand, 'Only once please');
    await eventually('both in the books', async () => {
      const { day, timezone } = noonAt(new Date());
      const { body } = await brand.ask(`GET /v1/reconciliation?channelId=${channel.id}&day=${day}&timezone=${encodeURIComponent(timezone)}`);
      return body.inbound.thread === 1 && body.inbound.duplicate === 1 && body.balanced;
    });
    expect(await thread(brand, ticket.id)).toHaveLength(1);
  });

  it('MAIL-4 an auto-reply neither reopens a closed ticket nor is answered', async () => {
    const channel = await brand.connect.email();
    const from = customer();
    await mails(town.smtpPort, { from, to: channel.address, via: channel.forwardingAddress, subject: 'Hi', text: 'A question' });
    const ticket = await ticketWith(brand, 'A question');
    await reply(ticket, 'An answer');
    const answer = await mailTo(from, 'An answer');
    await close(ticket);
    await mails(town.smtpPort, { from, to: channel.address, via: channel.forwardingAddress, subject: 'Out of office', text: 'I am away', inReplyTo: answer.headers['message-id'], headers: { 'Auto-Submitted': 'auto-replied' } });
    await eventually('the auto-reply', async () => (await thread(brand, ticket.id)).length === 3);
    expect((await get(ticket)).status).toBe('closed');
  });

  it('TKT-8 a mail that the server refuses for good is marked as failed, with its words', async () => {
    const channel = await brand.connect.email();
    await mails(town.smtpPort, { from: customer(), to: channel.address, via: channel.forwardingAddress, subject: 'Hi', text: 'Will it bounce?' });
    const ticket = await ticketWith(brand, 'Will it bounce?');
    town.world.faults.smtpRecipientCode = 550;
    try {
      await reply(ticket, 'It will.');
      await eventually('the failure', async () => {
        const { body } = await brand.ask(`GET /v1/tickets/${ticket.id}/messages`);
        return body.items.at(-1).delivery.state === 'failed' && /550|No such mailbox/.test(JSON.stringify(body.items.at(-1).delivery.failure));
      });
    } finally {
      town.world.faults.smtpRecipientCode = null;
    }
  });
});

describe('SMS', () => {
  let people = 0;
  const phone = () => `+1503555${String(1000 + people++)}`;
  const consent = (ticket: Json) => brand.ask(`PUT /v1/profiles/${ticket.profile.id}/consents/sms_transactional`, { state: 'granted', source: 'test' });

  it('SMS-1 a signed text opens a ticket; a wrong signature is refused and leaves nothing', async () => {
    const channel = await brand.connect.sms();
    expect((await texts(channel, { from: phone(), body: 'Forged', signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })).status).toBe(403);
    expect((await texts(channel, { from: phone(), body: ' Déjà vu ? 🙂 ' })).status).toBeLessThan(300);
    const ticket = await ticketWith(brand, 'Déjà vu ? 🙂');
    expect(ticket).toMatchObject({ channel: 'sms', status: 'open' });
    expect((await brand.ask('GET /v1/tickets')).body.items).toHaveLength(1);
  });

  it('TKT-3 OPS-6 twenty texts of one person at once, each delivered twice, are one ticket with twenty messages', async () => {
    const channel = await brand.connect.sms();
    const from = phone();
    const bodies = Array.from({ length: 20 }, (_, at) => `text ${at}`);
    await Promise.all(bodies.flatMap((body) => {
      const sid = `SM${randomUUID().replaceAll('-', '')}`;
      return [texts(channel, { from, body, sid }), texts(channel, { from, body, sid })];
    }));
    const ticket = await ticketWith(brand, 'text 0');
    await eventually('all of them', async () => (await thread(brand, ticket.id)).length === 20);
    expect((await thread(brand, ticket.id)).sort()).toEqual([...bodies].sort());
    const { body } = await brand.ask('GET /v1/tickets');
    expect(body.items).toHaveLength(1);
  });

  it('TKT-10 TKT-11 an answer needs consent; then it is sent, delivered, and assigns who wrote it', async () => {
    const channel = await brand.connect.sms();
    const from = phone();
    await texts(channel, { from, body: 'Hello' });
    const ticket = await ticketWith(brand, 'Hello');
    const refused = await reply(ticket, 'Hi');
    expect(refused).toMatchObject({ status: 409, body: { code: 'REPLY_NOT_ALLOWED', reason: 'no_consent' } });
    expect((await get(ticket)).canReply).toMatchObject({ allowed: false, reason: 'no_consent', until: null });
    await consent(ticket);
    const { body: sent } = await reply(ticket, 'Hi!');
    const state = async () => (await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items.find(({ id }: Json) => id === sent.id).delivery.state as string;
    await eventually('delivered', async () => (await state()) === 'delivered');
    expect(town.world.received.sms.filter(({ to }) => to === from)).toMatchObject([{ body: 'Hi!', from: channel.address }]);
    expect(await get(ticket)).toMatchObject({ assigneeId: brand.owner.id });
  });

  it('TKT-8 delivery states never go backwards, whatever order the callbacks arrive in', async () => {
    const channel = await brand.connect.sms();
    await texts(channel, { from: phone(), body: 'Hello' });
    const ticket = await ticketWith(brand, 'Hello');
    await consent(ticket);
    Object.assign(town.world.faults, { callbacksDoubled: true, callbacksReversed: true });
    try {
      const before = town.world.received.callbacks.length;
      const { body: sent } = await reply(ticket, 'Hi');
      await eventually('four callbacks', () => town.world.received.callbacks.length >= before + 4);
      expect(town.world.received.callbacks.slice(before).every(({ answered }) => answered !== null && answered < 300)).toBe(true);
      await eventually('delivered', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items.find(({ id }: Json) => id === sent.id).delivery.state === 'delivered');
      const told = async () => (await brand.ask('GET /v1/feed?types=message.delivery_changed')).body.items.map(({ data }: Json) => data.message.delivery.state) as string[];
      await eventually('it in the feed', async () => (await told()).length > 0);
      // When the clock has moved, every service has heard everything.
      await advance(1);
      expect((await told()).at(-1)).toBe('delivered');
    } finally {
      Object.assign(town.world.faults, { callbacksDoubled: false, callbacksReversed: false });
    }
  });

  it('TKT-8 an answer whose acknowledgement is lost is not sent twice', async () => {
    const channel = await brand.connect.sms();
    const from = phone();
    await texts(channel, { from, body: 'Hello' });
    const ticket = await ticketWith(brand, 'Hello');
    await consent(ticket);
    town.world.faults.twilioLosesAnswer = true;
    const { body: sent } = await reply(ticket, 'Only once');
    await eventually('it at the provider', () => town.world.received.sms.some(({ to }) => to === from));
    town.world.faults.twilioLosesAnswer = false;
    await eventually('its state', async () => ['sent', 'delivered'].includes((await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items.find(({ id }: Json) => id === sent.id).delivery.state));
    expect(town.world.received.sms.filter(({ to }) => to === from)).toHaveLength(1);
  });

  it('SMS-2 STOP revokes and opens nothing; START opens the way again', async () => {
    const channel = await brand.connect.sms();
    const from = phone();
    await texts(channel, { from, body: ' Stop. ' });
    await texts(channel, { from, body: 'Now I have a question' });
    const ticket = await ticketWith(brand, 'Now I have a question');
    expect((await brand.ask('GET /v1/tickets')).body.items).toHaveLength(1);
    expect((await get(ticket)).canReply).toMatchObject({ allowed: false, reason: 'opted_out' });
    await texts(channel, { from, body: 'START' });
    await eventually('consent', async () => (await get(ticket)).canReply.allowed);
  });

  it('TKT-2 TKT-5 a text to a closed ticket reopens it', async () => {
    const channel = await brand.connect.sms();
    const from = phone();
    await texts(channel, { from, body: 'First' });
    const ticket = await ticketWith(brand, 'First');
    await close(ticket);
    await texts(channel, { from, body: 'Second' });
    await eventually('open again', async () => (await get(ticket)).status === 'open');
    expect(await thread(brand, ticket.id)).toEqual(['First', 'Second']);
  });
});

describe('web chat', () => {
  const noor = () => ({ id: randomUUID(), name: 'Noor', email: `noor-${randomUUID().slice(0, 8)}@customer.example` });
  const textsIn = (window: Frames<Json>) => window.all.filter(({ type }) => type === 'message').map(({ message }) => message.text as string);

  it('CHAT-2 a forged, expired or borrowed token is refused', async () => {
    const [channel, other] = [await brand.connect.webchat(), await brand.connect.webchat()];
    const start = (identityToken: string) => town.api.call(`POST /v1/webchat/${channel.widgetKey}/sessions`, { body: { identityToken } });
    expect((await start(await vouch(channel, noor(), { secret: 'another secret of thirty-two bytes' }))).body.code).toBe('IDENTITY_TOKEN_INVALID');
    expect((await start(await vouch(channel, noor(), { expires: '5 minutes ago' }))).body.code).toBe('IDENTITY_TOKEN_EXPIRED');
    expect((await start(await vouch(other, noor()))).body.code).toBe('IDENTITY_TOKEN_INVALID');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await vouch(channel, noor())).split('.')[1]}.`;
    expect((await start(none)).body.code).toBe('IDENTITY_TOKEN_INVALID');
    expect((await start(await vouch(channel, noor()))).status).toBe(201);
  });

  it('CHAT-6 answers arrive at once, through whichever gateway; who reconnects gets what was missed, once, in order', async () => {
    const channel = await brand.connect.webchat();
    const guest = await visit(town.api, channel, noor());
    const [one, two] = [await guest.window(town.system.gatewayUrls[0] ?? ''), await guest.window(town.system.gatewayUrls[1] ?? '')];
    one.send({ type: 'message', clientId: 'c1', text: 'Hello?' });
    const acknowledged = await eventually('the acknowledgement', () => one.all.find(({ type }) => type === 'ack') as Json);
    const { body: again } = await guest.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Hello?' });
    expect(again).toMatchObject({ clientId: 'c1', id: acknowledged.id });
    const ticket = await ticketWith(brand, 'Hello?');
    await reply(ticket, 'Hi Noor');
    for (const window of [one, two]) await eventually('the answer in both windows', () => textsIn(window).includes('Hi Noor'));
    expect(await thread(brand, ticket.id)).toEqual(['Hello?', 'Hi Noor']);
    const { body } = await guest.ask('GET /v1/webchat/messages');
    const seen = body.items.at(-1).seq as number;
    one.drop();
    await two.close();
    for (const text of ['missed 1', 'missed 2', 'missed 3']) await reply(ticket, text);
    const back = await guest.window(town.system.gatewayUrls[1] ?? '', seen);
    await eventually('the last one', () => textsIn(back).includes('missed 3'));
    expect(textsIn(back)).toEqual(['missed 1', 'missed 2', 'missed 3']);
    await back.close();
  });

  it('CHAT-8 the agent sees up to where the visitor has read', async () => {
    const channel = await brand.connect.webchat();
    const guest = await visit(town.api, channel, noor());
    await guest.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Hello?' });
    const ticket = await ticketWith(brand, 'Hello?');
    await reply(ticket, 'Hi');
    const seq = await eventually('the answer', async () => (await guest.ask('GET /v1/webchat/messages')).body.items.find(({ text }: Json) => text === 'Hi')?.seq as number | undefined);
    await guest.ask('PUT /v1/webchat/read', { upToSeq: seq });
    await eventually('read', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items.at(-1).readAt !== null);
  });

  it('TKT-12 a note never reaches the visitor', async () => {
    const channel = await brand.connect.webchat();
    const guest = await visit(town.api, channel, noor());
    const window = await guest.window(town.system.gatewayUrls[0] ?? '');
    await guest.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Hello?' });
    const ticket = await ticketWith(brand, 'Hello?');
    await brand.ask(`POST /v1/tickets/${ticket.id}/notes`, { text: 'a difficult one' });
    await reply(ticket, 'Hi');
    await eventually('the answer', () => textsIn(window).includes('Hi'));
    expect(JSON.stringify([window.all, (await guest.ask('GET /v1/webchat/messages')).body])).not.toContain('difficult');
    await window.close();
  });

  it('CHAT-7 TKT-5 an ended chat is over: hidden from the visitor, closed for good, and the next one is another ticket', async () => {
    const channel = await brand.connect.webchat();
    const visitor = noor();
    const guest = await visit(town.api, channel, visitor);
    await guest.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Hello?' });
    const ticket = await ticketWith(brand, 'Hello?');
    await guest.ask('POST /v1/webchat/end', {});
    await eventually('closed', async () => (await get(ticket)).status === 'closed');
    expect((await guest.ask('GET /v1/webchat/messages')).body).toMatchObject({ items: [], open: false });
    const { version } = await get(ticket);
    const reopened = await brand.ask(`DELETE /v1/tickets/${ticket.id}/closure`, undefined, { headers: { 'if-match': `"v${version}"` } });
    expect(reopened).toMatchObject({ status: 409, body: { code: 'MOVE_NOT_ALLOWED', reason: 'never_reopens' } });
    expect((await reply(ticket, 'Too late')).body).toMatchObject({ code: 'REPLY_NOT_ALLOWED', reason: 'chat_closed' });
    const next = await visit(town.api, channel, visitor);
    await next.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Me again' });
    expect((await ticketWith(brand, 'Me again')).id).not.toBe(ticket.id);
  });

  it('TIME-1 TIME-6 CHAT-10 who has left gets one mail three minutes after the last answer; who comes back gets none', async () => {
    const channel = await brand.connect.webchat();
    const { version } = (await brand.ask('GET /v1/account')).body;
    await brand.ask('PATCH /v1/account', { senderEmail: 'support@brand.example' }, { headers: { 'if-match': `"v${version}"` } });
    const visitor = noor();
    const guest = await visit(town.api, channel, visitor);
    const window = await guest.window(town.system.gatewayUrls[1] ?? '');
    await guest.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Hello?' });
    const ticket = await ticketWith(brand, 'Hello?');
    await eventually('online', async () => (await get(ticket)).presence?.online === true);
    await window.close();
    const gone = async () => (await get(ticket)).presence?.online === false || void (await advance(5));
    await eventually('offline', gone);
    await reply(ticket, 'Are you still there?');
    await eventually('the timer', async () => (await get(ticket)).presence?.followUpDueAt !== null);
    await advance(120);
    await reply(ticket, 'We do ship to Norway.');
    await advance(120);
    const got = () => town.world.received.mails.filter(({ envelope }) => envelope.to.includes(visitor.email));
    expect(got()).toEqual([]);
    await advance(61);
    await eventually('the mail', () => got().length > 0);
    await advance(3600);
    expect(got()).toMatchObject([{ headers: { 'auto-submitted': expect.stringMatching(/^auto-/) }, text: expect.stringContaining('We do ship to Norway.') }]);

    const back = await guest.window(town.system.gatewayUrls[0] ?? '');
    await eventually('online again', async () => (await get(ticket)).presence?.online === true);
    await back.close();
    await eventually('offline again', gone);
    await reply(ticket, 'One more thing');
    await eventually('a timer', async () => (await get(ticket)).presence?.followUpDueAt !== null);
    const again = await guest.window(town.system.gatewayUrls[0] ?? '');
    await eventually('no timer', async () => (await get(ticket)).presence?.followUpDueAt === null);
    await advance(3600);
    expect(got()).toHaveLength(1);
    await again.close();
  });
});

describe('time', () => {
  it('TIME-3 TIME-4 a snoozed ticket wakes up; an answered one closes by itself, a waiting one does not', async () => {
    const channel = await brand.connect.sms();
    await texts(channel, { from: '+15035550161', body: 'Answered' });
    await texts(channel, { from: '+15035550162', body: 'Waiting' });
    const [answered, waiting] = [await ticketWith(brand, 'Answered'), await ticketWith(brand, 'Waiting')];
    await brand.ask(`PUT /v1/profiles/${answered.profile.id}/consents/sms_transactional`, { state: 'granted', source: 'test' });
    const { version } = (await brand.ask('GET /v1/settings/auto-close')).body;
    await brand.ask('PATCH /v1/settings/auto-close', { values: { channels: { sms: { afterSeconds: 3600 } } } }, { headers: { 'if-match': `"v${version}"` } });
    await reply(answered, 'Done');
    await brand.ask(`PUT /v1/tickets/${waiting.id}/snooze`, { preset: 'later_today' }, { headers: { 'if-match': `"v${(await get(waiting)).version}"` } });
    await advance(3500);
    expect((await get(answered)).status).toBe('open');
    await advance(100);
    await eventually('closed', async () => (await get(answered)).status === 'closed');
    await advance(3 * 3600);
    await eventually('awake', async () => (await get(waiting)).status === 'open');
    expect(await get(waiting)).toMatchObject({ unread: true });
    const told = async () => (await brand.ask('GET /v1/feed?types=ticket.closed,ticket.woken&limit=500')).body.items.map(({ type, actor }: Json) => [type, actor.type]) as string[][];
    await eventually('both in the feed', async () => (await told()).length === 2);
    expect(await told()).toEqual([['ticket.closed', 'automation'], ['ticket.woken', 'automation']]);
  });
});

describe('the agents’ sockets', () => {
  it('NTF-3 NTF-4 both gateways show the same events in one gapless order, and resume where a socket broke', async () => {
    const channel = await brand.connect.sms();
    const screens = await Promise.all(town.system.gatewayUrls.map((url) => watch(url, brand.token)));
    for (let at = 0; at < 10; at += 1) await texts(channel, { from: `+1503555010${at}`, body: `message ${at}` });
    await Promise.all(screens.map((screen) => frame(screen, 'message.received', ({ data }) => data.message.text === 'message 9')));
    const { body } = await brand.ask('GET /v1/feed?limit=500');
    const head = body.head as number;
    const numbered = (screen: Frames<Json>) => screen.all.filter(({ sequence }) => sequence !== null && sequence !== undefined);
    for (const screen of screens) {
      await eventually('the whole feed', () => numbered(screen).length >= head);
      const shown = numbered(screen);
      expect(shown.map(({ sequence }) => sequence)).toEqual(shown.map((_, at) => at + 1));
      // The last message's follow-ups may still arrive: what the page held must be what the screens saw first.
      expect(shown.slice(0, head)).toEqual(body.items);
    }
    screens[0]?.drop();
    await texts(channel, { from: '+15035550100', body: 'while you were away' });
    await frame(screens[1] as Frames<Json>, 'message.received', ({ data }) => data.message.text === 'while you were away');
    const back = await watch(town.system.gatewayUrls[0] ?? '', brand.token, head);
    await frame(back, 'message.received', ({ data }) => data.message.text === 'while you were away');
    expect(numbered(back)[0]?.sequence).toBe(head + 1);
    await Promise.all([back.close(), screens[1]?.close()]);
  });

  it('ACC-1 show nothing of another account', async () => {
    const stranger = await town.brand();
    const screen = await watch(town.system.gatewayUrls[0] ?? '', stranger.token);
    await texts(await brand.connect.sms(), { from: '+15035550171', body: 'private' });
    await ticketWith(brand, 'private');
    await texts(await stranger.connect.sms(), { from: '+15035550171', body: 'mine' });
    await frame(screen, 'message.received', ({ data }) => data.message.text === 'mine');
    expect(JSON.stringify(screen.all)).not.toContain('private');
    await screen.close();
  });

  it('ACC-4 end at once when the person is deactivated', async () => {
    const email = `${randomUUID()}@people.example`;
    const { body: person } = await brand.ask('POST /v1/users', { email, name: 'Sam', role: 'support', password: brand.password });
    const { body: session } = await town.api.call('POST /v1/auth/login', { body: { email, password: brand.password } });
    const screens = await Promise.all(town.system.gatewayUrls.map((url) => watch(url, session.accessToken)));
    await brand.ask(`DELETE /v1/users/${person.id}`, undefined, { headers: { 'if-match': `"v${person.version}"` } });
    for (const screen of screens) await eventually('the end', () => screen.closedWith() !== undefined);
    await eventually('every question is refused', async () => (await town.api.call('GET /v1/tickets', { token: session.accessToken })).status === 401);
  });

  it('ACC-4 are refused to nobody in particular', async () => {
    await expect(watch(town.system.gatewayUrls[0] ?? '', 'nonsense')).rejects.toThrow();
  });
});

describe('reports', () => {
  it('REP-1 REP-4 the first numbers: what came, how fast it was answered, what was closed', async () => {
    const channel = await brand.connect.sms();
    const from = new Date(Date.now() - 60_000).toISOString();
    await texts(channel, { from: '+15035550181', body: 'One' });
    await texts(channel, { from: '+15035550182', body: 'Two' });
    const [one, two] = [await ticketWith(brand, 'One'), await ticketWith(brand, 'Two')];
    await brand.ask(`PUT /v1/profiles/${one.profile.id}/consents/sms_marketing`, { state: 'granted', source: 'test' });
    await advance(300);
    await reply(one, 'Answer');
    await close(one);
    await close(two);
    const to = new Date(Date.now() + 3_600_000).toISOString();
    const report = async (metric: string, more = '') => (await brand.ask(`GET /v1/reports/${metric}?from=${from}&to=${to}&timezone=Europe/Berlin${more}`)).body as Json;
    await eventually('two closes', async () => (await report('closes')).total.count === 2);
    expect((await report('ticket-volume', '&groupBy=channel')).points).toMatchObject([{ group: 'sms', value: { count: 2 } }]);
    const first = (await report('first-response-time', '&groupBy=agent')) as Json;
    expect(first.points).toMatchObject([{ group: brand.owner.id, value: { count: 1 } }]);
    expect(first.total.median).toBeGreaterThanOrEqual(300);
    expect(first.total.median).toBeLessThan(3600);
    const { body } = await brand.ask(`GET /v1/reports/closes/tickets?from=${from}&to=${to}`);
    expect(body.items.map(({ ticketId }: Json) => ticketId).sort()).toEqual([one.id, two.id].sort());
  });
});
