import type { ChannelAdapter, ConnectedChannel, HttpReply, Io, Media, Outbound, Raw, Read, Receipt, RemoteFile, SendIo, Sent } from '../adapter.js';
import { Outage } from '../adapter.js';
import { jsonIn, optedOut } from './sender.rules.js';
import { TWILIO_ERRORS, TWILIO_STATES } from './twilio-codes.rules.js';
import { failureOf, MOST_MEDIA, readTwilio } from './twilio-reading.rules.js';
import { isSignedByTwilio } from './twilio-signature.rules.js';

const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
const TIMEOUT_MS = 15_000;
/** Where Twilio's media addresses lead on to. */
const STORAGE_HOSTS = ['mms.twiliocdn.com', 'media.twiliocdn.com', 's3-external-1.amazonaws.com', 'com.twilio.prod.twilio-api.s3.amazonaws.com'];
const PAGE_SIZE = 200;
/** A listing goes no further back than so many pages: the rest is for people to look at. */
const MOST_PAGES = 10;

type Settings = { phoneNumber: string; messagingServiceSid: string | null };
type Credentials = { accountSid: string; authToken: string };
type Resource = { sid: string; status: string; body?: string; from?: string | null; direction?: string; date_created?: string; date_sent?: string | null; num_media?: string };
type Page = { messages?: Resource[]; next_page_uri?: string | null };

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
    return readTwilio(raw);
  }

  ack(): HttpReply {
    return { status: 200, contentType: 'text/xml', body: EMPTY_TWIML };
  }

  async send(message: Outbound, channel: ConnectedChannel, io: SendIo): Promise<Receipt> {
    const { phoneNumber, messagingServiceSid } = channel.settings as Settings;
    const body = new URLSearchParams({ To: message.to.value });
    if (message.text || !message.attachments.length) body.set('Body', message.text);
    for (const file of message.attachments) body.append('MediaUrl', await io.link(file));
    if (messagingServiceSid) body.set('MessagingServiceSid', messagingServiceSid);
    else body.set('From', phoneNumber);
    if (channel.webhookUrl) body.set('StatusCallback', `${channel.webhookUrl}?ref=${message.id}`);
    const answer = await this.call('POST', MESSAGES(channel), channel, io, body.toString());
    if (answer.status >= 200 && answer.status < 300) {
      const { sid, status } = jsonIn(answer.body) as Partial<Resource>;
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
    const { messages = [] } = await this.page(`${MESSAGES(channel)}?${query}`, channel, io);
    const listed = messages.filter(
      (one) =>
        one.sid && (one.body ?? '') === message.text && one.direction !== 'inbound' && (messagingServiceSid || !one.from || one.from === phoneNumber) && !(Date.parse(one.date_created ?? '') < since.getTime()),
    );
    return listed.map((one): Sent => ({ outcome: 'sent', providerMessageId: one.sid, state: reached(one.status) })).reverse(); // Twilio lists the newest first
  }

  /** Twilio tries a webhook once and its fallback once: what came to our number stands in its listing all the same. */
  async missed(since: Date, channel: ConnectedChannel, io: Io): Promise<Raw[]> {
    const { phoneNumber } = channel.settings as Settings;
    const query = new URLSearchParams({ To: phoneNumber, 'DateSent>': since.toISOString().slice(0, 10), PageSize: String(PAGE_SIZE) });
    const found: Resource[] = [];
    let next: string | null | undefined = `${MESSAGES(channel)}?${query}`;
    for (let pages = 0; next && pages < MOST_PAGES; pages++) {
      const { messages = [], next_page_uri }: Page = await this.page(next, channel, io);
      found.push(...messages.filter((one) => one.sid && one.direction === 'inbound' && !(whenOf(one) < since.getTime())));
      next = messages.some((one) => whenOf(one) < since.getTime()) ? null : next_page_uri;
    }
    return Promise.all(found.reverse().map((one) => this.asDelivery(one, channel, io)));
  }

  /** Only Twilio's own addresses get the account's password, and only the address itself: what it leads on to does not. */
  media(file: RemoteFile, channel: ConnectedChannel): Promise<Media> {
    const own = 'url' in file && URL.canParse(file.url) && new URL(file.url).host === new URL(this.apiUrl).host;
    if (!own) return Promise.resolve({ outcome: 'refused', failure: { code: 'foreign_media', reason: 'The file is not at Twilio' }, class: 'content' });
    return Promise.resolve({ outcome: 'found', url: file.url, headers: authorization(channel), redirectHosts: [...STORAGE_HOSTS, new URL(this.apiUrl).host] });
  }

  async discard(file: RemoteFile, channel: ConnectedChannel, io: Io): Promise<void> {
    if ('url' in file) await io.http.send({ method: 'DELETE', url: file.url, headers: authorization(channel), timeoutMs: TIMEOUT_MS });
  }

  /** As its webhook would have been, in JSON, and with the time that the listing tells. */
  private async asDelivery(one: Resource, channel: ConnectedChannel, io: Io): Promise<Raw> {
    const files = Number(one.num_media) ? await this.filesOf(one.sid, channel, io) : [];
    const media = Object.fromEntries(files.flatMap(({ uri, content_type }, at) => [[`MediaUrl${at}`, this.apiUrl + uri.replace(/\.json$/, '')], [`MediaContentType${at}`, content_type]]));
    const fields = { MessageSid: one.sid, SmsStatus: 'received', From: one.from ?? '', Body: one.body ?? '', NumMedia: files.length, ...media, DateSent: one.date_sent ?? one.date_created ?? '' };
    return { method: 'GET', url: this.apiUrl + MESSAGES(channel), headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(fields)), receivedAt: io.at };
  }

  private async filesOf(sid: string, channel: ConnectedChannel, io: Io): Promise<{ uri: string; content_type: string }[]> {
    const answer = await this.call('GET', `${MESSAGES(channel).replace(/\.json$/, '')}/${sid}/Media.json`, channel, io);
    const { media_list: list = [] } = jsonIn(answer.body) as { media_list?: { uri: string; content_type: string }[] };
    return list.slice(0, MOST_MEDIA);
  }

  private async page(path: string, channel: ConnectedChannel, io: Io): Promise<Page> {
    const answer = await this.call('GET', path, channel, io);
    if (answer.status !== 200) throw new Outage(`Twilio’s listing answered ${answer.status}`);
    return jsonIn(answer.body) as Page;
  }

  private async call(method: 'GET' | 'POST', path: string, channel: ConnectedChannel, io: Io, body?: string) {
    const headers = { ...authorization(channel), ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) };
    const answer = await io.http.send({ method, url: this.apiUrl + path, headers, ...(body !== undefined && { body }), timeoutMs: TIMEOUT_MS });
    if (answer.status === 429 || answer.status === 503) throw new Outage(`Twilio answered ${answer.status}`, Number(answer.headers['retry-after']) || undefined);
    return answer;
  }
}

