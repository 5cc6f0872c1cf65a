import type { Keyword } from '@parley/contracts/channels';
import type { Failure, InboundFile, InboundMessage, Raw, Read, Status } from '../adapter.js';
import { identify, jsonIn, optedOut, referenceIn } from './sender.rules.js';
import { TWILIO_ERRORS, TWILIO_STATES } from './twilio-codes.rules.js';
import { type Form, form } from './twilio-signature.rules.js';

const OPT_OUT_TYPES = new Map<string, Keyword>([['STOP', 'stop'], ['START', 'start'], ['HELP', 'help']]);
/** A message has no more files. */
export const MOST_MEDIA = 10;

/** What Twilio posts: a message of a customer, or the state of one of ours. To the fallback address it posts the same once more, with what went wrong. */
export function readTwilio(raw: Raw): Read[] {
  const fields = fieldsOf(raw);
  const sid = one(fields, 'MessageSid') || one(fields, 'SmsSid');
  if (!/^[\w-]{1,128}$/.test(sid)) return [{ kind: 'unreadable', reason: 'No MessageSid' }];
  const status = one(fields, 'MessageStatus') || one(fields, 'SmsStatus');
  if (status && status !== 'received') return statusOf(fields, sid, status, raw);
  const from = identify(one(fields, 'From'));
  return from ? [messageOf(fields, sid, from)] : [{ kind: 'unreadable', reason: 'No From' }];
}

/** Twilio's own words where there are some. */
export const failureOf = (code: string, message: unknown, otherwise: string): Failure => ({
  code: code || 'unknown',
  reason: typeof message === 'string' && message ? message : (TWILIO_ERRORS.get(code)?.reason ?? otherwise),
});

/** A file at Twilio, which asks for the account's password (2.3). */
const mediaOf = (url: string, contentType: string, at: number): InboundFile => ({
  name: url.split('/').at(-1) || `media-${at + 1}`,
  contentType: contentType || 'application/octet-stream',
  sizeBytes: 0, // told when it is fetched
  inline: false,
  remote: { url },
});

/** A form as a rule; in the query of a GET, or an object of JSON, where the webhook is set so. */
function fieldsOf(raw: Raw): Form {
  if (raw.headers['content-type']?.includes('json')) return fieldsOfJson(raw.body);
  if (raw.method === 'GET') return form(raw.url.slice(raw.url.indexOf('?') + 1));
  return form(raw.body.toString('utf8'));
}

const fieldsOfJson = (body: Buffer): Form =>
  new Map(Object.entries(jsonIn(body)).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' ? [[name, [String(value)]] as const] : [])));

/** Webhooks tell no time; Twilio's listing does. */
function timeIn(date: string): string | null {
  const at = Date.parse(date);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

const one = (fields: Form, name: string): string => fields.get(name)?.[0] ?? '';

function messageOf(fields: Form, sid: string, from: InboundMessage['from'][number]): InboundMessage {
  const hint = OPT_OUT_TYPES.get(one(fields, 'OptOutType').toUpperCase());
  const media = Math.min(Number(one(fields, 'NumMedia')) || 0, MOST_MEDIA);
  return {
    kind: 'message',
    providerMessageId: sid,
    from: [from],
    text: one(fields, 'Body'),
    attachments: Array.from({ length: media }, (_, at) => mediaOf(one(fields, `MediaUrl${at}`), one(fields, `MediaContentType${at}`), at)),
    keyword: hint ?? null,
    providerReplied: hint !== undefined,
    occurredAt: timeIn(one(fields, 'DateSent')),
  };
}

function statusOf(fields: Form, sid: string, status: string, raw: Raw): Read[] {
  const state = TWILIO_STATES.get(status);
  if (!state) return [{ kind: 'ignored', reason: `MessageStatus ${status.slice(0, 40)}` }];
  const said: Status = { kind: 'status', providerMessageId: sid, reference: referenceIn(raw.url), state, failure: null, occurredAt: null };
  if (state !== 'failed') return [said];
  const failure = failureOf(one(fields, 'ErrorCode'), one(fields, 'ErrorMessage'), `Twilio says ${status}`);
  const kind = TWILIO_ERRORS.get(failure.code)?.class;
  const to = identify(one(fields, 'To'));
  return [{ ...said, failure, ...(kind && { class: kind }) }, ...(kind === 'consent' && to ? [optedOut(to, 'Twilio', failure)] : [])];
}
