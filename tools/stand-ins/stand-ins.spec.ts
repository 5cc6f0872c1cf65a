import { describe, expect, it } from '@jest/globals';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import twilio from 'twilio';
import { until } from '../launcher/waiting.js';
import { customerTexts } from './customer.js';
import { MAILBOX_USER } from './mailbox.js';
import type { Received } from './received.js';
import { postSigned, twilioSignature } from './signature.js';
import { PRETEND_AUTH_TOKEN } from './stand-ins.js';
import { watchStandIns } from './watched.js';

const SID = 'ACffffffffffffffffffffffffffffffff';
const BRAND = '+15005550100';

const here = watchStandIns();

const client = (authToken = PRETEND_AUTH_TOKEN) => {
  const rest = twilio(SID, authToken, { maxRetries: 0 });
  const request = rest.request.bind(rest);
  rest.request = (options) => request({ ...options, uri: options.uri?.replace('https://api.twilio.com', here.world.twilioUrl) });
  return rest.messages;
};
const send = (more: { to?: string; body?: string; statusCallback?: string } = {}) => client().create({ to: '+15035550142', from: BRAND, body: 'On its way', ...more });
const statuses = () => here.posted.map(({ body }) => new URLSearchParams(body).get('MessageStatus'));

describe('the pretended Twilio, asked by its own client', () => {
  it('sends, and lists what it has sent', async () => {
    const sent = await send({ body: 'Så fint! 🎉' });
    expect(sent).toMatchObject({ status: 'queued', direction: 'outbound-api', to: '+15035550142', from: BRAND, body: 'Så fint! 🎉' });
    expect(sent.sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(sent.dateCreated).toBeInstanceOf(Date);
    await send({ to: '+15035550143' });
    expect((await client().list({ to: '+15035550142', dateSent: sent.dateCreated })).map(({ sid }) => sid)).toEqual([sent.sid]);
    expect(await client().list({ to: '+15035550142', dateSent: new Date('2020-01-01') })).toEqual([]);
    expect(await client().list({ pageSize: 1 })).toHaveLength(2);
  });

  it('refuses a wrong auth token', async () => {
    await expect(client('wrong').create({ to: '+15035550142', from: BRAND, body: 'x' })).rejects.toMatchObject({ status: 401, code: 20003 });
    expect(here.world.received.sms).toEqual([]);
  });

  it.each([
    ['+15005550004', 21610, 'Attempt to send to unsubscribed recipient'],
    ['+15005550001', 21211, expect.stringContaining("Invalid 'To' Phone Number")],
    ['+15005550009', 21614, expect.anything()],
    ['nobody', 21211, expect.anything()],
  ])('cannot send to %s: %i', async (to, code, message) => {
    await expect(send({ to })).rejects.toMatchObject({ status: 400, code, message, moreInfo: `https://www.twilio.com/docs/errors/${code}` });
    expect(here.world.received).toMatchObject({ sms: [], refused: [{ to, code }] });
  });

  it.each([429, 500, 503] as const)('answers %i while told to', async (status) => {
    here.world.faults.twilioStatus = status;
    await expect(send()).rejects.toMatchObject({ status });
    here.world.faults.twilioStatus = null;
    await expect(send()).resolves.toMatchObject({ status: 'queued' });
    expect(here.world.received.sms).toHaveLength(1);
  });

  it('loses the answer of what it has sent, while told to', async () => {
    here.world.faults.twilioLosesAnswer = true;
    await expect(send()).rejects.toThrow();
    expect(here.world.received.sms).toHaveLength(1);
  });

  it('does not answer at all, while told to', async () => {
    here.world.faults.twilioHangs = true;
    const asked = fetch(`${here.world.twilioUrl}/2010-04-01/Accounts/${SID}/Messages.json`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${SID}:${PRETEND_AUTH_TOKEN}`).toString('base64')}` }, body: 'To=%2B15035550142', signal: AbortSignal.timeout(200),
    });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(here.world.received.sms).toEqual([]);
  });
});

