import { createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { note, type ReceivedSms } from './received.js';
import type { World } from './twilio.js';
import { serve, type Answer, type Asked } from './web.js';

/** The API key of every pretended Telnyx account. No secret. */
export const PRETEND_TELNYX_KEY = 'KEY-pretend-of-no-account';
const PRIVATE = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${'22'.repeat(32)}`, 'hex'), format: 'der', type: 'pkcs8' });
/** What its webhooks are verified by: 32 bytes, base64. */
export const PRETEND_TELNYX_PUBLIC_KEY = createPublicKey(PRIVATE).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');

/** A text message of a customer, on its way to the brand. */
export interface TelnyxText {
  /** Of the channel. */
  webhookUrl: string;
  from: string;
  to: string;
  body: string;
  /** Names the message; the same again is a redelivery. Default: a new one. */
  id?: string;
  media?: { url: string; contentType: string }[];
}
type Refusal = { status: number; code: string; title: string };
type Wanted = { from?: string; to?: string; text?: string; media_urls?: string[]; webhook_url?: string; tags?: string[] };

/** Numbers to which nothing can be sent. */
const MAGIC: Record<string, Refusal> = {
  '+15005550001': { status: 400, code: '40310', title: "Invalid 'to' address" },
  '+15005550004': { status: 403, code: '40300', title: 'Blocked due to STOP message' },
};
const TROUBLE: Record<number, Refusal> = {
  429: { status: 429, code: '10011', title: 'Too many requests' },
  500: { status: 500, code: '10007', title: 'Unexpected error' },
  503: { status: 503, code: '10007', title: 'Service unavailable' },
};

/** Telnyx's delivery of a customer's message to a channel, signed now. Never repeats by itself. */
export async function telnyxTexts({ webhookUrl, from, to, body, id = randomUUID(), media = [] }: TelnyxText): Promise<{ id: string; status: number }> {
  const received = { phone_number: to, status: 'webhook_delivered' };
  const payload = {
    direction: 'inbound', id, record_type: 'message', type: media.length ? 'MMS' : 'SMS', from: { phone_number: from, carrier: '', line_type: '' }, to: [received], cc: [], text: body,
    media: media.map(({ url, contentType }) => ({ url, content_type: contentType, size: null, sha256: null })), received_at: new Date().toISOString(),
  };
  return { id, status: await post(webhookUrl, 'message.received', payload) };
}

/** Telnyx's API v2 as far as messages go: POST sends, under one idempotency key once; the detail records tell what was sent. Receipts follow by themselves. */
export async function startTelnyx(port: number, host: string, world: World): Promise<{ url: string; close(): Promise<void> }> {
  const over = new AbortController();
  const sent = new Map<string, { sms: ReceivedSms; tags: string[] }>();
  const server = await serve(port, host, (asked) => answer(asked, world, sent, over.signal));
  const close = () => {
    over.abort();
    return server.close();
  };
  return { url: server.url, close };
}

function answer(asked: Asked, world: World, sent: Map<string, { sms: ReceivedSms; tags: string[] }>, over: AbortSignal): Answer {
  if (asked.headers.authorization !== `Bearer ${PRETEND_TELNYX_KEY}`) return refuse({ status: 401, code: '10009', title: 'Authentication failed' });
  if (asked.method === 'GET' && asked.path === '/v2/detail_records') return { status: 200, body: { data: records([...sent.values()], asked.query.get('filter[cld]')) } };
  if (asked.method !== 'POST' || asked.path !== '/v2/messages') return refuse({ status: 404, code: '10005', title: 'Resource not found' });
  const { twilioStatus, twilioLosesAnswer, callbacksOff } = world.faults;
  const wanted = JSON.parse(asked.body) as Wanted;
  const trouble = twilioStatus ? TROUBLE[twilioStatus] : MAGIC[wanted.to ?? ''];
  if (trouble) {
    note(world.received.refused, { to: wanted.to ?? '', code: Number(trouble.code) }, world.keep);
    return refuse(trouble);
  }
  const key = String(asked.headers['idempotency-key'] ?? randomUUID());
  const known = sent.get(key);
  const { sms } = known ?? accept(wanted, key, sent, world);
  if (!known && sms.statusCallback && !callbacksOff) void report(sms, sms.statusCallback, world, over);
  return twilioLosesAnswer ? 'cut' : { status: 200, body: { data: { id: sms.sid, record_type: 'message', direction: 'outbound', to: [{ phone_number: sms.to, status: 'queued' }], text: sms.body } } };
}

const refuse = ({ status, code, title }: Refusal): Answer => ({ status, body: { errors: [{ code, title, detail: title }] } });

function accept(wanted: Wanted, key: string, sent: Map<string, { sms: ReceivedSms; tags: string[] }>, world: World) {
  const sms: ReceivedSms = {
    sid: randomUUID(), accountSid: 'telnyx', to: wanted.to ?? '', from: wanted.from ?? null, messagingServiceSid: null, body: wanted.text ?? '', media: wanted.media_urls ?? [],
    statusCallback: wanted.webhook_url ?? null, status: 'queued', errorCode: null, at: Date.now(),
  };
  const entry = { sms, tags: wanted.tags ?? [] };
  sent.set(key, entry);
  note(world.received.sms, sms, world.keep);
  return entry;
}

const records = (sent: { sms: ReceivedSms; tags: string[] }[], to: string | null) =>
  sent.filter(({ sms }) => to === null || sms.to === to).map(({ sms, tags }) => ({ record_type: 'messaging', uuid: sms.sid, cld: sms.to, cli: sms.from, status: sms.status, tags, created_at: new Date(sms.at).toISOString() }));

/** The course of a message, told to its webhook. */
async function report(sms: ReceivedSms, webhookUrl: string, { faults, received, keep }: World, over: AbortSignal): Promise<void> {
  const course = [['message.sent', 'sent'], ['message.finalized', faults.undeliveredCode ? 'delivery_failed' : 'delivered']] as const;
  const told = course.flatMap((one) => (faults.callbacksDoubled ? [one, one] : [one]));
  for (const [type, status] of faults.callbacksReversed ? told.reverse() : told) {
    await pause(faults.callbackDelayMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    if (status !== 'sent' || sms.status === 'queued') sms.status = status;
    const errors = status === 'delivery_failed' ? [{ code: '40008', title: 'Undeliverable' }] : [];
    const answered = await post(webhookUrl, type, { direction: 'outbound', id: sms.sid, to: [{ phone_number: sms.to, status }], text: sms.body, errors }).catch(() => null);
    note(received.callbacks, { sid: sms.sid, status, answered }, keep);
  }
}

async function post(url: string, type: string, payload: object): Promise<number> {
  const body = JSON.stringify({ data: { event_type: type, id: randomUUID(), occurred_at: new Date().toISOString(), record_type: 'event', payload }, meta: { attempt: 1, delivered_to: url } });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = { 'content-type': 'application/json', 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': sign(null, Buffer.from(`${timestamp}|${body}`), PRIVATE).toString('base64') };
  return (await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(15_000) })).status;
}
