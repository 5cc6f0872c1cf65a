import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Raw, WholeMail } from '../../adapter.js';
import { MailReaderService } from '../mail-reader.service.js';
import { fieldsOf } from './form.rules.js';
import { hasLogin } from './login.rules.js';
import * as mailgun from './mailgun.rules.js';
import { mimeOf } from './mime.rules.js';
import * as postmark from './postmark.rules.js';
import * as sendgrid from './sendgrid.rules.js';

const fixture = (name: string) => readFileSync(new URL(`../../../test/fixtures/email/${name}`, import.meta.url));
const NOW = new Date(1_795_166_100_000);
const raw = (body: Buffer | string, contentType: string, headers: Raw['headers'] = {}): Raw => ({ method: 'POST', url: 'https://parley.example/hooks/k', headers: { 'content-type': contentType, ...headers }, body: Buffer.from(body), receivedAt: NOW });
const MAIL = Buffer.from('From: Ada <ada@customer.example>\r\nTo: help@brand.example\r\nSubject: Gr\xfc\xdfe\r\n\r\nbytes \xff\x00\xfe\r\n--x\r\n', 'latin1');
const multipart = (parts: [head: string, body: Buffer | string][]) =>
  Buffer.concat([...parts.flatMap(([head, body]) => [Buffer.from(`--xYz\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')]), Buffer.from('--xYz--\r\n')]);
const FORM = 'multipart/form-data; boundary="xYz"';

async function parsed(mail: WholeMail) {
  const reader = new MailReaderService();
  try {
    return await reader.read(mail.raw);
  } finally {
    await reader.onApplicationShutdown();
  }
}

describe('Postmark', () => {
  const login = { hookUser: 'parley', hookPassword: 'test-only-not-a-secret' };
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it('MAIL-1 is known by user and password', () => {
    expect(postmark.verify(raw('{}', 'application/json', basic('parley:test-only-not-a-secret')), login)).toBe(true);
    for (const wrong of [{}, basic('parley:wrong'), basic('other:test-only-not-a-secret'), basic(''), { authorization: 'Bearer x' }]) expect(postmark.verify(raw('{}', 'application/json', wrong), login)).toBe(false);
    expect(postmark.verify(raw('{}', 'application/json', basic(':')), {})).toBe(false);
    expect(hasLogin(`basic ${Buffer.from('a:b').toString('base64')}`, 'a', 'b')).toBe(true);
  });

  it('MAIL-1 MAIL-2 what it took apart is a mail again, under its own Message-ID', async () => {
    const mail = postmark.read(raw(fixture('41-postmark-inbound.json'), 'application/json')) as WholeMail;
    expect(mail).toMatchObject({ kind: 'mail', recipient: 'abc+t_8f14e45fceea167a5a36dedd4bea2543@inbound.parley.example', sender: 'erika@customer.example' });
    const read = await parsed(mail);
    expect(read).toMatchObject({ subject: 'Re: Frage', text: 'Danke', from: [{ address: 'erika@customer.example', name: 'Erika Mustermann' }], attachments: [{ name: 'a.png', contentType: 'image/png', sizeBytes: 70, inline: true, contentId: 'a@x' }] });
    expect(read.headers).toContainEqual({ key: 'message-id', value: '<mail-41@customer.example>' });
    expect(read.headers).toContainEqual({ key: 'in-reply-to', value: '<parley.1042.7.k3v9@mail.parley.example>' });
  });

  it('MAIL-1 the raw mail is preferred', () => {
    const posted = { ...(JSON.parse(fixture('41-postmark-inbound.json').toString()) as object), RawEmail: 'From: a@x.example\r\n\r\nRaw' };
    expect((postmark.read(raw(JSON.stringify(posted), 'application/json')) as WholeMail).raw.toString()).toBe('From: a@x.example\r\n\r\nRaw');
  });
});

describe('SendGrid', () => {
  it('MAIL-1 the raw mail is taken byte for byte, for the recipient of the envelope', () => {
    const body = multipart([['name="to"', 'nobody@brand.example'], ['name="envelope"', '{"to":["a@in.example","b+t_abcdefghijklmnopqrstuvwxyz@in.example"],"from":"ada@customer.example"}'], ['name="email"', MAIL]]);
    expect(sendgrid.read(raw(body, FORM))).toEqual({ kind: 'mail', raw: MAIL, sender: 'ada@customer.example', recipient: 'b+t_abcdefghijklmnopqrstuvwxyz@in.example', once: null });
  });

  it('MAIL-6 without the raw mode it is quarantined and says what to do', () => {
    expect(sendgrid.read(raw(multipart([['name="text"', 'Hi'], ['name="envelope"', '{"to":["a@in.example"]}']]), FORM))).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('raw') });
  });
});

describe('Mailgun', () => {
  const key = { signingKey: 'mg_test_signing_key' };
  const posted = fixture('40-mailgun-route.form');
  const signed = (timestamp: number) => new URLSearchParams({ timestamp: String(timestamp), token: 't', signature: createHmac('sha256', 'mg_test_signing_key').update(`${timestamp}t`).digest('hex') }).toString();
  const FIELDS = 'application/x-www-form-urlencoded';

  it('MAIL-1 is known by its signature, while it is fresh', () => {
    expect(mailgun.verify(raw(posted, FIELDS), key)).toBe(true);
    expect(mailgun.verify(raw(posted, FIELDS), { signingKey: 'another' })).toBe(false);
    expect(mailgun.verify(raw(posted.toString().replace('token=a1', 'token=a2'), FIELDS), key)).toBe(false);
    const now = NOW.getTime() / 1000;
    expect([now, now - 8 * 3600, now - 13 * 3600, now + 3600].map((at) => mailgun.verify(raw(signed(at), FIELDS), key))).toEqual([true, true, false, false]);
  });

  it('MAIL-1 what it took apart is a mail again, and its token marks it', async () => {
    const mail = mailgun.read(raw(posted, FIELDS)) as WholeMail;
    expect(mail).toMatchObject({ recipient: 'support@parley.example', sender: 'erika@customer.example', once: 'a1b2c3d4e5f60718293a4b5c6d7e8f901a2b3c4d5e6f708192' });
    expect(await parsed(mail)).toMatchObject({ subject: 'Frage', text: 'Hallo\n', from: [{ address: 'erika@customer.example' }], headers: expect.arrayContaining([{ key: 'message-id', value: '<mg-1@customer.example>' }]) });
  });

  it('MAIL-1 the raw mail is preferred, and files are taken from the form', async () => {
    const body = multipart([['name="recipient"', 'a@in.example'], ['name="body-mime"', MAIL]]);
    expect((mailgun.read(raw(body, FORM)) as WholeMail).raw.equals(MAIL)).toBe(true);
    const files = multipart([['name="recipient"', 'a@in.example'], ['name="body-plain"', 'Hi'], ['name="from"', 'ada@customer.example'], ['name="attachment-1"; filename="ü.bin"', Buffer.from([1, 2, 255])]]);
    expect(await parsed(mailgun.read(raw(files, FORM)) as WholeMail)).toMatchObject({ text: 'Hi', attachments: [{ name: 'ü.bin', sizeBytes: 3 }] });
  });
});

describe('whatever is posted', () => {
  const bodies: [string, Buffer][] = [[FORM, multipart([['name="envelope"', '{"to":["a@x"]}'], ['name="email"', MAIL]])], ['application/json', fixture('41-postmark-inbound.json')], ['application/x-www-form-urlencoded', fixture('40-mailgun-route.form')]];

  it('MAIL-6 is a mail or unreadable, and nothing throws', () => {
    fc.assert(fc.property(fc.constantFrom(...bodies), fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 40 }), ([contentType, body], at, to, put) => {
      const changed = Buffer.concat([body.subarray(0, at % body.length), put, body.subarray(to % body.length)]);
      for (const hook of [postmark, sendgrid, mailgun]) {
        const read = hook.read(raw(changed, contentType));
        if (read.kind === 'mail') expect(read.recipient && Buffer.isBuffer(read.raw)).toBeTruthy();
        else expect(read.reason).toBeTruthy();
        hook.verify(raw(changed, contentType), { hookUser: 'a', hookPassword: 'b', signingKey: 'c' });
      }
    }), { numRuns: 2000 });
  });

  it('a form of parts is cut where its boundary says, and nowhere else', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (values) => {
      const body = multipart(values.map((value, n) => [`name="f${n}"`, Buffer.from(value)]));
      expect(fieldsOf(FORM, body).map(({ bytes }) => [...bytes])).toEqual(values.map((value) => [...value]));
    }));
  });

  it('a header of a mail that is put together cannot bring another', () => {
    const mail = mimeOf({ headers: [['Subject', 'x\r\nBcc: eve@x.example\r\n\r\nbody'], ['Evil\r\nBcc', 'x'], ['Content-Type', 'text/html']], text: 'Hi', html: '', files: [] }).toString();
    expect(mail.split('\r\n\r\n')[0]).not.toMatch(/^(bcc|evil)/im);
    expect(mail).not.toContain('text/html');
  });
});