describe('status callbacks', () => {
  it('tell sent, then delivered, with a signature that Twilio’s own code accepts', async () => {
    const statusCallback = `${here.hookUrl}/hooks/abc?x=1`;
    const { sid } = await send({ statusCallback });
    await until(() => here.world.received.callbacks.length === 2, 'two callbacks', 60_000);
    expect(statuses()).toEqual(['sent', 'delivered']);
    for (const { headers, body } of here.posted) {
      const form = Object.fromEntries(new URLSearchParams(body));
      expect(form).toMatchObject({ MessageSid: sid, AccountSid: SID, To: '+15035550142', From: BRAND });
      expect(twilio.validateRequest(PRETEND_AUTH_TOKEN, String(headers['x-twilio-signature']), statusCallback, form)).toBe(true);
      expect(twilio.validateRequest('another', String(headers['x-twilio-signature']), statusCallback, form)).toBe(false);
    }
    expect(here.world.received.sms[0]).toMatchObject({ sid, status: 'delivered' });
  });

  it('come doubled and in the wrong order, while told to', async () => {
    Object.assign(here.world.faults, { callbacksDoubled: true, callbacksReversed: true });
    await send({ statusCallback: here.hookUrl });
    await until(() => here.world.received.callbacks.length === 4, 'four callbacks', 60_000);
    expect(statuses()).toEqual(['delivered', 'delivered', 'sent', 'sent']);
  });

  it('tell the reason of a failure', async () => {
    here.world.faults.undeliveredCode = 30003;
    await send({ statusCallback: here.hookUrl });
    await until(() => here.world.received.callbacks.length === 2, 'two callbacks', 60_000);
    expect(statuses()).toEqual(['sent', 'undelivered']);
    expect(here.posted.at(-1)?.body).toContain('ErrorCode=30003');
  });
});

describe('a customer’s text', () => {
  const text = { authToken: PRETEND_AUTH_TOKEN, accountSid: SID, from: '+15035550142', to: BRAND, body: ' Où est ma commande ? 🙂 ' };

  it('arrives signed; the same sid again is a redelivery of the same bytes', async () => {
    const webhookUrl = `${here.hookUrl}/hooks/key`;
    const { sid, status } = await customerTexts({ ...text, webhookUrl });
    await customerTexts({ ...text, webhookUrl, sid });
    expect(status).toBe(200);
    const form = Object.fromEntries(new URLSearchParams(here.posted[0]?.body));
    expect(form).toMatchObject({ MessageSid: sid, Body: text.body, From: text.from, To: BRAND, SmsStatus: 'received', NumMedia: '0' });
    expect(twilio.validateRequest(PRETEND_AUTH_TOKEN, String(here.posted[0]?.headers['x-twilio-signature']), webhookUrl, form)).toBe(true);
    expect(here.posted[1]?.body).toBe(here.posted[0]?.body);
  });

  it('is signed for its public address wherever it is brought', async () => {
    const webhookUrl = 'https://desk.example/hooks/key';
    await customerTexts({ ...text, webhookUrl, through: `${here.hookUrl}/hooks/key`, media: [{ url: 'https://media.example/1', contentType: 'image/png' }] });
    const form = Object.fromEntries(new URLSearchParams(here.posted[0]?.body));
    expect(form).toMatchObject({ NumMedia: '1', MediaUrl0: 'https://media.example/1', MediaContentType0: 'image/png' });
    expect(twilio.validateRequest(PRETEND_AUTH_TOKEN, String(here.posted[0]?.headers['x-twilio-signature']), webhookUrl, form)).toBe(true);
  });

  it('signs several values of one field as Twilio does', async () => {
    const form = { Body: 'a', Media: ['z', 'b', 'z'], Empty: '' };
    expect(twilioSignature('secret', 'https://desk.example/x', form)).toBe(twilio.getExpectedTwilioSignature('secret', 'https://desk.example/x', form));
    await postSigned('secret', here.hookUrl, form);
    expect(here.posted[0]?.body).toBe('Body=a&Media=z&Media=b&Media=z&Empty=');
  });
});

