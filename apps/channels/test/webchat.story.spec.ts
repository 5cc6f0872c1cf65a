import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessEvents } from '@parley/contracts/access';
import { messageEvents } from '@parley/contracts/messages';
import { webchat } from '@parley/contracts/webchat';
import { newId } from '@parley/service/ids';
import { PresenceService } from '../src/webchat/presence.service.js';
import { fixture, type Visitor, type WebchatDesk, webchatDesk } from './webchat-desk.js';

let desk: WebchatDesk;
beforeAll(async () => {
  desk = await webchatDesk();
});
afterAll(() => desk.here.close());

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

describe('who a visitor is', () => {
  it('CHAT-2 a signed token proves the visitor; the browser gets a session of its own', async () => {
    const answer = await desk.start(await desk.token({ sub: 'erika', name: 'Erika', email: 'Erika@Customer.example' }));
    expect(answer).toMatchObject({ profile: { externalId: 'erika', name: 'Erika', email: 'erika@customer.example' }, ticket: null });
    expect(await desk.here.ask(webchat.authenticate, { sessionToken: answer.sessionToken })).toEqual({ account: desk.here.account, sessionId: answer.sessionId, open: true });
    const kept = await desk.here.db.query('SELECT count(*) FROM chat_token WHERE hash = $1', [Buffer.from(answer.sessionToken)]);
    expect(kept).toEqual([{ count: 0 }]);
  });

  const forged = async (): Promise<Record<string, string>> => {
    const right = await desk.token();
    const [head, body, signature] = right.split('.') as [string, string, string];
    return {
      'signed with another secret': await desk.token({}, { secret: 'another_secret_of_at_least_32_bytes_long!!' }),
      'of another widget': await desk.token({}, { audience: 'parley-widget:wk_other' }),
      'without an audience': await desk.token({}, { audience: '' }),
      'with changed claims': `${head}.${encode({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), sub: 'somebody-else' })}.${signature}`,
      'alg none': `${encode({ alg: 'none' })}.${body}.`,
      'signed by HS512': await desk.token({}, { alg: 'HS512' }),
      'said to be RS256': `${encode({ alg: 'RS256' })}.${body}.${signature}`,
      'living two hours': await desk.token({}, { lives: '2h' }),
      'without a subject': await desk.token({ sub: undefined }),
      'with a subject that is no text': await desk.token({ sub: 5 }),
      'with an e-mail that is none': await desk.token({ email: 'x' }),
      'no token at all': 'nonsense',
    };
  };
  it.each(['signed with another secret', 'of another widget', 'without an audience', 'with changed claims', 'alg none', 'signed by HS512', 'said to be RS256', 'living two hours',
    'without a subject', 'with a subject that is no text', 'with an e-mail that is none', 'no token at all'])('CHAT-2 a token %s is refused', async (fault) => {
    await expect(desk.start((await forged())[fault]!)).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
  });

  it('CHAT-2 an expired token is told as such, so that the page can get another', async () => {
    await expect(desk.start(await desk.token({}, { lives: '-2m' }))).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_EXPIRED' });
    await expect(desk.start(await desk.token({}, { lives: '-2m', secret: 'another_secret_of_at_least_32_bytes_long!!' }))).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
  });

  it('only the allowed websites may use a widget that names them', async () => {
    const { widgetKey } = await desk.connect({ allowedOrigins: ['https://shop.example'] });
    const token = await desk.token({}, { audience: `parley-widget:${widgetKey}` });
    await expect(desk.start(token, { widgetKey: widgetKey!, origin: 'https://evil.example' })).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    await expect(desk.here.ask(webchat.config, { widgetKey: widgetKey!, origin: 'https://evil.example' })).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
    expect(await desk.start(token, { widgetKey: widgetKey!, origin: 'https://shop.example' })).toMatchObject({ ticket: null });
    await expect(desk.start(token, { widgetKey: 'wk_nobody' })).rejects.toMatchObject({ code: 'WIDGET_NOT_FOUND' });
  });

  it('a token that is nobody’s opens nothing', async () => {
    await expect(desk.here.ask(webchat.authenticate, { sessionToken: 'x'.repeat(43) })).rejects.toMatchObject({ code: 'SESSION_REVOKED' });
  });

  it('CHAT-5 the widget shows the brand as the account has it', async () => {
    const account = {
      id: desk.here.account, name: 'Shop', mode: 'live' as const, timezone: 'Europe/Berlin', locale: 'de', organisationPrefix: null, senderEmail: null, logoUrl: null, brandColor: '#112233',
      accentColor: null, privacyUrl: 'https://shop.example/privacy', termsUrl: null, createdAt: '2026-11-20T09:00:00.000Z', version: 1,
    };
    await desk.here.say(accessEvents.accountCreated, { key: account.id, data: account });
    await desk.here.say(accessEvents.accountUpdated, { key: account.id, data: { ...account, name: 'Shop & Co', version: 2 } });
    await desk.here.heard();
    expect(await desk.here.ask(webchat.config, { widgetKey: desk.channel.widgetKey! })).toEqual({
      visible: true, signedIn: false, enabled: true, visibility: 'all', welcome: null, faqs: [], chat: null, officeHours: null, name: 'Shop & Co', locale: 'de', logoUrl: null, brandColor: '#112233', accentColor: null, privacyUrl: 'https://shop.example/privacy', termsUrl: null,
    });
  });
});

