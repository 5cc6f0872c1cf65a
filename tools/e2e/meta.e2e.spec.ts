import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../demo/waiting.js';
import { noFaults } from '../stand-ins/faults.js';
import { customerInstagrams, customerWhatsapps } from '../stand-ins/meta/customer.js';
import { PRETEND_ACCESS_TOKEN, PRETEND_APP_SECRET } from '../stand-ins/meta/world.js';
import type { Json } from './api.js';
import { ticketWith } from './people.js';
import { openTown, type Brand, type Town } from './town.js';

// WhatsApp and Instagram, end to end: by signed webhooks in, by the Graph API out, with what Meta does wrong.
let town: Town;
let brand: Brand;
let whatsapp: Json;
let instagram: Json;
beforeAll(async () => {
  town = await openTown({ replicas: {} });
});
afterAll(() => town?.close());
beforeEach(async () => {
  brand = await town.brand();
  const credentials = { appSecrets: ['the-secret-of-another-app', PRETEND_APP_SECRET], verifyToken: 'only-for-tests', accessToken: PRETEND_ACCESS_TOKEN };
  const id = digits();
  const connect = async (channel: object) => (await brand.ask('POST /v1/channels', { credentials, ...channel })).body as Json;
  whatsapp = await connect({ type: 'whatsapp', name: 'WhatsApp', settings: { phoneNumber: `+1500${id.slice(0, 7)}`, phoneNumberId: id, businessAccountId: '1' } });
  instagram = await connect({ type: 'instagram', name: 'Instagram', settings: { accountId: id } });
  town.world.subscribe({ object: 'whatsapp_business_account', id, webhookUrl: whatsapp.webhookUrl });
  town.world.subscribe({ object: 'instagram', id, webhookUrl: instagram.webhookUrl });
});
afterEach(() => void Object.assign(town.world.faults, noFaults()));

