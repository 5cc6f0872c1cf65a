import { describe, it } from '@jest/globals';
import assert from 'node:assert/strict';
import { type ChannelAdapter, type ConnectedChannel, type Io, type Outbound, Outage, type Raw, type Read, type Receipt, type SendIo } from './adapter.js';

/** What the suite may expect of a channel beside what every channel keeps. */
export type Capabilities = {
  /** Deliveries are signed: only genuine bytes pass `verify`. */
  signed: boolean;
};

type Answer = { status: number; headers?: Record<string, string>; body: unknown };

/** Genuine deliveries and answers of the provider, from its documentation. */
export type Samples = {
  channel: ConnectedChannel;
  /** The same channel with credentials of somebody else. */
  stranger: ConnectedChannel;
  /** Signed deliveries, and the ids that `read` must find in each, in this order: of messages and statuses. */
  deliveries: { name: string; raw: Raw; ids: string[] }[];
  /** Deliveries that are the same messages once more: another attempt, other headers. */
  redeliveries: { of: string; raw: Raw }[];
  outbound: Outbound;
  /** The provider has no place for our id: what became of a lost answer is asked of its listing. */
  withoutOurId?: true;
  accepted: { answer: Answer; providerMessageId: string };
  refused: { answer: Answer; code: string; reason: string }[];
  /** Answers that say: not now. */
  notNow: Answer[];
};

type Check = (adapter: ChannelAdapter, samples: Samples) => void | Promise<void>;

/** Each promise of ChannelAdapter as a check that throws where it is broken. */
export const CHECKS: Record<string, Check> = {
  'OPS-6 everything in a delivery is found, in its order': (adapter, { channel, deliveries }) => {
    for (const { name, raw, ids } of deliveries) assert.deepEqual(idsOf(adapter.read(raw, channel)), ids, name);
  },

  'OPS-6 what is delivered again has the same ids, whenever and however it comes': (adapter, { channel, deliveries, redeliveries }) => {
    for (const { name, raw } of deliveries) {
      const again = { ...raw, body: Buffer.from(raw.body), receivedAt: new Date(raw.receivedAt.getTime() + 3_600_000) };
      assert.deepEqual(idsOf(adapter.read(again, channel)), idsOf(adapter.read(raw, channel)), name);
    }
    for (const { of, raw } of redeliveries) {
      const first = deliveries.find(({ name }) => name === of)!;
      assert.deepEqual(idsOf(adapter.read(raw, channel)), first.ids, `redelivery of ${of}`);
    }
  },

  'OPS-6 different messages have different ids': (adapter, { channel, deliveries }) => {
    const ids = deliveries.flatMap(({ raw }) => adapter.read(raw, channel).filter((one) => one.kind === 'message').map((one) => one.providerMessageId));
    assert.equal(new Set(ids).size, ids.length);
  },

  'MAIL-6 nonsense comes back and nothing throws': (adapter, { channel, deliveries }) => {
    const random = dice(1);
    for (let n = 0; n < 2000; n++) {
      const { raw } = deliveries[n % deliveries.length]!;
      const read = adapter.read({ ...raw, body: mutated(raw.body, random), url: n % 7 ? raw.url : 'not a url' }, channel);
      assert.ok(Array.isArray(read));
      for (const one of read) assertWellFormed(one);
    }
    for (const body of [Buffer.alloc(0), Buffer.from('null'), Buffer.from('[]'), Buffer.from([0xff, 0xfe, 0]), Buffer.from('%%%=%'), noise(random, 4096)]) {
      const read = adapter.read({ ...deliveries[0]!.raw, method: 'POST', body }, channel);
      assert.ok(read.length > 0 && read.every(({ kind }) => kind === 'unreadable' || kind === 'ignored'), `"${body.subarray(0, 20)}" must be handed back`);
    }
  },

  'TKT-8 repeats of a message carry its id and ask for the same': async (adapter, { channel, outbound, accepted, withoutOurId = false }) => {
    const [first, second] = [await sentBy(adapter, outbound, channel, accepted.answer), await sentBy(adapter, outbound, channel, accepted.answer)];
    assert.deepEqual(first.receipt.outcome === 'sent' && first.receipt.providerMessageId, accepted.providerMessageId);
    assert.deepEqual(first.requests, second.requests);
    assert.ok(first.requests.length > 0 && (withoutOurId ? adapter.reconcile : JSON.stringify(first.requests).includes(outbound.id)), 'no request bears the id of the message');
  },

  'TKT-8 a refusal is a receipt with the reason of the provider': async (adapter, { channel, outbound, refused }) => {
    for (const { answer, code, reason } of refused) {
      const { receipt } = await sentBy(adapter, outbound, channel, answer);
      assert.deepEqual(receipt.outcome === 'refused' && receipt.failure, { code, reason });
    }
  },

  'TKT-8 not now is an outage, and no answer is never taken for one': async (adapter, { channel, outbound, notNow }) => {
    for (const answer of notNow) await assert.rejects(sentBy(adapter, outbound, channel, answer), (error) => error instanceof Outage, `${answer.status}`);
    const io: SendIo = { ...FILES, at: new Date(0), http: { send: () => Promise.reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })) } };
    const receipt = await adapter.send(outbound, channel, io).catch((error: unknown) => error);
    assert.ok(!(receipt instanceof Outage) && (receipt instanceof Error || (receipt as Receipt).outcome === 'unknown'), 'a lost answer must stay unknown');
  },
};

