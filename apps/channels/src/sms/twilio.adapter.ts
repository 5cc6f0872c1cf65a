import type { Identifier, Keyword } from '@parley/contracts/channels';
import type { ChannelAdapter, ConnectedChannel, ConsentReport, Failure, HttpReply, InboundMessage, Io, Outbound, Raw, Read, Receipt, Sent, Status } from '../adapter.js';
import { Outage } from '../adapter.js';
import { TWILIO_ERRORS, TWILIO_STATES } from './twilio-codes.rules.js';
import { type Form, form, isSignedByTwilio } from './twilio-signature.rules.js';

const OPT_OUT_TYPES = new Map<string, Keyword>([['STOP', 'stop'], ['START', 'start'], ['HELP', 'help']]);
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
const TIMEOUT_MS = 15_000;

type Settings = { phoneNumber: string; messagingServiceSid: string | null };
type Credentials = { accountSid: string; authToken: string };
type Resource = { sid: string; status: string; body?: string; from?: string | null; direction?: string; date_created?: string };

/** SMS by Twilio: webhooks as forms, sending by the REST API of 2010-04-01. https://www.twilio.com/docs/messaging */
export class TwilioAdapter implements ChannelAdapter {
  readonly channel = 'sms';
  readonly provider = 'twilio';

  constructor(private readonly apiUrl: string) {}

  verify(raw: Raw, channel: ConnectedChannel): boolean {
    const { authToken } = channel.credentials as Credentials;
    return isSignedByTwilio({ authToken, signature: raw.headers['x-twilio-signature'] ?? '', url: raw.url, body: raw.body });
  }

  read(raw: Raw): Read[] {
    const fields = form(raw.method === 'GET' ? raw.url.slice(raw.url.indexOf('?') + 1) : raw.body.toString('utf8'));
    const sid = one(fields, 'MessageSid') || one(fields, 'SmsSid');
    if (!/^[\w-]{1,128}$/.test(sid)) return [{ kind: 'unreadable', reason: 'No MessageSid' }];
    const status = one(fields, 'MessageStatus') || one(fields, 'SmsStatus');
    if (status && status !== 'received') return statusOf(fields, sid, status, raw);
    const from = identify(one(fields, 'From'));
    return from ? [messageOf(fields, sid, from)] : [{ kind: 'unreadable', reason: 'No From' }];
  }

  ack(): HttpReply {
    return { status: 200, contentType: 'text/xml', body: EMPTY_TWIML };
  }

  async send(message: Outbound, channel: ConnectedChannel, io: Io): Promise<Receipt> {
    const { phoneNumber, messagingServiceSid } = channel.settings as Settings;
    const body = new URLSearchParams({ To: message.to.value, Body: message.text });
    if (messagingServiceSid) body.set('MessagingServiceSid', messagingServiceSid);
    else body.set('From', phoneNumber);
    if (channel.webhookUrl) body.set('StatusCallback', `${channel.webhookUrl}?ref=${message.id}`);
    const answer = await this.call('POST', '', body.toString(), channel, io);
    if (answer.status >= 200 && answer.status < 300) {
      const { sid, status } = json(answer.body) as Partial<Resource>;
      if (!sid) return { outcome: 'unknown', reason: `Twilio answered ${answer.status} without a sid` };
      return { outcome: 'sent', providerMessageId: sid, state: reached(status) };
    }
    if (answer.status >= 500) return { outcome: 'unknown', reason: `Twilio answered ${answer.status}` };
    return refusal(answer, message);
  }

  /** Twilio knows no idempotency key: before a message is repeated, its listing is compared by recipient, text, sender and time. */
  async reconcile(message: Outbound, channel: ConnectedChannel, io: Io): Promise<Sent[]> {
    const { phoneNumber, messagingServiceSid } = channel.settings as Settings;
    const since = new Date(message.firstTriedAt.getTime() - 60_000);
    const query = new URLSearchParams({ To: message.to.value, 'DateSent>': since.toISOString().slice(0, 10), PageSize: '1000' });
    const answer = await this.call('GET', `?${query}`, undefined, channel, io);
    if (answer.status !== 200) throw new Outage(`Twilio’s listing answered ${answer.status}`);
    const listed = ((json(answer.body) as { messages?: Resource[] }).messages ?? []).filter(
      (one) =>
        one.sid && one.body === message.text && one.direction !== 'inbound' && (messagingServiceSid || !one.from || one.from === phoneNumber) && !(Date.parse(one.date_created ?? '') < since.getTime()),
    );
    return listed.map((one): Sent => ({ outcome: 'sent', providerMessageId: one.sid, state: reached(one.status) })).reverse(); // Twilio lists the newest first
  }