describe('the mail sink', () => {
  const mail = { from: 'Shop <help@shop.example>', to: 'kim@mail.example', subject: 'Ihre Bestellung – größer', text: 'Hallo', html: '<p>Hallo <script>1</script></p>', headers: { 'X-Parley': 'abc' }, inReplyTo: '<a@b>' };
  const deliver = () => createTransport(here.world.smtpUrl).sendMail(mail);

  it('keeps mails, parsed', async () => {
    await deliver();
    expect(here.world.received.mails).toMatchObject([
      { envelope: { from: 'help@shop.example', to: ['kim@mail.example'] }, subject: mail.subject, text: expect.stringMatching('Hallo'), headers: { 'x-parley': 'abc', 'in-reply-to': '<a@b>' } },
    ]);
  });

  it.each([
    ['smtpRecipientCode', 450], ['smtpRecipientCode', 550], ['smtpDataCode', 451], ['smtpDataCode', 554],
  ] as const)('refuses by %s %i while told to', async (fault, code) => {
    Object.assign(here.world.faults, { [fault]: code });
    await expect(deliver()).rejects.toMatchObject({ responseCode: code });
    expect(here.world.received.mails).toEqual([]);
  });
});

describe('the mailbox', () => {
  it('is read over IMAP, tells of what comes, and refuses while told to', async () => {
    const { hostname, port } = new URL(here.world.imapUrl);
    const reader = () => new ImapFlow({ host: hostname, port: Number(port), secure: false, doSTARTTLS: false, auth: { user: MAILBOX_USER, pass: PRETEND_AUTH_TOKEN }, logger: false });
    here.world.faults.imapRefusesLogin = true;
    await expect(reader().connect()).rejects.toMatchObject({ authenticationFailed: true });
    here.world.faults.imapRefusesLogin = false;
    const open = reader();
    await open.connect();
    try {
      await open.mailboxOpen('INBOX', { readOnly: true });
      const told = new Promise((resolve) => open.once('exists', resolve));
      void open.idle();
      await fetch(`${here.world.pageUrl}/api/mailbox`, { method: 'POST', body: 'Subject: Hi\r\n\r\nThere' });
      await told;
      const message = await open.fetchOne('1', { source: true }, { uid: true });
      expect(message && message.source?.toString()).toBe('Subject: Hi\r\n\r\nThere');
    } finally {
      open.close();
    }
  });
});

describe('the page', () => {
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(here.world.pageUrl + path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  };

  it('shows what came in, and escapes it', async () => {
    await send({ body: '<b>bold</b>' });
    const { text: html } = await ask('GET', '/');
    expect(html).toContain('&#60;b&#62;bold');
    expect(html).not.toContain('<b>bold');
    expect((JSON.parse((await ask('GET', '/api/received')).text) as Received).sms).toMatchObject([{ body: '<b>bold</b>' }]);
    await ask('DELETE', '/api/received');
    expect(here.world.received.sms).toEqual([]);
  });

  it('switches faults, refuses unknown ones, and sets all back', async () => {
    expect((await ask('POST', '/api/faults', { twilioStatus: 503 })).status).toBe(200);
    await ask('POST', '/api/faults', { callbacksOff: true });
    expect(here.world.faults).toMatchObject({ twilioStatus: 503, callbacksOff: true });
    expect((await ask('POST', '/api/faults', { twilioStatus: 200 })).status).toBe(400);
    expect((await ask('POST', '/api/faults', { nonsense: true })).status).toBe(400);
    await ask('POST', '/api/faults', {});
    expect(here.world.faults).toMatchObject({ twilioStatus: null, callbacksOff: false });
    expect((await ask('GET', '/other')).status).toBe(404);
  });
});
