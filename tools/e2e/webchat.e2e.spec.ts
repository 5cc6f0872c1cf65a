import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '../demo/waiting.js';
import type { Json } from './api.js';
import { thread, ticketWith, visit, vouch } from './people.js';
import { openTown, type Brand, type Town } from './town.js';

// Web chat, whole: what stands before the first message, what goes through it, and how it ends.
let town: Town;
let brand: Brand;
let channel: Json;
let url: string;
beforeAll(async () => {
  town = await openTown();
  [url] = town.system.gatewayUrls as [string];
});
afterAll(() => town?.close(), 60_000);
beforeEach(async () => {
  brand = await town.brand();
  channel = await brand.connect.webchat();
});

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const someone = () => ({ id: `guest-${randomUUID()}`, email: `guest-${randomUUID().slice(0, 8)}@customer.example`, name: 'Noor' });
const config = async (more: { query?: string; identity?: string } = {}) =>
  town.api.call(`GET /v1/webchat/${channel.widgetKey}/config${more.query ? `?${more.query}` : ''}`, { headers: more.identity ? { 'parley-identity': more.identity } : {} });
const set = async (what: 'faqs' | 'office-hours', body: object): Promise<Json> => {
  const { body: now } = await brand.ask(`GET /v1/channels/${channel.id}/${what}`);
  return (await brand.ask(`PUT /v1/channels/${channel.id}/${what}`, body, { headers: { 'if-match': `"v${now.version}"` } })).body;
};
const change = async (settings: object) => (channel = (await brand.ask(`PATCH /v1/channels/${channel.id}`, { settings }, { headers: { 'if-match': `"v${channel.version}"` } })).body);
const messagesOf = async (ticket: Json): Promise<Json[]> => (await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items;
const upload = async (path: string, token: string): Promise<Json> => {
  const form = new FormData();
  form.append('file', new Blob([PNG], { type: 'image/png' }), 'shoe.png');
  const response = await fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: form });
  expect(response.status).toBe(201);
  return response.json();
};
const bytesBehind = async (link: string) => {
  const at = new URL(link);
  const response = await fetch(`${url}${at.pathname}${at.search}`);
  return response.status === 200 ? Buffer.from(await response.arrayBuffer()) : response.status;
};

it('CHAT-1 CHAT-2 CHAT-3 CHAT-4 what a page shows: to everybody, or to whoever the brand vouches for, in their language', async () => {
  await set('faqs', { items: [{ published: true, texts: { en: { question: 'Do you ship?', answer: 'Yes.' }, de: { question: 'Liefert ihr?', answer: 'Ja.' } } }, { texts: { en: { question: 'Draft', answer: 'Draft' } } }] });
  await change({ visibility: 'all', welcome: { en: 'Hello!', de: 'Hallo!' } });
  expect((await config({ query: 'locale=de-AT' })).body).toMatchObject({ visible: true, signedIn: false, welcome: 'Hallo!', faqs: [{ question: 'Liefert ihr?', answer: 'Ja.' }], officeHours: null });
  await change({ visibility: 'signed_in', welcome: 'For friends' });
  await eventually('strangers to be shown nothing', async () => (await config()).body.visible === false);
  const identity = await vouch(channel, someone());
  expect((await config({ identity })).body).toMatchObject({ visible: true, signedIn: true, welcome: 'For friends' });
  expect((await config({ identity: `${identity}x` })).body.code).toBe('IDENTITY_TOKEN_INVALID');
});

it('CHAT-3 CHAT-9 a new chat shows staff what was read before, and is told once that nobody is there; it waits for an answer all the same', async () => {
  const { items: [faq] } = await set('faqs', { items: [{ published: true, texts: { en: { question: 'Do you ship?', answer: 'Yes.' } } }] });
  await set('office-hours', { hours: { weekly: {} }, during: { en: 'One moment.' }, outside: { en: 'We are asleep.', nl: 'We slapen.' } });
  expect((await config()).body.officeHours).toEqual({ open: false, nextOpening: null });
  const { body: session } = await town.api.call(`POST /v1/webchat/${channel.widgetKey}/sessions`, { body: { identityToken: await vouch(channel, someone()), locale: 'nl', faqsRead: [faq.id] } });
  const ask = (question: string, body?: unknown) => town.api.call(question, { token: session.sessionToken, body });
  for (const clientId of ['one', 'two', 'one']) await ask('POST /v1/webchat/messages', { clientId, text: `Hello ${clientId}` });
  const ticket = await ticketWith(brand, 'We slapen.');
  const shown = await messagesOf(ticket);
  expect(shown.map(({ author, text }) => `${author.type}: ${text}`).sort()).toEqual(['automation: We slapen.', 'customer: Hello one', 'customer: Hello two']);
  expect(shown[0]).toMatchObject({ seq: 1, text: 'Hello one', details: [{ kind: 'faq', id: faq.id, question: 'Do you ship?' }] });
  expect((await brand.ask(`GET /v1/tickets/${ticket.id}`)).body).toMatchObject({ unread: true, waitingSince: expect.any(String) });
  await eventually('the visitor to see all of it', async () => (await ask('GET /v1/webchat/messages')).body.items.length === 3);
});

