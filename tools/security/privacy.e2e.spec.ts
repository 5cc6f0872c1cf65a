import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually } from '../demo/waiting.js';
import type { Json } from '../e2e/api.js';
import { frame, mails, texts, visit, watch, type Guest } from '../e2e/people.js';
import { openTown, type Town } from '../e2e/town.js';
import { openBooks, type Books } from './checksum.js';
import { openSide, type Side } from './side.js';

// PRO-6 and T5 on a whole system: a customer whose every word is a canary, before and after they are erased.
let town: Town;
let books: Books;
let side: Side;
/** In every text of the one who is erased; others have their own. */
const canary = `kanarie-${randomUUID().slice(0, 8)}`;
const noted = `notitie-${randomUUID().slice(0, 8)}`;
const other = `andere-${randomUUID().slice(0, 8)}`;
let phone: string;
let profileId: string;
let tickets: Record<'sms' | 'email' | 'webchat', Json>;
let guest: Guest;

const mailOf = (word: string) => `${word}@customer.example`;
const opened = (fits: (ticket: Json) => boolean): Promise<Json> => eventually('the ticket', async () => (await side.got('GET /v1/tickets?limit=100')).items.find(fits) as Json);
const rest = () => side.got('POST /v1/test-clock/advance', { seconds: 1 });

/** A file of the visitor's: its id. */
const photo = async (name: string) => {
  const form = new FormData();
  form.append('file', new Blob([`${name} ${canary}`], { type: 'text/plain' }), `${name} ${canary}.txt`);
  const response = await fetch(`${town.system.gatewayUrls[0]}/v1/webchat/attachments`, { method: 'POST', headers: { authorization: `Bearer ${guest.token}` }, body: form });
  return ((await response.json()) as Json).id as string;
};

beforeAll(async () => {
  town = await openTown({ replicas: {}, env: { PARLEY_RATE_LIMIT_PER_MINUTE: '1000000' } });
  books = await openBooks(town.system);
  side = await openSide(town, 'p');
  phone = side.phone();
  const { version } = await side.got('GET /v1/account');
  await side.got('PATCH /v1/account', { senderEmail: `help@${side.mark}.example` }, { headers: { 'if-match': `"v${version}"` } });
  const profile = await side.got('POST /v1/profiles', { externalId: `id-${canary}`, email: mailOf(canary), phone, name: `Name ${canary}`, locale: 'nl', timezone: 'Europe/Amsterdam', location: { country: 'NL', region: canary, city: canary }, properties: { [canary]: canary, list: [canary] } });
  profileId = profile.id as string;
  for (const kind of ['sms_transactional', 'email']) await side.got(`PUT /v1/profiles/${profileId}/consents/${kind}`, { state: 'granted', source: canary, evidence: `Evidence ${canary}` });
  await side.got('POST /v1/events', { profile: { id: profileId }, metric: 'Placed Order', properties: { orderId: canary, value: 12, currency: 'EUR', [canary]: [canary] }, uniqueId: `u-${canary}` });
  await side.got('POST /v1/messages/campaign', { profile: { id: profileId }, channelId: side.sms.id, campaignId: 'summer', text: `Sale ${canary}`, name: `To ${canary}` });
  await texts(side.sms, { from: phone, body: `A text ${canary}` });
  await mails(town.smtpPort, { from: `Name ${canary} <${mailOf(canary)}>`, to: side.email.address, via: side.email.forwardingAddress, subject: `Subject ${canary}`, text: `A mail ${canary}` });
  guest = await visit(town.api, side.webchat, { id: `id-${canary}`, email: mailOf(canary), name: `Name ${canary}` });
  const window = await guest.window(town.system.gatewayUrls[0]!);
  await guest.ask('POST /v1/webchat/messages', { clientId: 'one', text: `A chat ${canary}`, attachments: [await photo('Sent')] });
  tickets = { sms: await opened(({ channel, preview }) => channel === 'sms' && preview.includes(canary)), email: await opened(({ channel, subject }) => channel === 'email' && subject.includes(canary)), webchat: await opened(({ channel, preview }) => channel === 'webchat' && preview.includes(canary)) };
  await window.close();
  const isGone = async () => (await side.got(`GET /v1/tickets/${tickets.webchat.id}`)).presence?.online === false || void (await side.got('POST /v1/test-clock/advance', { seconds: 5 }));
  await eventually('the visitor to be offline', isGone);
  const form = new FormData();
  form.append('file', new Blob([`A file ${canary}`], { type: 'text/plain' }), `${canary}.txt`);
  await side.got(`POST /v1/tickets/${tickets.email.id}/messages`, { text: `With a file ${canary}`, attachments: [(await side.upload(form)).id] });
  for (const { id } of Object.values(tickets)) {
    await side.got(`POST /v1/tickets/${id}/messages`, { text: `An answer ${canary}` }, { headers: { 'idempotency-key': randomUUID() } });
    await side.got(`POST /v1/tickets/${id}/notes`, { text: `A note ${noted} ${canary}` }, { headers: { 'idempotency-key': randomUUID() } });
  }
  await texts(side.sms, { from: side.phone(), body: `A text ${other}` });
  await opened(({ preview }) => preview.includes(other));
  await eventually('both answers outside', () => town.world.received.mails.some(({ text }) => text.includes(canary)) && town.world.received.sms.some(({ body }) => body.includes(canary)));
  await side.got('POST /v1/test-clock/advance', { seconds: 400 });
  await eventually('the follow-up', () => town.world.received.mails.some(({ text }) => text.includes(`A chat ${canary}`)));
});
afterAll(async () => {
  await books?.close();
  await town?.close();
});

