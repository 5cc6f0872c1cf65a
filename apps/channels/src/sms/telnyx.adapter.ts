import { z } from 'zod';
import type { ChannelAdapter, ConnectedChannel, Failure, HttpReply, InboundMessage, Io, Outbound, Raw, Read, Receipt, SendIo, Sent, Status } from '../adapter.js';
import { Outage } from '../adapter.js';
import { identify, jsonIn, optedOut, referenceIn } from './sender.rules.js';
import { TELNYX_ERRORS, TELNYX_STATES } from './telnyx-codes.rules.js';
import { isSignedByTelnyx } from './telnyx-signature.rules.js';

const TIMEOUT_MS = 15_000;
/** Telnyx’s records come in behind its messages: until then, that one is missing says nothing. */
const RECORDS_LAG_MS = 15 * 60_000;

type Settings = { phoneNumber: string; messagingProfileId: string | null };
type Credentials = { apiKey: string; publicKey: string };

const Party = z.object({ phone_number: z.string().catch(''), status: z.string().catch('') });
const Problem = z.object({ code: z.coerce.string(), title: z.string().nullish(), detail: z.string().nullish() });
const Instant = z.iso.datetime({ offset: true }).nullable().catch(null);
const Payload = z.object({
  id: z.string().regex(/^[\w-]{1,128}$/),
  from: Party.optional().catch(undefined),
  to: z.array(Party).catch([]),
  text: z.string().catch(''),
  media: z.array(z.object({ url: z.string(), content_type: z.string().catch('application/octet-stream'), size: z.int().nonnegative().catch(0) })).catch([]),
  errors: z.array(Problem).catch([]),
  received_at: Instant,
});
type Payload = z.output<typeof Payload>;
const Delivery = z.object({ data: z.object({ event_type: z.string(), occurred_at: Instant, payload: Payload }) });
const Accepted = z.object({ data: z.object({ id: z.string().min(1), to: z.array(Party).catch([]) }) });
const Records = z.object({ data: z.array(z.object({ id: z.string().optional(), uuid: z.string().optional(), tags: z.union([z.string(), z.array(z.string())]).nullish(), status: z.string().catch('') })) });

/** SMS by Telnyx: JSON with Ed25519 signatures, API v2. https://developers.telnyx.com/docs/messaging */
export class TelnyxAdapter implements ChannelAdapter {
  readonly channel = 'sms';
  readonly provider = 'telnyx';

  constructor(private readonly apiUrl: string) {}

  verify(raw: Raw, channel: ConnectedChannel): boolean {
    const { publicKey } = channel.credentials as Credentials;
    return isSignedByTelnyx({ publicKey, signature: raw.headers['telnyx-signature-ed25519'] ?? '', timestamp: raw.headers['telnyx-timestamp'] ?? '', body: raw.body, at: raw.receivedAt });
  }

  read(raw: Raw): Read[] {
    const delivery = Delivery.safeParse(jsonIn(raw.body)).data?.data;
    if (!delivery) return [{ kind: 'unreadable', reason: 'No event of a message' }];
    const { event_type: type, payload } = delivery;
    if (type === 'message.received') return [messageOf(payload, delivery.occurred_at)];
    if (type === 'message.sent' || type === 'message.finalized') return statusOf(payload, referenceIn(raw.url), delivery.occurred_at);
    return [{ kind: 'ignored', reason: `Event ${type.slice(0, 40)}` }];
  }

  ack(): HttpReply {
    return { status: 200, contentType: 'application/json', body: '{}' };
  }

