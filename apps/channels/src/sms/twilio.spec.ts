import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getExpectedBodyHash, getExpectedTwilioSignature, validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import { isAChannel } from '../adapter.conformance.js';
import type { ConnectedChannel, Outbound, Raw } from '../adapter.js';
import { TwilioAdapter } from './twilio.adapter.js';
import { TWILIO_ERRORS, TWILIO_STATES } from './twilio-codes.rules.js';
import { form, isSignedByTwilio, twilioSignature } from './twilio-signature.rules.js';

type Fixture = { file: string; method: string; url: string; headers: Record<string, string> };
const FOLDER = new URL('../../test/fixtures/sms/', import.meta.url);
const index = JSON.parse(readFileSync(new URL('index.json', FOLDER), 'utf8')) as { secrets: { TWILIO_AUTH_TOKEN: string }; fixtures: Fixture[] };
const authToken = index.secrets.TWILIO_AUTH_TOKEN;

function fixture(name: string): Raw {
  const found = index.fixtures.find(({ file }) => file === `sms/${name}`)!;
  const headers = Object.fromEntries(Object.entries(found.headers).map(([header, value]) => [header.toLowerCase(), value]));
  return { method: found.method, url: found.url, headers, body: readFileSync(new URL(name, FOLDER)), receivedAt: new Date('2026-11-20T09:15:00Z') };
}

const channel: ConnectedChannel = {
  id: '0199a5b0-0000-7000-8000-000000000007', account: '0199a5b0-0000-7000-8000-000000000001', type: 'sms', provider: 'twilio', name: 'SMS', enabled: true,
  address: '+15005550100', settings: { phoneNumber: '+15005550100', messagingServiceSid: null, keywords: {}, helpText: null },
  credentials: { accountSid: 'ACffffffffffffffffffffffffffffffff', authToken }, webhookUrl: 'https://parley.example.com/hooks/k', forwardingAddress: null, widgetKey: null, version: 1,
};
const outbound: Outbound = {
  id: '0199a5b0-0000-7000-8000-0000000000aa', ticketId: null, to: { type: 'phone', value: '+15035550142', verified: true }, toName: null, sessionId: null, threadId: null, subject: null,
  text: 'On its way', html: null, attachments: [], firstTriedAt: new Date('2026-11-20T09:15:00Z'),
};
const adapter = new TwilioAdapter('https://api.twilio.com');
const SM = (n: number) => `SM${String(n).padStart(32, '0')}`;

isAChannel('sms by twilio', { signed: true }, adapter, {
  channel,
  stranger: { ...channel, credentials: { ...channel.credentials, authToken: 'somebody-elses-token' } },
  deliveries: [
    { name: 'text', raw: fixture('01-twilio-inbound-text.form'), ids: [SM(1)] },
    { name: 'mms', raw: fixture('04-twilio-inbound-mms-2.form'), ids: ['MM00000000000000000000000000000004'] },
    { name: 'stop', raw: fixture('05-twilio-inbound-stop.form'), ids: [SM(5)] },
    { name: 'delivered', raw: fixture('20-twilio-status-delivered.form'), ids: [SM(900)] },
    { name: 'undelivered', raw: fixture('22-twilio-status-undelivered-30003.form'), ids: [SM(901)] },
  ],
  redeliveries: [{ of: 'text', raw: fixture('02-twilio-inbound-duplicate.form') }],
  outbound,
  accepted: { answer: { status: 201, body: { sid: SM(77), status: 'queued' } }, providerMessageId: SM(77) },
  refused: [
    { answer: { status: 400, body: JSON.parse(readFileSync(new URL('25-twilio-send-error-21610.json', FOLDER), 'utf8')) }, code: '21610', reason: 'Attempt to send to unsubscribed recipient' },
    { answer: { status: 401, body: { code: 20003, message: 'Authenticate' } }, code: '20003', reason: 'Authenticate' },
    { answer: { status: 404, body: 'not json' }, code: '404', reason: 'Twilio answered 404' },
  ],
  notNow: [{ status: 429, body: { code: 20429 } }, { status: 503, body: {} }],
});

