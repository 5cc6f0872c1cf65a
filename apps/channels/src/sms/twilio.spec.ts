import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getExpectedBodyHash, getExpectedTwilioSignature, validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import { isAChannel } from '../adapter.conformance.js';
import { answering, fixture, fixtureJson, outbound, secrets, smsChannel } from '../../test/sms-fixtures.js';
import { TwilioAdapter } from './twilio.adapter.js';
import { TWILIO_ERRORS, TWILIO_STATES } from './twilio-codes.rules.js';
import { form, isSignedByTwilio, twilioSignature } from './twilio-signature.rules.js';

const authToken = secrets.TWILIO_AUTH_TOKEN;
const channel = smsChannel({ provider: 'twilio', settings: { messagingServiceSid: null }, credentials: { accountSid: 'ACffffffffffffffffffffffffffffffff', authToken } });
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
    { answer: { status: 400, body: fixtureJson('25-twilio-send-error-21610.json') }, code: '21610', reason: 'Attempt to send to unsubscribed recipient' },
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
    expect(await adapter.send(outbound, channel, answering({ status: 400, body: { code: Number(code) } }).io)).toMatchObject({ outcome: 'refused', class: known.class, failure: { code, reason: known.reason } });
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

describe('what Twilio is asked', () => {
  const file = { id: '0199a5b0-0000-7000-8000-0000000000bb', name: 'a.png', contentType: 'image/png', sizeBytes: 3, inline: false };

  it('SMS-6 files go out as addresses, with the text or without one', async () => {
    const { io, asked } = answering({ status: 201, body: { sid: 'MM1', status: 'accepted' } });
    await adapter.send({ ...outbound, attachments: [file, file] }, channel, io);
    await adapter.send({ ...outbound, text: '', attachments: [file] }, { ...channel, settings: { ...channel.settings, messagingServiceSid: 'MG1' } }, io);
    const [both, one] = asked.map(({ body }) => new URLSearchParams(body as string));
    expect([both!.getAll('MediaUrl').length, both!.get('Body'), both!.get('From')]).toEqual([2, 'On its way', '+15005550100']);
    expect([one!.getAll('MediaUrl'), one!.has('Body'), one!.has('From'), one!.get('MessagingServiceSid')]).toEqual([[`https://parley.example.com/files/${file.id}`], false, false, 'MG1']);
  });

  it('SMS-6 the password goes to Twilio’s own addresses and to no other', async () => {
    const own = await adapter.media({ url: 'https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1' }, channel);
    expect(own).toMatchObject({ outcome: 'found', headers: { authorization: expect.stringMatching(/^Basic /) } });
    for (const url of ['https://api.twilio.com.evil.example/ME1', 'https://api.twilio.com:8443/ME1', 'no address']) {
      expect(await adapter.media({ url }, channel)).toMatchObject({ outcome: 'refused', failure: { code: 'foreign_media' } });
    }
  });

  it('SMS-6 a file that we hold is deleted there', async () => {
    const { io, asked } = answering({ status: 204, body: '' });
    await adapter.discard({ url: 'https://api.twilio.com/ME1' }, channel, io);
    expect(asked).toEqual([expect.objectContaining({ method: 'DELETE', url: 'https://api.twilio.com/ME1' })]);
  });

  it('OPS-6 the listing tells what came since, oldest first, over its pages', async () => {
    const inbound = (n: number, at: string, more: object = {}) => ({ sid: SM(n), direction: 'inbound', from: '+15035550142', body: `text ${n}`, date_sent: at, num_media: '0', ...more });
    const { io, asked } = answering(
      { status: 200, body: { messages: [inbound(3, 'Fri, 20 Nov 2026 09:10:00 +0000', { num_media: '1' }), inbound(9, 'Fri, 20 Nov 2026 09:09:00 +0000', { direction: 'outbound-api' })], next_page_uri: '/next' } },
      { status: 200, body: { messages: [inbound(2, 'Fri, 20 Nov 2026 09:05:00 +0000'), inbound(1, 'Fri, 20 Nov 2026 08:00:00 +0000')], next_page_uri: '/never' } },
      { status: 200, body: { media_list: [{ uri: '/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1.json', content_type: 'image/png' }] } },
    );
    const missed = await adapter.missed(new Date('2026-11-20T09:00:00Z'), channel, io);
    expect(missed.flatMap((raw) => adapter.read(raw))).toEqual([
      expect.objectContaining({ providerMessageId: SM(2), text: 'text 2', occurredAt: '2026-11-20T09:05:00.000Z', attachments: [] }),
      expect.objectContaining({ providerMessageId: SM(3), attachments: [expect.objectContaining({ name: 'ME1', remote: { url: 'https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1' } })] }),
    ]);
    expect(new URL(asked[0]!.url).searchParams.get('To')).toBe('+15005550100');
    expect(asked[1]!.url).toBe('https://api.twilio.com/next');
  });
});

describe('other ways in', () => {
  it('SMS-1 a webhook that is set to JSON says the same', () => {
    const body = Buffer.from(JSON.stringify({ MessageSid: 'SM1', From: '+15035550142', Body: 'by JSON', NumMedia: 0 }));
    expect(adapter.read({ ...fixture('01-twilio-inbound-text.form'), headers: { 'content-type': 'application/json' }, body })).toEqual([expect.objectContaining({ providerMessageId: 'SM1', text: 'by JSON' })]);
  });

  it('OPS-6 what comes to the fallback address, too, is the same message', () => {
    const first = fixture('01-twilio-inbound-text.form');
    const again = { ...first, url: 'https://parley.example.com/hooks/k?fallback=1', body: Buffer.concat([first.body, Buffer.from('&ErrorCode=11200&ErrorUrl=https%3A%2F%2Fparley.example.com%2Fhooks%2Fk')]) };
    expect(adapter.read(again)).toEqual(adapter.read(first));
  });
});