describe('T5 who hears what', () => {
  it('TKT-12 a note reaches no channel, no follow-up and no visitor', async () => {
    const window = await guest.window(town.system.gatewayUrls[0]!);
    const { id } = tickets.webchat;
    await side.got(`POST /v1/tickets/${id}/notes`, { text: `Another note ${noted}` });
    await side.got(`POST /v1/tickets/${id}/messages`, { text: `Another answer ${canary}` });
    await eventually('the answer at the visitor', () => window.all.some((one) => JSON.stringify(one).includes(`Another answer ${canary}`)));
    const { body } = await guest.ask('GET /v1/webchat/messages');
    await window.close();
    const heard = JSON.stringify([window.all, body, town.world.received]);
    expect(heard).toContain(canary);
    expect(heard).not.toContain(noted);
    expect((await books.search(noted)).filter((one) => /^(channels|notifications\.mail)/.test(one) && !one.includes('dead_letter'))).toEqual([]);
  });

  it('ACC-2 an analyst reads no word of a message, note or customer: not in reports, the feed or anywhere', async () => {
    const analyst = await side.person('analyst');
    const gets = Object.entries(town.api.document.paths).flatMap(([path, { get }]) => (get ? [path] : []));
    for (const path of gets) {
      const where = path.replace('{id}', tickets.sms.id).replace('{metric}', 'ticket-volume').replace('{area}', 'inbox').replace(/\{\w+\}/g, profileId);
      const response = await fetch(`${town.system.gatewayUrls[0]}${where}?from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z`, { headers: { authorization: `Bearer ${analyst.token}` } });
      expect([path, (await response.text()).includes(canary)]).toEqual([path, false]);
    }
    const key = await side.key(['feed:read']);
    const { body } = await town.api.call('GET /v1/feed?limit=500', { token: key.token });
    expect(body.items.length).toBeGreaterThan(20);
    expect(JSON.stringify(body)).not.toContain(canary);
  });

  it('PRO-5 TKT-15 what somebody blocked writes is in no list, no feed and no socket, but in quarantine', async () => {
    const from = side.phone();
    const word = `geblokkeerd-${randomUUID().slice(0, 8)}`;
    const { id } = await side.got('POST /v1/profiles', { phone: from });
    await side.got(`PUT /v1/profiles/${id}/block`, {});
    const screen = await watch(town.system.gatewayUrls[0]!, side.brand.token);
    await texts(side.sms, { from, body: `A text ${word}` });
    await eventually('it in quarantine', async () => JSON.stringify(await side.got(`GET /v1/profiles/${id}/quarantine`)).includes(word));
    await rest();
    const views = await Promise.all(['mine', 'unassigned', 'all', 'spam'].map((view) => side.got(`GET /v1/tickets?view=${view}&limit=100`)));
    const seen = JSON.stringify([views, screen.all, (await side.got('GET /v1/feed?limit=500')).items, await side.got('GET /v1/inbox/badge')]);
    await screen.close();
    expect(seen).not.toContain(word);
  });
});

describe('PRO-6 an export', () => {
  it('holds what every service has of the customer, ends, and is gone without its code', async () => {
    const made = await side.got(`POST /v1/profiles/${profileId}/export`, {});
    const lines = (await (await fetch(made.url)).text()).trim().split('\n').map((line) => JSON.parse(line) as Json);
    expect(lines.at(-1)).toEqual({ end: true });
    const kinds = new Set(lines.slice(0, -1).map(({ service, kind }) => `${service}.${kind}`));
    for (const kind of ['tickets.profile', 'tickets.profile_identifier', 'tickets.consent', 'tickets.ticket', 'tickets.message', 'tickets.note', 'tickets.customer_event', 'tickets.campaign_message', 'channels.delivery', 'channels.inbound_message', 'channels.chat_session', 'notifications.mail']) expect([...kinds]).toContain(kind);
    expect(JSON.stringify(lines)).not.toContain(other);
    for (const text of ['A text', 'A mail', 'A chat', 'An answer', 'Evidence', 'Sale']) expect(JSON.stringify(lines)).toContain(`${text} ${canary}`);
    const file = lines.find(({ kind, row }) => kind === 'attachment' && row.name === `${canary}.txt`);
    expect(await (await fetch(file!.url)).text()).toBe(`A file ${canary}`);
    for (const link of [made.url, file!.url]) expect((await fetch(`${link.slice(0, -6)}AAAAAA`)).status).toBe(404);
    await side.got('POST /v1/test-clock/advance', { seconds: 86_500 });
    for (const link of [made.url, file!.url]) expect((await fetch(link)).status).toBe(404);
  });

  it('of somebody of another account is 404', async () => {
    const stranger = await town.brand();
    expect((await stranger.ask(`POST /v1/profiles/${profileId}/export`, {})).status).toBe(404);
    expect((await stranger.ask(`POST /v1/profiles/${profileId}/erasure`, {})).status).toBe(404);
  });
});

