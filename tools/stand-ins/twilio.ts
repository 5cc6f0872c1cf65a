import { setTimeout as pause } from 'node:timers/promises';
import { newSid } from './customer.js';
import type { Faults } from './faults.js';
import { note, type Received, type ReceivedSms } from './received.js';
import { postSigned, type Form } from './signature.js';
import { errorBody, MAGIC_NUMBERS, TWILIO_ERRORS, type TwilioError } from './twilio-errors.js';
import { serve, type Answer, type Asked } from './web.js';

const E164 = /^\+[1-9]\d{6,14}$/;
const MESSAGES = /^\/2010-04-01\/Accounts\/(AC[0-9a-zA-Z]+)\/Messages\.json$/;

/** What the pretended Twilio shares with the rest of the outside world. */
export interface World {
  authToken: string;
  received: Received;
  faults: Faults;
  keep: number;
}

/** Twilio's Messages resource: POST sends, GET lists. Every account signs in with the one auth token. Callbacks follow by themselves. */
export async function startTwilio(port: number, host: string, world: World): Promise<{ url: string; close(): Promise<void> }> {
  const over = new AbortController();
  const server = await serve(port, host, (asked) => answer(asked, world, over.signal));
  const close = () => {
    over.abort();
    return server.close();
  };
  return { url: server.url, close };
}

async function answer(asked: Asked, world: World, over: AbortSignal): Promise<Answer> {
  const accountSid = MESSAGES.exec(asked.path)?.[1];
  if (!accountSid) return refuse(TWILIO_ERRORS.notFound);
  if (!signedIn(asked, accountSid, world.authToken)) return refuse(TWILIO_ERRORS.authentication);
  if (asked.method === 'GET') return { status: 200, body: list(accountSid, asked.query, world.received.sms) };
  return asked.method === 'POST' ? send(accountSid, new URLSearchParams(asked.body), world, over) : refuse(TWILIO_ERRORS.notFound);
}

const refuse = (error: TwilioError): Answer => ({ status: error.status, body: errorBody(error) });