/** Only asked of channels whose deliveries are signed. */
export const SIGNED_CHECKS: Record<string, Check> = {
  'SMS-1 META-1 genuine bytes pass, whoever lacks the secret does not': (adapter, { channel, stranger, deliveries }) => {
    for (const { name, raw } of deliveries) {
      assert.equal(adapter.verify(raw, channel), true, name);
      assert.equal(adapter.verify(raw, stranger), false, `${name}, signed by somebody else`);
      assert.equal(adapter.verify({ ...raw, headers: {} }, channel), false, `${name}, not signed`);
    }
  },

  'SMS-1 META-1 a changed byte is refused, or changes nothing that is read': (adapter, { channel, deliveries }) => {
    const random = dice(2);
    for (const { name, raw } of deliveries) {
      for (let n = 0; n < 300; n++) {
        const body = Buffer.from(raw.body);
        const at = Math.floor(random() * body.length);
        body[at] = body[at]! ^ (1 + Math.floor(random() * 255));
        const forged = { ...raw, body };
        if (adapter.verify(forged, channel)) assert.deepEqual(adapter.read(forged, channel), adapter.read(raw, channel), `${name}, byte ${at}`);
      }
    }
  },
};

/** Runs the suite: `isAChannel('sms', { signed: true }, twilio, samples)`. */
export function isAChannel(name: string, { signed }: Capabilities, adapter: ChannelAdapter, samples: Samples) {
  describe(`${name} is a channel`, () => {
    for (const [promise, check] of Object.entries({ ...CHECKS, ...(signed ? SIGNED_CHECKS : {}) })) it(promise, () => check(adapter, samples));
  });
}

/** Names of the promises that an adapter breaks. */
export async function brokenBy(adapter: ChannelAdapter, samples: Samples): Promise<string[]> {
  const broken: string[] = [];
  for (const [promise, check] of Object.entries({ ...CHECKS, ...SIGNED_CHECKS })) {
    try {
      await check(adapter, samples);
    } catch {
      broken.push(promise);
    }
  }
  return broken;
}

/** The provider's id that an item is about. */
function idOf(one: Read): string | null {
  if ('providerMessageId' in one) return one.providerMessageId;
  if (one.kind === 'mail') return `${one.recipient} ${one.raw.toString('base64')}`;
  return 'about' in one ? one.about : one.kind === 'seen' ? one.upTo : null;
}

const idsOf = (read: Read[]) => read.flatMap((one) => idOf(one) ?? []);

/** Every file is eight bytes long and stands at an address of its own. */
const FILES: Pick<SendIo, 'file' | 'link'> = { file: () => Promise.resolve(Buffer.from('8 bytes.')), link: ({ id }) => Promise.resolve(`https://parley.example.com/media/${id}`) };

async function sentBy(adapter: ChannelAdapter, message: Outbound, channel: ConnectedChannel, answer: Answer) {
  const requests: object[] = [];
  const http: Io['http'] = {
    send: (request) => {
      requests.push(request);
      return Promise.resolve({ status: answer.status, headers: answer.headers ?? {}, body: Buffer.from(JSON.stringify(answer.body)) });
    },
  };
  return { receipt: await adapter.send(message, channel, { ...FILES, http, at: new Date(0) }), requests };
}

function assertWellFormed(one: Read) {
  if (one.kind === 'unreadable' || one.kind === 'ignored') return assert.ok(one.reason);
  if (one.kind === 'consent') return assert.ok(one.identifier.value && one.kinds.length);
  assert.ok(idOf(one), 'no id');
  if (one.kind === 'message') assert.ok(typeof one.text === 'string' && one.from.length > 0 && one.from.every(({ value }) => value), 'a message without text or sender');
}

/** Numbers in [0, 1), the same every time (mulberry32). */
function dice(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const noise = (random: () => number, length: number) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** Cut short, spliced, shuffled or overwritten. */
function mutated(body: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * body.length);
  const to = Math.min(body.length, at + Math.floor(random() * 40));
  const kinds = [
    () => body.subarray(0, at),
    () => Buffer.concat([body.subarray(0, at), body.subarray(to)]),
    () => Buffer.concat([body.subarray(0, at), noise(random, 8), body.subarray(at)]),
    () => Buffer.concat([body.subarray(at), body.subarray(0, at)]),
    () => noise(random, body.length),
  ];
  return kinds[Math.floor(random() * kinds.length)]!();
}