describe('a chat', () => {
  it('TKT-2 twenty starts of one visitor at the same moment are one living chat', async () => {
    const token = await desk.token({ sub: newId() });
    const started = await Promise.all(Array.from({ length: 20 }, () => desk.start(token)));
    expect(new Set(started.map(({ sessionId }) => sessionId)).size).toBe(1);
    expect(new Set(started.map(({ sessionToken }) => sessionToken)).size).toBe(20);
  });

  it('CHAT-6 the same client id again is the same message, acknowledged with the same id', async () => {
    const [first, again] = fixture('06-reconnect-replay').clientResends;
    const visitor = await desk.visitor({ name: 'Erika', email: 'erika@customer.example' });
    const answers = await Promise.all([...Array.from({ length: 5 }, () => visitor.write(first.text, first.clientMsgId)), visitor.write(again.text, again.clientMsgId)]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    const messages = (await desk.received()).filter(({ sessionId }) => sessionId === visitor.sessionId);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      inboundId: answers[0]!.id, conversationSeq: 1, text: 'sent while offline', name: 'Erika',
      from: [{ type: 'visitor', verified: true }, { type: 'email', value: 'erika@customer.example', verified: true }],
    });
  });

  it('CHAT-6 answers come at once, and a reconnect gets everything missed, in order, once', async () => {
    const visitor = await desk.visitor();
    const ticketId = newId();
    const { id } = await visitor.write('hello?', 'c-1');
    const question = await desk.file(id, ticketId, 1);
    await desk.answer(question, ticketId, 2, 'Hi!');
    await desk.answer(question, ticketId, 3, 'Looking into it.');
    await desk.here.until(() => visitor.hints.length >= 3, 'the hints');
    expect(visitor.hints.map((hint) => hint.kind === 'messages' && hint.items.map(({ seq, from, name, text, clientId }) => ({ seq, from, name, text, clientId })))).toEqual([
      [{ seq: 1, from: 'visitor', name: null, text: 'hello?', clientId: 'c-1' }],
      [{ seq: 2, from: 'brand', name: 'Anna', text: 'Hi!', clientId: null }],
      [{ seq: 3, from: 'brand', name: 'Anna', text: 'Looking into it.', clientId: null }],
    ]);
    const { items, open, readUpToSeq } = await visitor.thread(1);
    expect({ seqs: items.map(({ seq }) => seq), open, readUpToSeq }).toEqual({ seqs: [2, 3], open: true, readUpToSeq: 0 });
    expect(await desk.start(await desk.token({ sub: question.from[0]!.value }))).toMatchObject({ sessionId: visitor.sessionId, ticket: { id: ticketId } });
  });

  it('TKT-8 an answer is sent, and delivered where the visitor is there', async () => {
    const visitor = await desk.visitor();
    const ticketId = newId();
    const question = await desk.file((await visitor.write('hello?')).id, ticketId, 1);
    const early = await desk.answer(question, ticketId, 2, 'Hi!');
    await visitor.socket(newId(), true);
    const late = await desk.answer(question, ticketId, 3, 'Still there?');
    const states = (await desk.here.facts('channel.delivery_changed')).map(({ data }) => data).filter((data) => data.ticketId === ticketId);
    expect(states.map(({ messageId, state }) => [messageId, state])).toEqual([[early, 'sent'], [late, 'delivered']]);
  });

  it('CHAT-8 reading is told forwards only, and of what stands there', async () => {
    const visitor = await desk.visitor();
    const ticketId = newId();
    const question = await desk.file((await visitor.write('hello?')).id, ticketId, 1);
    await desk.answer(question, ticketId, 2, 'Hi!');
    for (const seq of [1, 99, 1]) await visitor.read(seq);
    const read = (await desk.here.facts('chat.read')).map(({ data }) => data).filter(({ sessionId }) => sessionId === visitor.sessionId);
    expect(read.map(({ upToSeq }) => upToSeq)).toEqual([1, 2]);
    expect((await visitor.thread()).readUpToSeq).toBe(2);
  });
});