describe('SMS-1 what Twilio posts', () => {
  const read = (name: string) => adapter.read(fixture(name));
  const failed = { code: '30003', reason: 'Unreachable destination handset' };

  it.each([
    ['01-twilio-inbound-text.form', { kind: 'message', text: 'Hi, where is my order #1042?', from: [{ type: 'phone', value: '+15035550142', verified: true }], keyword: null, providerReplied: false }],
    ['05-twilio-inbound-stop.form', { kind: 'message', text: ' Stop ', keyword: 'stop', providerReplied: true }],
    ['08-twilio-inbound-cancel-sentence.form', { kind: 'message', text: 'Cancel my order 1042 please', keyword: null }],
    ['11-twilio-inbound-help.form', { kind: 'message', text: 'help', keyword: 'help', providerReplied: true }],
    ['20-twilio-status-delivered.form', { kind: 'status', state: 'delivered', failure: null, reference: null }],
    ['21-twilio-status-sent-late.form', { kind: 'status', state: 'sent' }],
    ['22-twilio-status-undelivered-30003.form', { kind: 'status', state: 'failed', failure: failed }],
  ])('%s', (name, expected) => expect(read(name)).toEqual([expect.objectContaining(expected)]));

  it('SMS-6 media come with their types, in order', () => {
    const [mms] = read('04-twilio-inbound-mms-2.form');
    expect(mms).toMatchObject({ text: '', attachments: [{ name: 'ME00000000000000000000000000000001', contentType: 'image/jpeg' }, { contentType: 'text/vcard' }] });
  });

  it('SMS-1 the bad signature of the collection is refused, and a GET carries everything in its address', () => {
    expect(adapter.verify(fixture('13-twilio-inbound-bad-signature.form'), channel)).toBe(false);
    const url = 'https://parley.example.com/hooks/k?MessageSid=SM1&From=%2B15035550142&Body=by+GET';
    const raw = { method: 'GET', url, headers: { 'x-twilio-signature': getExpectedTwilioSignature(authToken, url, {}) }, body: Buffer.alloc(0), receivedAt: new Date(0) };
    expect(adapter.verify(raw, channel)).toBe(true);
    expect(adapter.read(raw)).toEqual([expect.objectContaining({ providerMessageId: 'SM1', text: 'by GET' })]);
  });

  it('PRO-2 an opt-out told by callback revokes both consents', () => {
    const body = Buffer.from('MessageSid=SM2&MessageStatus=failed&ErrorCode=21610&To=%2B15035550142');
    expect(adapter.read({ ...fixture('20-twilio-status-delivered.form'), body })).toEqual([
      expect.objectContaining({ kind: 'status', state: 'failed', failure: { code: '21610', reason: 'The recipient has unsubscribed' } }),
      expect.objectContaining({ kind: 'consent', state: 'revoked', kinds: ['sms_marketing', 'sms_transactional'], identifier: { type: 'phone', value: '+15035550142', verified: true } }),
    ]);
  });

  it.each([...TWILIO_STATES])('TKT-8 %s is %s', (status, state) => {
    const body = Buffer.from(`MessageSid=SM2&MessageStatus=${status}`);
    expect(adapter.read({ ...fixture('20-twilio-status-delivered.form'), body })).toEqual([expect.objectContaining({ kind: 'status', state })]);
  });

  it.each(['receiving', 'something new', '__proto__', 'constructor'])('TKT-8 %s says nothing about a message of ours', (status) => {
    const body = Buffer.from(`MessageSid=SM2&MessageStatus=${encodeURIComponent(status)}`);
    expect(adapter.read({ ...fixture('20-twilio-status-delivered.form'), body })).toEqual([expect.objectContaining({ kind: 'ignored' })]);
  });

  it.each([...TWILIO_ERRORS])('TKT-8 error %s is told with a reason where Twilio sends none', async (code, known) => {
    const io = { at: new Date(0), http: { send: () => Promise.resolve({ status: 400, headers: {}, body: Buffer.from(JSON.stringify({ code: Number(code) })) }) } };
    expect(await adapter.send(outbound, channel, io)).toMatchObject({ outcome: 'refused', class: known.class, failure: { code, reason: known.reason } });
  });
});

describe('SMS-1 the signature', () => {
  const address = fc.constantFrom(
    'https://parley.example.com/hooks/k', 'https://parley.example.com:443/hooks/k', 'http://parley.example.com/hooks/k?a=1&b=', 'https://parley.example.com:8443/hooks/k?x=%27q%27&y=a+b',
    "https://parley.example.com/hooks/k?x='q'&y=%20", 'http://[::1]:8080/hooks/k', 'http://[::1]/hooks/k', 'https://user:pw@parley.example.com/hooks/k/?q=é',
  );
  const fields = fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { minLength: 1, maxLength: 3 })), { maxKeys: 8 });
  const bodyOf = (values: Record<string, string | string[]>) => new URLSearchParams(Object.entries(values).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])));

  it('SMS-1 is the one that Twilio’s own code makes', () => {
    fc.assert(fc.property(address, fields, (url, values) => expect(twilioSignature(authToken, url, form(bodyOf(values).toString()))).toBe(getExpectedTwilioSignature(authToken, url, values))), { numRuns: 1000 });
  });

  it('SMS-1 is accepted where Twilio’s own code accepts it, and nowhere else', () => {
    const touched = fc.constantFrom((url: string) => url, (url: string) => url.replace('://parley.example.com/', '://parley.example.com:443/'), (url: string) => url.replace(':443/', '/'), (url: string) => `${url}x`);
    fc.assert(
      fc.property(address, fields, touched, (url, values, touch) => {
        const signature = getExpectedTwilioSignature(authToken, url, values);
        const seen = touch(url);
        const body = Buffer.from(bodyOf(values).toString());
        expect(isSignedByTwilio({ authToken, signature, url: seen, body })).toBe(validateRequest(authToken, signature, seen, values));
      }),
      { numRuns: 1000 },
    );
  });

  it('SMS-1 a JSON body is covered by its hash in the address', () => {
    const body = '{"a":1}';
    const url = `https://parley.example.com/hooks/k?bodySHA256=${getExpectedBodyHash(body)}`;
    const signature = getExpectedTwilioSignature(authToken, url, {});
    expect(validateRequestWithBody(authToken, signature, url, body)).toBe(true);
    expect(isSignedByTwilio({ authToken, signature, url, body: Buffer.from(body) })).toBe(true);
    expect(isSignedByTwilio({ authToken, signature, url, body: Buffer.from('{"a":2}') })).toBe(false);
  });
});