const MESSAGES = ({ credentials }: ConnectedChannel) => `/2010-04-01/Accounts/${(credentials as Credentials).accountSid}/Messages.json`;

function authorization({ credentials }: ConnectedChannel) {
  const { accountSid, authToken } = credentials as Credentials;
  return { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` };
}

/** Milliseconds since 1970; NaN where Twilio does not say. */
const whenOf = ({ date_sent, date_created }: Resource) => Date.parse(date_sent ?? date_created ?? '');

function refusal(answer: { status: number; body: Buffer }, message: Outbound): Receipt {
  const said = jsonIn(answer.body);
  const code = String((said['code'] as string | number | undefined) ?? answer.status);
  if (code === '20429') throw new Outage('Twilio: too many requests');
  const failure = failureOf(code, said['message'], `Twilio answered ${answer.status}`);
  const kind = TWILIO_ERRORS.get(code)?.class ?? 'permanent';
  return { outcome: 'refused', failure, class: kind, ...(kind === 'consent' && { consent: optedOut(message.to, 'Twilio', failure) }) };
}

/** The first states of an accepted message; later ones come by callback. */
const reached = (status: string | undefined): Sent['state'] => {
  const state = TWILIO_STATES.get(status ?? '');
  return state === 'sent' || state === 'delivered' ? state : state === 'read' ? 'delivered' : 'queued';
};