  /** The key makes a repeat harmless where Telnyx honours it; by the tag its records are asked before there is one. */
  async send(message: Outbound, channel: ConnectedChannel, io: SendIo): Promise<Receipt> {
    const { phoneNumber, messagingProfileId } = channel.settings as Settings;
    const media = await Promise.all(message.attachments.map((file) => io.link(file)));
    const body = {
      from: phoneNumber, to: message.to.value, text: message.text, tags: [message.id], use_profile_webhooks: false,
      ...(messagingProfileId && { messaging_profile_id: messagingProfileId }),
      ...(media.length && { media_urls: media }),
      ...(channel.webhookUrl && { webhook_url: `${channel.webhookUrl}?ref=${message.id}` }),
    };
    const answer = await this.call('POST', '/v2/messages', channel, io, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', 'idempotency-key': message.id } });
    if (answer.status >= 500) return { outcome: 'unknown', reason: `Telnyx answered ${answer.status}` };
    if (answer.status >= 300) return refusal(answer, message);
    const taken = Accepted.safeParse(jsonIn(answer.body)).data?.data;
    return taken ? { outcome: 'sent', providerMessageId: taken.id, state: reached(taken.to[0]?.status) } : { outcome: 'unknown', reason: `Telnyx answered ${answer.status} without an id` };
  }

  async reconcile(message: Outbound, channel: ConnectedChannel, io: Io): Promise<Sent[]> {
    const since = new Date(message.firstTriedAt.getTime() - 60_000).toISOString();
    const query = new URLSearchParams({ 'filter[record_type]': 'messaging', 'filter[cld]': message.to.value, 'filter[created_at][gte]': since, 'page[size]': '50' });
    const answer = await this.call('GET', `/v2/detail_records?${query}`, channel, io);
    const records = answer.status === 200 ? Records.safeParse(jsonIn(answer.body)).data?.data : undefined;
    if (!records) throw new Outage(`Telnyx’s records answered ${answer.status}`);
    const found = records.flatMap(({ id, uuid, tags, status }): Sent[] => {
      const name = uuid ?? id;
      return name && [tags ?? []].flat().some((tag) => tag.includes(message.id)) ? [{ outcome: 'sent', providerMessageId: name, state: reached(status) }] : [];
    });
    if (!found.length && io.at.getTime() - message.firstTriedAt.getTime() < RECORDS_LAG_MS) throw new Outage('Telnyx’s records do not know it yet', 120);
    return found;
  }

  private async call(method: 'GET' | 'POST', path: string, channel: ConnectedChannel, io: Io, { body, headers }: { body?: string; headers?: Record<string, string> } = {}) {
    const { apiKey } = channel.credentials as Credentials;
    const answer = await io.http.send({ method, url: this.apiUrl + path, headers: { authorization: `Bearer ${apiKey}`, ...headers }, ...(body !== undefined && { body }), timeoutMs: TIMEOUT_MS });
    if (answer.status === 429 || answer.status === 503) throw new Outage(`Telnyx answered ${answer.status}`, Number(answer.headers['retry-after']) || undefined);
    return answer;
  }
}

function messageOf({ id, from, text, media, received_at }: Payload, occurredAt: string | null): Read {
  const sender = identify(from?.phone_number ?? '');
  if (!sender) return { kind: 'unreadable', reason: 'No sender' };
  const message: InboundMessage = {
    kind: 'message',
    providerMessageId: id,
    from: [sender],
    text,
    attachments: media.map(({ url, content_type: contentType, size: sizeBytes }, at) => ({
      name: (URL.canParse(url) ? new URL(url).pathname.split('/').at(-1) : '') || `media-${at + 1}`, contentType, sizeBytes, inline: false, remote: { url },
    })),
    occurredAt: received_at ?? occurredAt,
  };
  return message;
}

function statusOf({ id, to: [recipient], errors: [error] }: Payload, reference: string | null, occurredAt: string | null): Read[] {
  const state = TELNYX_STATES.get(recipient?.status ?? '');
  if (!state) return [{ kind: 'ignored', reason: `Status ${(recipient?.status ?? '').slice(0, 40)}` }];
  const said: Status = { kind: 'status', providerMessageId: id, reference, state, failure: null, occurredAt };
  if (state !== 'failed') return [said];
  const failure = failureOf(error, `Telnyx says ${recipient!.status}`);
  const kind = TELNYX_ERRORS.get(failure.code)?.class;
  const person = identify(recipient!.phone_number);
  return [{ ...said, failure, ...(kind && { class: kind }) }, ...(kind === 'consent' && person ? [optedOut(person, 'Telnyx', failure)] : [])];
}

/** Telnyx’s own words where there are some. */
const failureOf = (error: z.output<typeof Problem> | undefined, otherwise: string): Failure => ({
  code: error?.code ?? 'unknown',
  reason: error?.detail || error?.title || TELNYX_ERRORS.get(error?.code ?? '')?.reason || otherwise,
});

function refusal(answer: { status: number; body: Buffer }, message: Outbound): Receipt {
  const error = z.array(Problem).catch([]).parse(jsonIn(answer.body)['errors'])[0];
  const failure = failureOf(error ?? { code: String(answer.status) }, `Telnyx answered ${answer.status}`);
  const kind = TELNYX_ERRORS.get(failure.code)?.class ?? (answer.status === 401 ? 'auth' : 'permanent');
  return { outcome: 'refused', failure, class: kind, ...(kind === 'consent' && { consent: optedOut(message.to, 'Telnyx', failure) }) };
}

/** The first states of an accepted message; later ones come by callback. */
const reached = (status: string | undefined): Sent['state'] => {
  const state = TELNYX_STATES.get(status ?? '');
  return state === 'sent' || state === 'delivered' ? state : 'queued';
};