  private async call(method: 'GET' | 'POST', query: string, body: string | undefined, channel: ConnectedChannel, io: Io) {
    const { accountSid, authToken } = channel.credentials as Credentials;
    const answer = await io.http.send({
      method,
      url: `${this.apiUrl}/2010-04-01/Accounts/${accountSid}/Messages.json${query}`,
      headers: {
        authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body === undefined ? {} : { body }),
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.status === 429 || answer.status === 503) throw new Outage(`Twilio answered ${answer.status}`, Number(answer.headers['retry-after']) || undefined);
    return answer;
  }
}

const one = (fields: Form, name: string): string => fields.get(name)?.[0] ?? '';

/** A sender that is no number (alphanumeric, short code) is kept as it is: nobody can be answered there (TKT-11). */
function identify(sender: string): Identifier | null {
  if (!sender.trim()) return null;
  return /^\+[1-9]\d{6,14}$/.test(sender) ? { type: 'phone', value: sender, verified: true } : { type: 'alnum', value: sender.slice(0, 512), verified: false };
}

function messageOf(fields: Form, sid: string, from: Identifier): InboundMessage {
  const hint = OPT_OUT_TYPES.get(one(fields, 'OptOutType').toUpperCase());
  const media = Math.min(Number(one(fields, 'NumMedia')) || 0, 10);
  return {
    kind: 'message',
    providerMessageId: sid,
    from: [from],
    text: one(fields, 'Body'),
    attachments: Array.from({ length: media }, (_, index) => ({
      name: one(fields, `MediaUrl${index}`).split('/').at(-1) || `media-${index + 1}`,
      contentType: one(fields, `MediaContentType${index}`) || 'application/octet-stream',
      sizeBytes: 0, // told when it is fetched
      inline: false,
    })),
    keyword: hint ?? null,
    providerReplied: hint !== undefined,
    occurredAt: null,
  };
}

function statusOf(fields: Form, sid: string, status: string, raw: Raw): Read[] {
  const state = TWILIO_STATES.get(status);
  if (!state) return [{ kind: 'ignored', reason: `MessageStatus ${status.slice(0, 40)}` }];
  const reference = /[?&]ref=([0-9a-f-]{36})(&|$)/.exec(raw.url)?.[1] ?? null;
  const said: Status = { kind: 'status', providerMessageId: sid, reference, state, failure: null, occurredAt: null };
  return state === 'failed' ? failed(fields, { ...said, failure: failureOf(one(fields, 'ErrorCode'), one(fields, 'ErrorMessage'), `Twilio says ${status}`) }) : [said];
}

function failed(fields: Form, said: Status & { failure: Failure }): Read[] {
  const to = identify(one(fields, 'To'));
  return to && TWILIO_ERRORS.get(said.failure.code)?.class === 'consent' ? [said, optedOut(to, said.failure)] : [said];
}

/** Twilio's own words where there are some. */
const failureOf = (code: string, message: unknown, otherwise: string): Failure => ({
  code: code || 'unknown',
  reason: typeof message === 'string' && message ? message : (TWILIO_ERRORS.get(code)?.reason ?? otherwise),
});

const optedOut = (identifier: Identifier, failure: Failure): ConsentReport => ({
  kind: 'consent',
  identifier,
  kinds: ['sms_marketing', 'sms_transactional'],
  state: 'revoked',
  source: 'provider',
  evidence: `Twilio ${failure.code}: ${failure.reason}`,
});

function refusal(answer: { status: number; body: Buffer }, message: Outbound): Receipt {
  const said = json(answer.body) as { code?: unknown; message?: unknown };
  const code = String(said.code ?? answer.status);
  if (code === '20429') throw new Outage('Twilio: too many requests');
  const failure = failureOf(code, said.message, `Twilio answered ${answer.status}`);
  const kind = TWILIO_ERRORS.get(code)?.class ?? 'permanent';
  return { outcome: 'refused', failure, class: kind, ...(kind === 'consent' && { consent: optedOut(message.to, failure) }) };
}

/** The first states of an accepted message; later ones come by callback. */
const reached = (status: string | undefined): Sent['state'] => {
  const state = TWILIO_STATES.get(status ?? '');
  return state === 'sent' || state === 'delivered' ? state : state === 'read' ? 'delivered' : 'queued';
};

function json(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