describe('the end of a chat', () => {
  const withHistory = async () => {
    const visitor = await desk.visitor();
    const ticketId = newId();
    const question = await desk.file((await visitor.write('hello?')).id, ticketId, 1);
    await desk.answer(question, ticketId, 2, 'Hi!');
    return { visitor, ticketId, question };
  };
  const ended = (visitor: Visitor) => desk.here.facts('chat.ended').then((facts) => facts.filter(({ data }) => data.sessionId === visitor.sessionId));

  it('CHAT-7 what the visitor ends is closed for good, told once, and no longer readable', async () => {
    const { visitor } = await withHistory();
    await visitor.end();
    await visitor.end();
    expect(await ended(visitor)).toHaveLength(1);
    expect(await visitor.thread()).toEqual({ items: [], open: false, readUpToSeq: 0 });
    await expect(visitor.write('one more')).rejects.toMatchObject({ code: 'CHAT_CLOSED' });
    expect(await desk.here.ask(webchat.authenticate, { sessionToken: visitor.token })).toMatchObject({ open: false, sessionId: visitor.sessionId });
    await desk.here.until(() => visitor.hints.at(-1)?.kind === 'closed', 'the hint');
    expect(await desk.here.tx((tx) => tx.sql('SELECT 1 FROM chat_message WHERE session_id = $1', [visitor.sessionId]))).toEqual([]);
  });

  it('CHAT-7 what the brand closes is no longer readable, either; the next message begins a new chat (settled 5)', async () => {
    const { visitor, ticketId, question } = await withHistory();
    await desk.closeTicket(question, ticketId);
    expect(await visitor.thread()).toEqual({ items: [], open: false, readUpToSeq: 0 });
    expect(await ended(visitor)).toEqual([]);
    const old = visitor.sessionId;
    const sent = await visitor.write('one more thing', 'c-2');
    expect(sent.sessionId).not.toBe(old);
    expect(await visitor.write('one more thing', 'c-2')).toEqual(sent);
    await visitor.again();
    expect(visitor.sessionId).toBe(sent.sessionId);
    expect(await visitor.write('one more thing', 'c-2')).toEqual(sent);
    expect((await desk.received()).filter(({ sessionId }) => sessionId === sent.sessionId)).toHaveLength(1);
  });

  it('settled 5 a message accepted while an agent closes the chat stands in a new one, under its id, once', async () => {
    const { visitor, ticketId, question } = await withHistory();
    const old = visitor.sessionId;
    const sent = await visitor.write('are you there?', 'c-3');
    await desk.here.say(messageEvents.filed, { key: ticketId, ticket: ticketId, data: { inboundId: sent.id, outcome: 'refused', reason: 'closed' } });
    await desk.closeTicket(question, ticketId);
    await visitor.again();
    expect(visitor.sessionId).not.toBe(old);
    const again = (await desk.received()).filter(({ inboundId }) => inboundId === sent.id);
    expect(again.map(({ sessionId, conversationSeq }) => ({ sessionId, conversationSeq }))).toEqual(expect.arrayContaining([{ sessionId: old, conversationSeq: 2 }, { sessionId: visitor.sessionId, conversationSeq: 1 }]));
    await desk.file(sent.id, newId(), 1);
    expect((await visitor.thread()).items).toMatchObject([{ id: sent.id, text: 'are you there?', clientId: 'c-3' }]);
    expect((await visitor.write('are you there?', 'c-3')).id).toBe(sent.id);
  });

  it('TKT-8 an answer that comes after the end has failed, and is shown to nobody', async () => {
    const { visitor, ticketId, question } = await withHistory();
    await visitor.end();
    const late = await desk.answer(question, ticketId, 3, 'Sorry, that took a while');
    const [state] = (await desk.here.facts('channel.delivery_changed')).filter(({ data }) => data.messageId === late);
    expect(state!.data).toMatchObject({ state: 'failed', failure: { code: 'chat_closed' } });
    expect((await visitor.thread()).items).toEqual([]);
  });

  it('TKT-12 nothing but messages of the thread reaches a visitor, and nothing of another’s chat', async () => {
    const { visitor } = await withHistory();
    const other = await desk.visitor();
    expect((await other.thread()).items).toEqual([]);
    expect(Object.keys((await visitor.thread()).items[1]!).sort()).toEqual(['at', 'attachments', 'clientId', 'from', 'id', 'name', 'seq', 'text']);
  });
});

