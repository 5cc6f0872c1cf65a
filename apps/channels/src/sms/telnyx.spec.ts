import { createPrivateKey, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { answering, fixture, outbound, secrets, smsChannel, telnyxPublicKey } from '../../test/sms-fixtures.js';
import { isAChannel } from '../adapter.conformance.js';
import { Outage, type Raw } from '../adapter.js';
import { TELNYX_ERRORS, TELNYX_STATES } from './telnyx-codes.rules.js';
import { TelnyxAdapter } from './telnyx.adapter.js';

const key = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${secrets.TELNYX_ED25519_PRIVATE_HEX}`, 'hex'), format: 'der', type: 'pkcs8' });
const channel = smsChannel({ provider: 'telnyx', settings: { messagingProfileId: null }, credentials: { apiKey: 'KEY-not-a-real-one', publicKey: telnyxPublicKey } });
const adapter = new TelnyxAdapter('https://api.telnyx.com');
const at = new Date('2026-11-20T09:15:00Z');

/** An event about one of our messages, signed now. */
function event(type: string, payload: object, { url = 'https://parley.example.com/hooks/k', seconds = at.getTime() / 1000 } = {}): Raw {
  const body = Buffer.from(JSON.stringify({ data: { event_type: type, id: 'e1', occurred_at: '2026-11-20T09:14:59.000+00:00', record_type: 'event', payload } }));
  const signature = sign(null, Buffer.concat([Buffer.from(`${seconds}|`), body]), key).toString('base64');
  return { method: 'POST', url, headers: { 'telnyx-timestamp': String(seconds), 'telnyx-signature-ed25519': signature }, body, receivedAt: at };
}
const about = (status: string, errors: object[] = []) => ({ id: 'm-900', to: [{ phone_number: '+15035550142', status }], errors });
const final = (status: string, errors?: object[]) => event('message.finalized', about(status, errors));

isAChannel('sms by telnyx', { signed: true }, adapter, {
  channel,
  stranger: { ...channel, credentials: { ...channel.credentials, publicKey: Buffer.alloc(32, 9).toString('base64') } },
  deliveries: [
    { name: 'mms', raw: fixture('30-telnyx-inbound.json'), ids: ['84cca175-9755-4859-b67f-4730d7f58aa3'] },
    { name: 'delivered', raw: final('delivered'), ids: ['m-900'] },
    { name: 'failed', raw: final('delivery_failed', [{ code: '40006', title: 'Recipient server unavailable' }]), ids: ['m-900'] },
  ],
  redeliveries: [{ of: 'mms', raw: { ...fixture('30-telnyx-inbound.json'), body: Buffer.from(fixture('30-telnyx-inbound.json').body.toString().replace('"attempt":1', '"attempt":2').replace('b301ed3f', 'c301ed3f')) } }],
  outbound,
  accepted: { answer: { status: 200, body: { data: { id: 'm-77', to: [{ phone_number: '+15035550142', status: 'queued' }] } } }, providerMessageId: 'm-77' },
  refused: [
    { answer: { status: 403, body: { errors: [{ code: '40300', title: 'Blocked due to STOP message', detail: 'Messages cannot be sent to this number' }] } }, code: '40300', reason: 'Messages cannot be sent to this number' },
    { answer: { status: 401, body: { errors: [{ code: '10009', title: 'Authentication failed' }] } }, code: '10009', reason: 'Authentication failed' },
    { answer: { status: 404, body: 'not json' }, code: '404', reason: 'Telnyx answered 404' },
  ],
  notNow: [{ status: 429, body: { errors: [{ code: '10011' }] } }, { status: 503, body: {} }],
});

describe('what Telnyx posts', () => {
  it('SMS-1 SMS-6 a message has its sender, text, file and time', () => {
    expect(adapter.read(fixture('30-telnyx-inbound.json'))).toEqual([
      expect.objectContaining({
        kind: 'message', text: 'Hej 👋 åäö', from: [{ type: 'phone', value: '+15035550142', verified: true }], occurredAt: '2026-11-20T09:15:02.000+00:00',
        attachments: [{ name: '1.png', contentType: 'image/png', sizeBytes: 102_400, inline: false, remote: { url: 'https://media.telnyx.example/1.png' } }],
      }),
    ]);
  });

  it.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])('SMS-1 a signature that is %j seconds off passes: %j', (off, passes) => {
    expect(adapter.verify(event('message.finalized', about('sent'), { seconds: at.getTime() / 1000 + off }), channel)).toBe(passes);
  });

  it('SMS-1 the time is part of what is signed', () => {
    const raw = final('delivered');
    expect(adapter.verify({ ...raw, headers: { ...raw.headers, 'telnyx-timestamp': String(at.getTime() / 1000 + 1) } }, channel)).toBe(false);
  });

  it.each([...TELNYX_STATES])('TKT-8 %s is %s', (status, state) => expect(adapter.read(final(status))[0]).toMatchObject({ kind: 'status', state, providerMessageId: 'm-900' }));

  it.each(['webhook_delivered', 'something new', '__proto__'])('TKT-8 %s says nothing about a message of ours', (status) => expect(adapter.read(final(status))).toEqual([expect.objectContaining({ kind: 'ignored' })]));

  it('TKT-8 our own id comes back in the address', () => {
    expect(adapter.read(event('message.sent', about('sent'), { url: `https://parley.example.com/hooks/k?ref=${outbound.id}` }))).toEqual([expect.objectContaining({ reference: outbound.id })]);
  });

  it('PRO-2 an opt-out told by receipt revokes both consents', () => {
    expect(adapter.read(final('delivery_failed', [{ code: 40300, title: 'Blocked due to STOP message' }]))).toEqual([
      expect.objectContaining({ kind: 'status', state: 'failed', class: 'consent', failure: { code: '40300', reason: 'Blocked due to STOP message' } }),
      expect.objectContaining({ kind: 'consent', state: 'revoked', kinds: ['sms_marketing', 'sms_transactional'], identifier: { type: 'phone', value: '+15035550142', verified: true } }),
    ]);
  });
});

