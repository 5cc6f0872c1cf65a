import { createHash, createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../launcher/waiting.js';
import { watchStandIns, type Watched } from '../watched.js';
import { customerInstagrams, customerWhatsapps } from './customer.js';
import { PRETEND_ACCESS_TOKEN, PRETEND_APP_SECRET } from './world.js';

const here = watchStandIns();
beforeEach(() => {
  here.world.subscribe({ object: 'whatsapp_business_account', id: '106540352242922', webhookUrl: here.hookUrl });
  here.world.subscribe({ object: 'instagram', id: '17841400008460056', webhookUrl: here.hookUrl });
});

const ask = async (path: string, json?: object, token = PRETEND_ACCESS_TOKEN) => {
  const url = `${here.world.graphUrl}/v26.0/${path}${path.includes('?') ? '&' : '?'}appsecret_proof=00`;
  const response = await fetch(url, { method: json ? 'POST' : 'GET', headers: { authorization: `Bearer ${token}` }, ...(json && { body: JSON.stringify(json) }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const words = (to = '16505551234', more: object = {}) => ask('106540352242922/messages', { messaging_product: 'whatsapp', to, type: 'text', text: { body: 'On its way' }, biz_opaque_callback_data: 'ours', ...more });
const statuses = () => here.posted.map(({ body }) => (JSON.parse(body) as { entry: [{ changes: [{ value: { statuses: [{ status: string; biz_opaque_callback_data: string }] } }] }] }).entry[0].changes[0].value.statuses[0]);

describe('the pretended Graph API', () => {
  it('META-3 takes words by WhatsApp and tells their course by signed webhooks, with our id', async () => {
    expect(await words()).toMatchObject({ status: 200, body: { messages: [{ message_status: 'accepted' }] } });
    await until(() => here.posted.length === 2, 'two statuses', 60_000);
    expect(statuses()).toMatchObject([{ status: 'sent', biz_opaque_callback_data: 'ours' }, { status: 'delivered', biz_opaque_callback_data: 'ours' }]);
    for (const { headers, body } of here.posted) expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', PRETEND_APP_SECRET).update(body).digest('hex')}`);
    expect(here.world.received.meta).toMatchObject([{ door: 'whatsapp', to: '16505551234', text: 'On its way', status: 'delivered' }]);
  });

  it('META-3 doubles and reverses statuses', async () => {
    Object.assign(here.world.faults, { callbacksDoubled: true, callbacksReversed: true });
    await words();
    await until(() => here.posted.length === 4, 'four statuses', 60_000);
    expect(statuses().map(({ status }) => status)).toEqual(['delivered', 'delivered', 'sent', 'sent']);
  });

  it('META-2 takes words by Instagram, echoes them and lists them', async () => {
    const { body } = await ask('me/messages', { recipient: { id: '178' }, message: { text: 'På väg 🧶' } });
    await until(() => here.posted.length === 1, 'an echo', 60_000);
    expect(here.posted[0]!.body).toContain('\\u00e5');
    expect(JSON.parse(here.posted[0]!.body)).toMatchObject({ object: 'instagram', entry: [{ id: '17841400008460056', messaging: [{ recipient: { id: '178' }, message: { mid: body['message_id'], text: 'På väg 🧶', is_echo: true } }] }] });
    expect(await ask('me/conversations?user_id=178')).toMatchObject({ body: { data: [{ messages: { data: [{ id: body['message_id'], message: 'På väg 🧶' }] } }] } });
  });

  it('TKT-11 takes after 24 hours only what carries the tag', async () => {
    here.world.faults.instagramWindowClosed = true;
    const late = (more: object) => ask('me/messages', { recipient: { id: '178' }, message: { text: 'Sorry' }, ...more });
    expect(await late({})).toMatchObject({ status: 400, body: { error: { code: 10, error_subcode: 2534022 } } });
    expect(await late({ tag: 'HUMAN_AGENT' })).toMatchObject({ status: 200 });
  });

  it('META-4 media stand at an address that lives for minutes and wants the token', async () => {
    const { body } = await ask('1003383421387256');
    const at = (token?: string) => fetch(body['url'] as string, { headers: token ? { authorization: `Bearer ${token}` } : {} });
    expect((await at()).status).toBe(401);
    const found = await at(PRETEND_ACCESS_TOKEN);
    expect(createHash('sha256').update(Buffer.from(await found.arrayBuffer())).digest('hex')).toBe(body['sha256']);
    here.world.faults.mediaExpired = true;
    expect((await at(PRETEND_ACCESS_TOKEN)).status).toBe(404);
  });

  it.each<[Partial<Watched['world']['faults']>, object]>([
    [{ graphTokenExpired: true }, { status: 401, body: { error: { code: 190 } } }],
    [{ graphCode: 190 }, { status: 401, body: { error: { code: 190 } } }],
    [{ graphCode: 130429 }, { status: 429, body: { error: { code: 130429 } } }],
    [{ graphCode: 131047 }, { status: 400, body: { error: { code: 131047 } } }],
  ])('META-1 makes trouble when told to: %j', async (faults, answer) => {
    Object.assign(here.world.faults, faults);
    expect(await words()).toMatchObject(answer);
    expect(here.world.received.meta).toEqual([]);
  });

  it('TKT-8 loses answers when told to, and has sent all the same', async () => {
    here.world.faults.graphLosesAnswer = true;
    await expect(words()).rejects.toThrow();
    expect(here.world.received.meta).toHaveLength(1);
  });

  it('META-3 refuses strangers and magic numbers', async () => {
    expect(await ask('1/messages', {}, 'somebody-else')).toMatchObject({ status: 401, body: { error: { code: 190 } } });
    expect(await words('15005550026')).toMatchObject({ status: 400, body: { error: { code: 131026 } } });
    expect(here.world.received.refused).toEqual([{ to: '15005550026', code: 131026 }]);
  });

  it('META-1 customers write by both', async () => {
    await customerWhatsapps({ webhookUrl: here.hookUrl, phoneNumberId: '106540352242922', from: '16505551234', text: 'Hi' });
    await customerInstagrams({ webhookUrl: here.hookUrl, accountId: '17841400008460056', from: '178', text: 'Hej' });
    expect(here.posted.map(({ body }) => (JSON.parse(body) as { object: string }).object)).toEqual(['whatsapp_business_account', 'instagram']);
  });
});
