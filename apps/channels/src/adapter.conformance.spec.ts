import { describe, expect, it } from '@jest/globals';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { brokenBy, CHECKS, isAChannel, type Samples, SIGNED_CHECKS } from './adapter.conformance.js';
import { type ChannelAdapter, type ConnectedChannel, type Io, type Outbound, Outage, type Raw, type Read, type Receipt } from './adapter.js';

/** A small provider with batches: `{"items": [{"id", "text"}]}`, signed by HMAC over the bytes. */
class Pigeon implements ChannelAdapter {
  readonly channel = 'sms';
  readonly provider: string = 'pigeon';

  verify(raw: Raw, channel: ConnectedChannel): boolean {
    const [given, expected] = [Buffer.from(raw.headers['x-pigeon'] ?? ''), Buffer.from(sign(raw.body, channel))];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  read(raw: Raw): Read[] {
    const items = itemsIn(raw.body);
    if (!items?.length) return [{ kind: 'unreadable', reason: 'No items' }];
    return items.map(({ id, text }) =>
      typeof id === 'string' && id && typeof text === 'string'
        ? { kind: 'message', providerMessageId: id, from: [{ type: 'phone', value: '+15035550142', verified: true }], text, occurredAt: null }
        : { kind: 'unreadable', reason: 'An item without id or text' },
    );
  }

  ack() {
    return { status: 204, contentType: 'text/plain', body: '' };
  }

  async send(message: Outbound, _: ConnectedChannel, io: Io): Promise<Receipt> {
    const { status, body } = await io.http.send({ method: 'POST', url: 'https://pigeon.example/send', body: JSON.stringify({ key: message.id, text: message.text }) });
    if (status === 503) throw new Outage('grounded');
    const { id, error } = JSON.parse(body.toString()) as { id: string; error: { code: string; reason: string } };
    return status === 200 ? { outcome: 'sent', providerMessageId: id, state: 'sent' } : { outcome: 'refused', failure: error, class: 'permanent' };
  }
}

type Item = { id?: unknown; text?: unknown };
function itemsIn(body: Buffer): Item[] | null {
  try {
    const { items } = JSON.parse(body.toString('utf8')) as { items?: unknown };
    return Array.isArray(items) ? items.map((one) => (typeof one === 'object' && one !== null ? (one as Item) : {})) : null;
  } catch {
    return null;
  }
}

const sign = (body: Buffer, channel: ConnectedChannel) => createHmac('sha256', channel.credentials.secret as string).update(body).digest('hex');

const channel: ConnectedChannel = {
  id: '0199a5b0-0000-7000-8000-000000000007', account: '0199a5b0-0000-7000-8000-000000000001', type: 'sms', provider: 'pigeon', name: 'Pigeons', enabled: true,
  address: null, settings: {}, credentials: { secret: 'coo' }, webhookUrl: null, forwardingAddress: null, widgetKey: null, version: 1,
};

function delivery(...ids: string[]) {
  const body = Buffer.from(JSON.stringify({ items: ids.map((id) => ({ id, text: `text of ${id}` })) }));
  return { name: ids.join(), ids, raw: { method: 'POST', url: 'https://parley.example.com/hooks/k', headers: { 'x-pigeon': sign(body, channel) }, body, receivedAt: new Date(0) } };
}

const samples: Samples = {
  channel,
  stranger: { ...channel, credentials: { secret: 'caw' } },
  deliveries: [delivery('b', 'a', 'c'), delivery('d')],
  redeliveries: [{ of: 'd', raw: { ...delivery('d').raw, receivedAt: new Date(60_000) } }],
  outbound: {
    id: '0199a5b0-0000-7000-8000-0000000000aa', ticketId: null, to: { type: 'phone', value: '+15035550142', verified: true }, toName: null, sessionId: null, threadId: null, subject: null,
    text: 'coo', html: null, attachments: [], firstTriedAt: new Date(0),
  },
  accepted: { answer: { status: 200, body: { id: 'p1' } }, providerMessageId: 'p1' },
  refused: [{ answer: { status: 400, body: { error: { code: 'wing', reason: 'A broken wing' } } }, code: 'wing', reason: 'A broken wing' }],
  notNow: [{ status: 503, body: {} }],
};

isAChannel('pigeons', { signed: true }, new Pigeon(), samples);

describe('a wrong adapter fails the suite', () => {
  const pigeon = new Pigeon();
  const but = (wrong: Partial<ChannelAdapter>): ChannelAdapter =>
    ({ channel: 'sms', provider: 'pigeon', verify: pigeon.verify, read: pigeon.read, ack: pigeon.ack, send: pigeon.send.bind(pigeon), ...wrong });
  let count = 0;

  it.each<[string, Partial<ChannelAdapter>, string]>([
    ['takes only the first of a batch', { read: (raw) => pigeon.read(raw).slice(0, 1) }, 'OPS-6 everything in a delivery is found, in its order'],
    ['turns the order round', { read: (raw) => pigeon.read(raw).reverse() }, 'OPS-6 everything in a delivery is found, in its order'],
    ['makes up an id for each reading', { read: (raw) => pigeon.read(raw).map((one) => (one.kind === 'message' ? { ...one, providerMessageId: `made-up-${++count}` } : one)) }, 'OPS-6 what is delivered again has the same ids, whenever and however it comes'],
    ['takes the time for an id', { read: (raw) => pigeon.read(raw).map((one) => (one.kind === 'message' ? { ...one, providerMessageId: `${raw.receivedAt.getTime()}` } : one)) }, 'OPS-6 different messages have different ids'],
    ['throws at nonsense', { read: (raw) => (JSON.parse(raw.body.toString('utf8')), pigeon.read(raw)) }, 'MAIL-6 nonsense comes back and nothing throws'],
    ['swallows nonsense', { read: (raw) => pigeon.read(raw).filter(({ kind }) => kind === 'message') }, 'MAIL-6 nonsense comes back and nothing throws'],
    ['believes everybody', { verify: () => true }, 'SMS-1 META-1 genuine bytes pass, whoever lacks the secret does not'],
    ['believes nobody', { verify: () => false }, 'SMS-1 META-1 genuine bytes pass, whoever lacks the secret does not'],
    ['signs only the beginning', { verify: (raw, by) => raw.headers['x-pigeon'] === delivery(...(raw.body.toString().match(/(?<="id":")./g) ?? [])).raw.headers['x-pigeon'] && by === channel }, 'SMS-1 META-1 a changed byte is refused, or changes nothing that is read'],
    ['forgets our id', { send: (message, by, io) => pigeon.send({ ...message, id: `${++count}` }, by, io) }, 'TKT-8 repeats of a message carry its id and ask for the same'],
    ['hides the reason', { send: async (message, by, io) => ({ ...(await pigeon.send(message, by, io)), failure: { code: 'error', reason: 'Something went wrong' } }) as Receipt }, 'TKT-8 a refusal is a receipt with the reason of the provider'],
    ['calls an outage a refusal', { send: (message, by, io) => pigeon.send(message, by, io).catch(() => ({ outcome: 'refused', failure: { code: '503', reason: 'grounded' }, class: 'permanent' })) }, 'TKT-8 not now is an outage, and no answer is never taken for one'],
    ['calls silence an outage', { send: (message, by, io) => pigeon.send(message, by, io).catch(() => Promise.reject(new Outage('lost'))) }, 'TKT-8 not now is an outage, and no answer is never taken for one'],
  ])('OPS-6 one that %s', async (_, wrong, promise) => {
    expect(await brokenBy(but(wrong), samples)).toContain(promise);
  });

  it('OPS-6 the right one breaks nothing, and every promise is broken by some wrong one above', async () => {
    expect(await brokenBy(pigeon, samples)).toEqual([]);
    expect(Object.keys({ ...CHECKS, ...SIGNED_CHECKS })).toHaveLength(9);
  });
});
