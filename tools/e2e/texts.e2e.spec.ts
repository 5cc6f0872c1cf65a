import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../demo/waiting.js';
import { PRETEND_TELNYX_KEY, PRETEND_TELNYX_PUBLIC_KEY, telnyxTexts } from '../stand-ins/telnyx.js';
import type { Json } from './api.js';
import { thread, ticketWith } from './people.js';
import { openTown, type Brand, type Town } from './town.js';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
const OURS = '+15005559300';

// Texts by a second provider, through the whole system: in by signed webhooks, out by its API, read by whoever gets them.
describe('texts by Telnyx', () => {
  let town: Town;
  let brand: Brand;
  let channel: Json;
  beforeAll(async () => {
    town = await openTown();
    brand = await town.brand();
    channel = (await brand.ask('POST /v1/channels', {
      type: 'sms', provider: 'telnyx', name: 'Texts', settings: { phoneNumber: OURS }, credentials: { apiKey: PRETEND_TELNYX_KEY, publicKey: PRETEND_TELNYX_PUBLIC_KEY },
    })).body as Json;
  });
  afterAll(() => town?.close());

  const write = (from: string, body: string, id?: string) => telnyxTexts({ webhookUrl: channel.webhookUrl, from, to: OURS, body, ...(id && { id }) });
  const got = (phone: string) => town.world.received.sms.filter(({ to }) => to === phone).map(({ body }) => body);
  const receives = (phone: string, count: number) => eventually(`${count} texts to ${phone}`, () => got(phone).length >= count && got(phone));

  it('SMS-1 SMS-3 a text opens a ticket once however often it is delivered, and is answered by itself once', async () => {
    const from = '+15035559301';
    const { id, status } = await write(from, 'Where is my order?');
    expect([status, (await write(from, 'Where is my order?', id)).status]).toEqual([200, 200]);
    await write(from, 'Hello?');
    const ticket = await ticketWith(brand, 'Hello?');
    expect(await receives(from, 1)).toEqual([expect.stringContaining('This inbox is not monitored')]);
    expect(await thread(brand, ticket.id)).toEqual(['Where is my order?', expect.stringContaining('not monitored'), 'Hello?']);
  });

  it('SMS-2 STOP is confirmed once and stands in the thread with its answer', async () => {
    const from = '+15035559302';
    await write(from, 'Stop all!');
    await write(from, 'STOP');
    expect(await receives(from, 1)).toEqual([expect.stringContaining('you are unsubscribed')]);
    await write(from, 'But where is it?');
    const ticket = await ticketWith(brand, 'But where is it?');
    await eventually('all of it in the thread', async () => (await thread(brand, ticket.id)).length === 4);
    expect(await thread(brand, ticket.id)).toEqual(expect.arrayContaining(['Stop all!', 'STOP', expect.stringContaining('you are unsubscribed'), 'But where is it?']));
    expect(got(from)).toHaveLength(1);
  });

  it('SMS-4 SMS-6 a link leaves shortened, leads to its target, and the visit stands in the timeline', async () => {
    const from = '+15035559303';
    await write(from, 'Send me the link');
    const ticket = await ticketWith(brand, 'Send me the link');
    await brand.ask(`PUT /v1/profiles/${ticket.profile.id}/consents/sms_transactional`, { state: 'granted', source: 'checkout' });
    const target = 'https://shop.example/orders/1042?from=sms';
    expect((await brand.ask(`POST /v1/tickets/${ticket.id}/messages/preview`, { text: `Here: ${target}` })).body).toMatchObject({ length: { encoding: 'GSM-7', segments: 1 }, canReply: { allowed: true } });
    const { body: sent } = await brand.ask(`POST /v1/tickets/${ticket.id}/messages`, { text: `Here: ${target}` });
    expect(sent).toMatchObject({ text: `Here: ${target}`, length: { segments: 1 } });
    const text = (await receives(from, 2)).at(-1)!;
    const [, path] = /^Here: https?:\/\/[^/]+(\/l\/[0-9A-Za-z]{10})$/.exec(text)!;
    const follow = (more: RequestInit = {}) => fetch(town.system.gatewayUrls[1] + path!, { redirect: 'manual', headers: { 'user-agent': IPHONE }, ...more });
    expect((await follow({ method: 'HEAD' })).status).toBe(302);
    const answer = await follow();
    expect([answer.status, answer.headers.get('location')]).toEqual([302, target]);
    const clicks = async () => (await brand.ask(`GET /v1/profiles/${ticket.profile.id}/events?metric=Clicked+SMS`)).body.items as Json[];
    await eventually('the click', async () => (await clicks()).length > 0);
    expect(await clicks()).toEqual([expect.objectContaining({ metric: 'Clicked SMS', origin: 'parley', properties: expect.objectContaining({ url: target, messageId: sent.id }) })]);
    await eventually('its receipt', async () => (await brand.ask(`GET /v1/tickets/${ticket.id}/messages`)).body.items.some((one: Json) => one.id === sent.id && one.delivery.state === 'delivered'));
  });
});