describe('PRO-6 an erasure', () => {
  let counts: Json;
  const report = async () => (await side.got('GET /v1/reports/ticket-volume?from=2026-01-01T00:00:00Z&to=2030-01-01T00:00:00Z')).total;

  it('is done when every service has answered, is announced, and closes what was open', async () => {
    await photo('Kept back');
    expect((await books.search(canary)).length).toBeGreaterThan(20);
    expect(inFiles(canary)).toHaveLength(3);
    counts = await report();
    const screen = await watch(town.system.gatewayUrls[0]!, side.brand.token);
    const { id, state } = await side.got(`POST /v1/profiles/${profileId}/erasure`, {});
    expect(state).toBe('running');
    const done = await eventually('the erasure', async () => { const one = await side.got(`GET /v1/erasures/${id}`); return one.state === 'done' && one; });
    expect(done.services.map((one: Json) => `${one.service} ${one.state}`)).toEqual(['tickets done', 'channels done', 'notifications done', 'reporting done']);
    expect(await frame(screen, 'profile.erased')).toMatchObject({ data: { profileId } });
    await screen.close();
    for (const ticket of Object.values(tickets)) expect(await side.got(`GET /v1/tickets/${ticket.id}`)).toMatchObject({ status: 'closed', subject: null, preview: null, profile: { name: null }, canReply: { allowed: false } });
    expect(await side.got(`GET /v1/profiles/${profileId}`)).toMatchObject({ name: null, identifiers: [], properties: {} });
    const { body } = await side.ask('GET /v1/audit-log?limit=5');
    expect(body.items.map(({ action }: Json) => action)).toEqual(expect.arrayContaining(['profile.erased', 'profile.erasure_requested']));
  });

  it('leaves no word of them in any table, Redis key or file, a week later', async () => {
    await side.got('POST /v1/test-clock/advance', { seconds: 7 * 86_400 });
    await eventually('the file that was never sent to be forgotten', () => inFiles(canary).length === 0);
    for (const word of [canary, phone, phone.slice(1)]) {
      expect((await books.search(word))).toEqual([]);
      expect(await inRedis(word)).toEqual([]);
      expect(inFiles(word)).toEqual([]);
    }
  });

  it('leaves the others as they were, and the numbers', async () => {
    expect((await books.search(other)).length).toBeGreaterThan(2);
    expect(await report()).toEqual(counts);
    await rest();
    for (const service of ['tickets', 'channels', 'notifications', 'reporting', 'gateway']) expect([service, await books.query(service, 'SELECT error FROM dead_letter')]).toEqual([service, []]);
    expect(await side.got('GET /v1/audit-log/verification')).toMatchObject({ intact: true });
  });

  it('is not undone by an import, but they may come back by themselves', async () => {
    for (const body of [{ phone }, { email: mailOf(canary) }, { externalId: `id-${canary}` }]) expect([(await side.ask('POST /v1/profiles', body)).body.code]).toEqual(['IDENTIFIER_ERASED']);
    expect((await side.got('POST /v1/events', { profile: { phone }, metric: 'Viewed' })).items[0]).toMatchObject({ status: 'refused' });
    await texts(side.sms, { from: phone, body: 'I am back' });
    const back = await opened(({ preview }) => preview === 'I am back');
    expect(back.profile.id).not.toBe(profileId);
  });
});


async function inRedis(word: string): Promise<string[]> {
  const redis = new Redis(town.system.servers.redis.url);
  try {
    const keys = await redis.keys('*');
    const dumps = await Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)] as const));
    return dumps.filter(([key, dump]) => key.includes(word) || dump?.includes(word)).map(([key]) => key);
  } finally {
    redis.disconnect();
  }
}

/** Everything below the data folder but Postgres' own files, which hold what was deleted until it vacuums. */
function inFiles(word: string): string[] {
  const folder = join(town.system.processes[0]!.log, '..', '..');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const ours = files.filter((file) => !/\/(postgres|pg)[^/]*\//.test(file.slice(folder.length)));
  expect(ours.some((file) => file.endsWith('.log'))).toBe(true);
  return ours.filter((file) => readFileSync(file).includes(word));
}
