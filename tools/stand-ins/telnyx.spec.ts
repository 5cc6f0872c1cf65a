import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { until } from '../launcher/waiting.js';
import { PRETEND_TELNYX_KEY, PRETEND_TELNYX_PUBLIC_KEY, telnyxTexts } from './telnyx.js';
import { watchStandIns } from './watched.js';
import type { Asked } from './web.js';

type Event = { data: { event_type: string; payload: { id: string; text: string; to: { status: string }[] } } };

describe('the pretended Telnyx', () => {
  const here = watchStandIns();

  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(here.world.telnyxUrl + path, { ...init, headers: { authorization: `Bearer ${PRETEND_TELNYX_KEY}`, ...init.headers } });
    return { status: answer.status, body: (await answer.json()) as { data: { id: string; uuid: string; tags: string[] }[] & { id: string }; errors: { code: string }[] } };
  };
  const send = (key: string, to = '+15035550142') =>
    ask('/v2/messages', { method: 'POST', headers: { 'idempotency-key': key }, body: JSON.stringify({ from: '+15005550100', to, text: 'On its way', tags: [key], webhook_url: here.hookUrl }) });
  const events = () => here.posted.map(({ body }) => JSON.parse(body) as Event);
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(PRETEND_TELNYX_PUBLIC_KEY, 'base64')]);
  const isGenuine = ({ headers, body }: Asked) =>
    verify(null, Buffer.from(`${String(headers['telnyx-timestamp'])}|${body}`), createPublicKey({ key: spki, format: 'der', type: 'spki' }), Buffer.from(String(headers['telnyx-signature-ed25519']), 'base64'));

  it('sends once under one key, tells what it has sent, and how it went on by signed webhooks', async () => {
    const [first, again] = [await send('key-1'), await send('key-1')];
    expect([first.status, again.body.data.id]).toEqual([200, first.body.data.id]);
    expect(here.world.received.sms).toHaveLength(1);
    await until(() => here.posted.length === 2, 'both receipts', 60_000);
    expect(events().map(({ data }) => [data.event_type, data.payload.id, data.payload.to[0]!.status])).toEqual([['message.sent', first.body.data.id, 'sent'], ['message.finalized', first.body.data.id, 'delivered']]);
    expect(here.posted.every(isGenuine)).toBe(true);
    const { body } = await ask('/v2/detail_records?filter[cld]=%2B15035550142');
    expect(body.data).toEqual([expect.objectContaining({ uuid: first.body.data.id, tags: ['key-1'] })]);
  });

  it('delivers what customers write', async () => {
    expect(await telnyxTexts({ webhookUrl: here.hookUrl, from: '+15035550142', to: '+15005550100', body: 'Hej 👋', id: 'm-1' })).toEqual({ id: 'm-1', status: 200 });
    expect([events()[0]!.data, isGenuine(here.posted[0]!)]).toEqual([expect.objectContaining({ event_type: 'message.received', payload: expect.objectContaining({ id: 'm-1', text: 'Hej 👋' }) }), true]);
  });

  it('refuses a wrong key, who has opted out, and everything in trouble', async () => {
    expect((await ask('/v2/messages', { method: 'POST', headers: { authorization: 'Bearer nobody' }, body: '{}' })).body.errors[0]).toMatchObject({ code: '10009' });
    expect((await send('key-2', '+15005550004')).body.errors[0]).toMatchObject({ code: '40300' });
    here.world.faults.twilioStatus = 503;
    expect((await send('key-3')).status).toBe(503);
    expect(here.world.received.sms).toEqual([]);
  });
});