const signedIn = ({ headers }: Asked, accountSid: string, authToken: string) =>
  headers.authorization === `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;

async function send(accountSid: string, form: URLSearchParams, world: World, over: AbortSignal): Promise<Answer> {
  const { faults, received, keep } = world;
  await pause(faults.twilioLatencyMs, undefined, { signal: over }).catch(() => {});
  if (faults.twilioHangs) return 'never';
  const trouble = troubleWith(form, faults);
  if (trouble) {
    note(received.refused, { to: form.get('To') ?? '', code: trouble.code }, keep);
    return refuse(trouble);
  }
  const sms = accept(accountSid, form);
  note(received.sms, sms, keep);
  const answered = resource(sms);
  if (sms.statusCallback && !faults.callbacksOff) void report(sms, sms.statusCallback, world, over);
  return faults.twilioLosesAnswer ? 'cut' : { status: 201, body: answered };
}

const TROUBLE = { 429: TWILIO_ERRORS.tooMany, 500: TWILIO_ERRORS.internal, 503: TWILIO_ERRORS.unavailable };

function troubleWith(form: URLSearchParams, { twilioStatus }: Faults): TwilioError | undefined {
  if (twilioStatus) return TROUBLE[twilioStatus];
  const { To: to = '', Body: body = '' } = Object.fromEntries(form);
  const hasOneOf = (...names: string[]) => names.some((name) => form.get(name));
  if (!to) return TWILIO_ERRORS.noTo;
  if (!hasOneOf('From', 'MessagingServiceSid')) return TWILIO_ERRORS.noFrom;
  if (!hasOneOf('Body', 'MediaUrl')) return TWILIO_ERRORS.noBody;
  if (body.length > 1600) return TWILIO_ERRORS.tooLong;
  return E164.test(to) ? MAGIC_NUMBERS[to] : MAGIC_NUMBERS['+15005550001'];
}

function accept(accountSid: string, form: URLSearchParams): ReceivedSms {
  const messagingServiceSid = form.get('MessagingServiceSid');
  return {
    sid: newSid(form.has('MediaUrl') ? 'MM' : 'SM'),
    accountSid,
    to: form.get('To') ?? '',
    from: form.get('From'),
    messagingServiceSid,
    body: form.get('Body') ?? '',
    media: form.getAll('MediaUrl'),
    statusCallback: form.get('StatusCallback'),
    status: messagingServiceSid ? 'accepted' : 'queued',
    errorCode: null,
    at: Date.now(),
  };
}

/** A message as the API shows it: https://www.twilio.com/docs/messaging/api/message-resource. */
function resource(sms: ReceivedSms) {
  const uri = `/2010-04-01/Accounts/${sms.accountSid}/Messages/${sms.sid}`;
  const at = new Date(sms.at).toUTCString().replace('GMT', '+0000');
  return {
    account_sid: sms.accountSid, api_version: '2010-04-01', body: sms.body, date_created: at, date_sent: sms.status === 'queued' || sms.status === 'accepted' ? null : at, date_updated: at,
    direction: 'outbound-api', error_code: sms.errorCode, error_message: null, from: sms.from, messaging_service_sid: sms.messagingServiceSid,
    num_media: String(sms.media.length), num_segments: '1', price: null, price_unit: null, sid: sms.sid, status: sms.status,
    subresource_uris: { media: `${uri}/Media.json` }, tags: null, to: sms.to, uri: `${uri}.json`,
  };
}

/** Newest first; `To`, `From`, and `DateSent` with `DateSent<` (until that day) and `DateSent>` (from that day), days in UTC. */
function list(accountSid: string, query: URLSearchParams, sent: ReceivedSms[]) {
  const size = Math.min(Number(query.get('PageSize') ?? 50), 1000);
  const page = Number(query.get('Page') ?? 0);
  const asked = Object.fromEntries([...query].map(([name, value]) => [name, name.startsWith('DateSent') ? value.slice(0, 10) : value]));
  const fits = (sms: ReceivedSms) => {
    const day = new Date(sms.at).toISOString().slice(0, 10);
    const { To: to = sms.to, From: from = sms.from, DateSent: on = day, 'DateSent<': last = day, 'DateSent>': first = day } = asked;
    return sms.to === to && sms.from === from && [on === day, day <= last, first <= day].every(Boolean);
  };
  const all = sent.filter((sms) => sms.accountSid === accountSid && fits(sms)).reverse();
  const messages = all.slice(page * size, (page + 1) * size).map(resource);
  const uri = (at: number) => `/2010-04-01/Accounts/${accountSid}/Messages.json?${new URLSearchParams({ ...asked, PageSize: String(size), Page: String(at) })}`;
  return {
    messages, page, page_size: size, start: page * size, end: page * size + messages.length - 1, uri: uri(page), first_page_uri: uri(0),
    previous_page_uri: page > 0 ? uri(page - 1) : null, next_page_uri: all.length > (page + 1) * size ? uri(page + 1) : null,
  };
}

/** The course of a message, told to its StatusCallback. There is no callback for the first state; none is repeated when it fails. */
async function report(sms: ReceivedSms, callback: string, world: World, over: AbortSignal): Promise<void> {
  const { faults, received, keep, authToken } = world;
  const course = ['sent', faults.undeliveredCode ? 'undelivered' : 'delivered'];
  if (faults.callbacksReversed) course.reverse();
  for (const status of course.flatMap((one) => (faults.callbacksDoubled ? [one, one] : [one]))) {
    await pause(faults.callbackDelayMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    if (status !== 'sent' || sms.status === 'queued' || sms.status === 'accepted') sms.status = status;
    if (status === 'undelivered') sms.errorCode = faults.undeliveredCode;
    const answered = await postSigned(authToken, callback, callbackFields(sms, status)).then((response) => response.status, () => null);
    note(received.callbacks, { sid: sms.sid, status, answered }, keep);
  }
}

function callbackFields(sms: ReceivedSms, status: string): Form {
  return {
    MessageSid: sms.sid, SmsSid: sms.sid, MessageStatus: status, SmsStatus: status, AccountSid: sms.accountSid, ApiVersion: '2010-04-01', To: sms.to,
    ...(sms.from && { From: sms.from }),
    ...(sms.messagingServiceSid && { MessagingServiceSid: sms.messagingServiceSid }),
    ...(status === 'undelivered' && { ErrorCode: String(sms.errorCode) }),
    ...(status !== 'sent' && { RawDlrDoneDate: new Date().toISOString().slice(2, 16).replace(/[-T:]/g, '') }),
  };
}