describe('what Telnyx is asked', () => {
  it('SMS-6 a text with files, under one key, with the address for its receipts', async () => {
    const { io, asked } = answering({ status: 200, body: { data: { id: 'm-1', to: [] } } });
    const file = { id: '0199a5b0-0000-7000-8000-0000000000bb', name: 'a.png', contentType: 'image/png', sizeBytes: 3, inline: false };
    await adapter.send({ ...outbound, attachments: [file] }, { ...channel, settings: { ...channel.settings, messagingProfileId: 'p-1' } }, io);
    expect(asked[0]).toMatchObject({ method: 'POST', url: 'https://api.telnyx.com/v2/messages', headers: { authorization: 'Bearer KEY-not-a-real-one', 'idempotency-key': outbound.id } });
    expect(JSON.parse(asked[0]!.body as string)).toEqual({
      from: '+15005550100', to: '+15035550142', text: 'On its way', tags: [outbound.id], use_profile_webhooks: false, messaging_profile_id: 'p-1',
      media_urls: [`https://parley.example.com/files/${file.id}`], webhook_url: `https://parley.example.com/hooks/k?ref=${outbound.id}`,
    });
  });

  it.each([...TELNYX_ERRORS])('TKT-8 error %s is told with a reason where Telnyx sends none', async (code, known) => {
    expect(await adapter.send(outbound, channel, answering({ status: 400, body: { errors: [{ code }] } }).io)).toMatchObject({ outcome: 'refused', class: known.class, failure: { code, reason: known.reason } });
  });

  it('TKT-8 after an unknown outcome the records are searched by our tag', async () => {
    const { io } = answering({ status: 200, body: { data: [{ uuid: 'm-1', tags: 'another', status: 'sent' }, { uuid: 'm-2', tags: [outbound.id], status: 'delivered' }] } });
    expect(await adapter.reconcile(outbound, channel, io)).toEqual([{ outcome: 'sent', providerMessageId: 'm-2', state: 'delivered' }]);
  });

  it('TKT-8 records that do not know it say nothing until they have had time', async () => {
    const { io } = answering({ status: 200, body: { data: [] } });
    const later = (minutes: number) => ({ ...io, at: new Date(outbound.firstTriedAt.getTime() + minutes * 60_000) });
    await expect(adapter.reconcile(outbound, channel, later(14))).rejects.toThrow(Outage);
    expect(await adapter.reconcile(outbound, channel, later(15))).toEqual([]);
  });
});