it('CHAT-6 CHAT-7 TKT-10 pictures go both ways by links that last while the chat does, in every window of the visitor', async () => {
  const guest = await visit(town.api, channel, someone());
  const windows = await Promise.all(town.system.gatewayUrls.map((gateway) => guest.window(gateway)));
  const sent = await upload('/v1/webchat/attachments', guest.token);
  windows[0]!.send({ type: 'message', clientId: 'look', attachments: [sent.id] });
  const ticket = await eventually('the ticket', async () => (await brand.ask('GET /v1/tickets')).body.items[0] as Json);
  const [{ attachments: [received] }] = (await messagesOf(ticket)) as [Json];
  expect(received).toMatchObject({ id: sent.id, name: 'shoe.png', contentType: 'image/png' });
  expect(await bytesBehind((await brand.ask(`GET /v1/attachments/${sent.id}`)).body.url)).toEqual(PNG);
  const answer = await upload('/v1/attachments', brand.token);
  await brand.ask(`POST /v1/tickets/${ticket.id}/messages`, { text: 'Like this?', attachments: [answer.id] });
  const links: string[] = [];
  for (const window of windows) {
    const { message } = await eventually('the answer in each window', () => window.all.find((one) => one.type === 'message' && one.message.text === 'Like this?'));
    links.push(message.attachments[0].url);
  }
  for (const link of [...links, sent.url]) expect(await bytesBehind(link)).toEqual(PNG);
  windows[0]!.send({ type: 'end' });
  for (const window of windows) await eventually('the end in each window', () => window.all.some(({ type }) => type === 'closed'));
  for (const link of [...links, sent.url]) expect(await bytesBehind(link)).toBe(404);
  expect((await guest.ask('GET /v1/webchat/messages')).body).toEqual({ items: [], open: false, readUpToSeq: 0 });
  expect(await thread(brand, ticket.id)).toEqual(['', 'Like this?']);
  await Promise.all(windows.map((window) => window.close()));
});

it('TIME-1 TIME-2 CHAT-2 the button of the follow-up e-mail opens that chat, until it expires', async () => {
  const { version } = (await brand.ask('GET /v1/account')).body;
  await brand.ask('PATCH /v1/account', { senderEmail: 'support@brand.example' }, { headers: { 'if-match': `"v${version}"` } });
  await change({ siteUrl: 'https://shop.example/help', visibility: 'signed_in' });
  const visitor = someone();
  const guest = await visit(town.api, channel, visitor);
  await guest.ask('POST /v1/webchat/messages', { clientId: 'c1', text: 'Hello?' });
  const ticket = await ticketWith(brand, 'Hello?');
  const window = await guest.window(url);
  await eventually('online', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}`)).body.presence?.online === true);
  await window.close();
  await eventually('offline', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}`)).body.presence?.online === false || void (await brand.ask('POST /v1/test-clock/advance', { seconds: 5 })));
  await brand.ask(`POST /v1/tickets/${ticket.id}/messages`, { text: 'Are you still there?' });
  await eventually('the timer', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}`)).body.presence?.followUpDueAt !== null);
  await brand.ask('POST /v1/test-clock/advance', { seconds: 200 });
  const mail = await eventually('the mail', () => town.world.received.mails.find(({ envelope }) => envelope.to.includes(visitor.email)));
  const link = new URL(/https:\/\/shop\.example\/help\?\S+/.exec(mail.text)![0]).searchParams.get('parley_chat')!;
  const open = (chatLink: string) => town.api.call(`POST /v1/webchat/${channel.widgetKey}/sessions`, { body: { chatLink } });
  expect((await config({ query: `chatLink=${link}` })).body).toMatchObject({ visible: true, chat: { open: true } });
  const { status, body } = await open(link);
  expect([status, body.ticket]).toEqual([201, { id: ticket.id }]);
  expect((await town.api.call('GET /v1/webchat/messages', { token: body.sessionToken })).body.items.map(({ text }: Json) => text)).toEqual(['Hello?', 'Are you still there?']);
  expect((await open(`${link.slice(0, -1)}${link.endsWith('a') ? 'b' : 'a'}`)).body.code).toBe('CHAT_LINK_INVALID');
  await brand.ask('POST /v1/test-clock/advance', { seconds: 73 * 3600 });
  expect((await open(link)).body.code).toBe('CHAT_LINK_EXPIRED');
});