const digits = () => String(BigInt(`0x${randomUUID().replaceAll('-', '').slice(0, 14)}`)).padStart(15, '1').slice(0, 15);
const write = (more: object) => customerWhatsapps({ webhookUrl: whatsapp.webhookUrl, phoneNumberId: whatsapp.settings.phoneNumberId, ...more });
const direct = (more: Partial<Parameters<typeof customerInstagrams>[0]> & { from: string }) => customerInstagrams({ webhookUrl: instagram.webhookUrl, accountId: instagram.settings.accountId, ...more });
const reply = async (ticket: Json, body: object) => (await brand.ask(`POST /v1/tickets/${ticket.id}/messages`, body)).body as Json;
const sentTo = (to: string) => town.world.received.meta.filter((one) => one.to === to);
const thread = async (ticket: Json) => (await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items as Json[];
const reaches = (ticket: Json, { id }: Json, state: string): Promise<Json> => eventually(`the answer to be ${state}`, async () => {
  const one = (await thread(ticket)).find((other) => other.id === id);
  return one?.delivery?.state === state ? one : undefined;
});

describe('WhatsApp', () => {
  it('META-3 TKT-8 an answer whose own answer is lost, and whose statuses come twice and the wrong way round, is one message and delivered', async () => {
    const from = digits().slice(0, 11);
    await write({ from, text: 'Where is it?' });
    const ticket = await ticketWith(brand, 'Where is it?');
    expect(ticket).toMatchObject({ channel: 'whatsapp', profile: { name: 'Cleo' } });
    Object.assign(town.world.faults, { graphLosesAnswer: true, callbacksDoubled: true, callbacksReversed: true });
    await reaches(ticket, await reply(ticket, { text: 'On its way' }), 'delivered');
    expect(sentTo(from)).toMatchObject([{ text: 'On its way' }]);
  });

  it('META-3 PRO-1 TKT-2 who hides the number later is the same person, in the same ticket', async () => {
    const from = digits().slice(0, 11);
    const userId = `US.${digits()}`;
    await write({ from, userId, text: 'With my number' });
    const ticket = await ticketWith(brand, 'With my number');
    await write({ userId, text: 'Without it' });
    await eventually('both in one ticket', async () => (await thread(ticket)).length === 2);
    await reply(ticket, { text: 'Hello again' });
    await eventually('the answer', () => sentTo(userId).length === 1);
  });

  it('META-4 a picture comes in and is stored, a file goes out with the words beneath it', async () => {
    const from = digits().slice(0, 11);
    await write({ from, more: { type: 'image', image: { id: '1003383421387256', mime_type: 'image/jpeg', caption: 'Look at this' } } });
    const ticket = await ticketWith(brand, 'Look at this');
    const file = await eventually('the picture', async () => (await thread(ticket))[0]?.attachments.find((one: Json) => one.sha256));
    expect(file).toMatchObject({ name: 'image.png', contentType: 'image/png', sizeBytes: 68 });
    await reply(ticket, { text: 'The same to you', attachments: [await uploaded()] });
    await eventually('the answer', () => sentTo(from).length === 1);
    expect(sentTo(from)).toMatchObject([{ text: 'The same to you', file: expect.stringMatching(/^image \d+$/) }]);
  });

  it('META-1 an expired token fails the answer in Meta’s words and turns the channel red', async () => {
    await write({ from: digits().slice(0, 11), text: 'Are you there?' });
    const ticket = await ticketWith(brand, 'Are you there?');
    town.world.faults.graphTokenExpired = true;
    expect(await reaches(ticket, await reply(ticket, { text: 'Here' }), 'failed')).toMatchObject({ delivery: { failure: { code: '190', reason: expect.stringContaining('Session has expired') } } });
    expect((await brand.ask(`GET /v1/channels/${whatsapp.id}/health`)).body).toMatchObject({ state: 'red', reasons: [{ code: 'auth', text: expect.stringContaining('Session has expired') }] });
  });

  it('TKT-11 META-3 after 24 hours words are refused and a template goes', async () => {
    const from = digits().slice(0, 11);
    await write({ from, text: 'In no hurry' });
    const ticket = await ticketWith(brand, 'In no hurry');
    await brand.ask('POST /v1/test-clock/advance', { seconds: 24 * 3600 + 60 });
    expect(await brand.ask(`POST /v1/tickets/${ticket.id}/messages`, { text: 'Sorry' })).toMatchObject({ status: 409, body: { reason: 'window_closed' } });
    expect((await brand.ask(`GET /v1/channels/${whatsapp.id}/templates`)).body.items.map(({ name, problem }: Json) => [name, problem === null])).toEqual([['order_shipped', true], ['may_we_help', true], ['spring_sale', false], ['with_picture', false]]);
    const template = { name: 'order_shipped', language: 'en_US', variables: ['Kim', '1042'] };
    const sent = await eventually('the template to be known', async () => {
      const { status, body } = await brand.ask(`POST /v1/tickets/${ticket.id}/messages`, { template });
      return status === 201 ? (body as Json) : undefined;
    });
    expect(sent).toMatchObject({ text: 'Hello Kim, your order 1042 is on its way.' });
    await eventually('the template', () => sentTo(from).some((one) => (one.template as Json | null)?.name === 'order_shipped'));
  });
});

describe('Instagram', () => {
  it('META-2 an answer is echoed and stands there once; what the brand writes in the app stands beside it; what is taken back is gone', async () => {
    const from = digits();
    const { mid } = await direct({ from, text: 'Is it wool?' });
    const ticket = await ticketWith(brand, 'Is it wool?');
    await eventually('the name', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}`)).body.profile.name === 'Ida Ito');
    town.world.faults.callbacksDoubled = true;
    const { id } = await reply(ticket, { text: 'All of it' });
    await eventually('two echoes', () => town.world.received.callbacks.filter(({ sid, status, answered }) => sid === sentTo(from)[0]?.id && status === 'echo' && answered === 200).length === 2);
    await direct({ from, said: { sender: { id: instagram.settings.accountId }, recipient: { id: from }, message: { mid: `app-${mid}`, text: 'From the app', is_echo: true } } });
    await direct({ from, said: { read: { mid: sentTo(from)[0]!.id } } });
    await reaches(ticket, { id }, 'read');
    await direct({ from, said: { message: { mid, is_deleted: true } } });
    const all = await eventually('all of it', async () => {
      const now = await thread(ticket);
      return now.length === 3 && now[0]!.deletedAt ? now : undefined;
    });
    expect(all).toMatchObject([{ text: '' }, { text: 'All of it', author: { type: 'agent' } }, { text: 'From the app', direction: 'outbound', author: { type: 'external' } }]);
  });

  it('META-4 a file leaves by an address that Meta can read without signing in', async () => {
    const from = digits();
    await direct({ from, text: 'Have you got a picture?' });
    await reply(await ticketWith(brand, 'Have you got a picture?'), { text: 'Yes', attachments: [await uploaded()] });
    await eventually('both pieces', () => sentTo(from).length === 2);
    const [words, picture] = sentTo(from);
    expect([words!.text, words!.file, picture!.text]).toEqual(['Yes', null, '']);
    const read = await fetch(picture!.file!.replace(/^image /, ''));
    expect([read.status, Buffer.from(await read.arrayBuffer()).equals(PNG)]).toEqual([200, true]);
  });
});

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** The id of a small picture of the brand. */
async function uploaded(): Promise<string> {
  const body = new FormData();
  body.append('file', new Blob([PNG], { type: 'image/png' }), 'dot.png');
  const response = await fetch(`${town.system.gatewayUrls[0]}/v1/attachments`, { method: 'POST', headers: { authorization: `Bearer ${brand.token}` }, body });
  return ((await response.json()) as Json).id as string;
}