describe('presence', () => {
  const turns = async (visitor: Visitor) => (await desk.presence()).filter(({ sessionId }) => sessionId === visitor.sessionId).map(({ online, episode }) => ({ online, episode }));

  it('CHAT-10 online with the first socket, offline 15 seconds after the last one is gone, counted', async () => {
    const visitor = await desk.visitor();
    const [phone, laptop] = [newId(), newId()];
    await visitor.socket(phone, true);
    await visitor.socket(laptop, true);
    await visitor.socket(laptop, true);
    await visitor.socket(phone, false);
    await desk.here.advance(60);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }]);
    await visitor.socket(laptop, false);
    expect(await desk.here.db.query(`SELECT reason FROM scheduled_action WHERE subject_id = $1 AND state = 'pending'`, [visitor.sessionId])).toMatchObject([{ reason: { graceSeconds: 15 } }]);
    await desk.here.advance(5);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }]);
    await desk.here.advance(10);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }, { online: false, episode: 1 }]);
    await visitor.socket(phone, true);
    expect((await turns(visitor)).at(-1)).toEqual({ online: true, episode: 1 });
  });

  it('CHAT-10 coming back within the grace is no news', async () => {
    const visitor = await desk.visitor();
    const socket = newId();
    for (const alive of [true, false, true, false, true]) await visitor.socket(socket, alive);
    const timers = await desk.here.db.query('SELECT state FROM scheduled_action WHERE subject_id = $1', [visitor.sessionId]);
    expect(timers).toEqual([{ state: 'cancelled' }]);
    await desk.here.advance(600);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }]);
  });

  it('CHAT-10 a lease that nobody renews lapses: offline 15 seconds after that, once, whichever replica looks', async () => {
    const visitor = await desk.visitor();
    await visitor.socket(newId(), true);
    await desk.here.db.query(`UPDATE chat_lease SET until = now() - interval '1 second' WHERE session_id = $1`, [visitor.sessionId]);
    const presence = desk.here.app.get(PresenceService);
    await Promise.all([presence.sweep(), presence.sweep(), presence.sweep()]);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }]);
    await desk.here.advance(14);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }, { online: false, episode: 1 }]);
  });

  it('CHAT-10 the grace is the channel’s', async () => {
    const { widgetKey } = await desk.connect({ presenceGraceSeconds: 120 });
    const { sessionId, sessionToken } = await desk.start(await desk.token({ sub: newId() }, { audience: `parley-widget:${widgetKey}` }), { widgetKey: widgetKey! });
    const visitor = Object.assign(await desk.visitor(), { sessionId, token: sessionToken });
    const socket = newId();
    await visitor.socket(socket, true);
    await visitor.socket(socket, false);
    await desk.here.advance(100);
    expect(await turns(visitor)).toHaveLength(1);
    await desk.here.advance(21);
    expect(await turns(visitor)).toHaveLength(2);
  });

  it('a chat that has ended goes neither on nor off', async () => {
    const visitor = await desk.visitor();
    const socket = newId();
    await visitor.socket(socket, true);
    await visitor.end();
    await visitor.socket(socket, true);
    await visitor.socket(socket, false);
    await desk.here.advance(600);
    expect(await turns(visitor)).toEqual([{ online: true, episode: 0 }]);
  });
});
