import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Channel, channels } from '@parley/contracts/channels';
import { type Rig, rig, until } from '@parley/service/testing/rig';
import { Adapters } from '../src/adapters.js';
import { BooksRepository } from '../src/books/books.repository.js';
import { channelsApp } from '../src/channels.app.js';
import { HooksService } from '../src/hooks/hooks.service.js';
import { Dice } from './fuzz/dice.js';
import { type Door, DOORS, fresh } from './fuzz/doors.js';
import { mutated } from './fuzz/mutations.js';
import { StallWatch } from './fuzz/stall.js';

// OPS-6: whatever is posted to a webhook is answered, never breaks anything, and is in the books if it was taken. About 40 seconds.
const SEED = Number(process.env['PARLEY_FUZZ_SEED'] ?? 20_261_120);
const BODIES = Number(process.env['PARLEY_FUZZ_BODIES'] ?? 20_000);
const AT_ONCE = 24;
/** Every so many by HTTP, the others behind it. */
const BY_HTTP = 10;
const PUBLIC_URL = 'https://parley.example.com';

type Way = (url: string, headers: Record<string, string>, body: Buffer) => Promise<number>;
type Answers = { taken: number; refused: number; other: string[] };

describe(`webhooks with anything in them (PARLEY_FUZZ_SEED=${SEED})`, () => {
  let here: Rig;
  let opened: Map<string, Channel>;
  const counted = new Map<string, Answers>();
  beforeAll(async () => {
    here = await rig(channelsApp, { env: { PARLEY_PUBLIC_URL: PUBLIC_URL, PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8', PARLEY_TWILIO_BASE_URL: 'http://127.0.0.1:1', PARLEY_TELNYX_BASE_URL: 'http://127.0.0.1:1', PARLEY_GRAPH_BASE_URL: 'http://127.0.0.1:1', PARLEY_INSTAGRAM_GRAPH_BASE_URL: 'http://127.0.0.1:1' } });
    opened = new Map(await Promise.all(Object.entries(DOORS).map(async ([name, { create }]) => [name, await here.ask(channels.create, create)] as const)));
  });
  afterAll(() => here?.close());

  const answers = (name: string) => counted.get(name) ?? counted.set(name, { taken: 0, refused: 0, other: [] }).get(name)!;
  const overHttp: Way = async (url, headers, body) => {
    const answer = await fetch(here.url + url.slice(PUBLIC_URL.length), { method: 'POST', body: new Uint8Array(body), headers });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** As the door itself does: HTTP is what costs most, and the same for every body. */
  const direct: Way = async (url, headers, body) =>
    (await here.app.get(HooksService).take(new URL(url).pathname.split('/').at(-1)!, { method: 'POST', url, headers, body, receivedAt: new Date() })).status;

  async function post(name: string, { sign, contentType }: Door, body: Buffer, { genuine = true, way = overHttp } = {}) {
    const url = opened.get(name)!.webhookUrl!;
    const { headers, query = '' } = sign(genuine ? body : Buffer.from('other bytes'), url);
    const wrong: Record<string, string> = genuine ? {} : { authorization: 'Basic eDp5', 'x-twilio-signature': 'bm90IHNpZ25lZA==' };
    const status = await way(url + query, { 'content-type': contentType, ...headers, ...wrong }, body).catch((error: Error) => `${error.message} ${String(error.cause ?? '')}`);
    if (status === 200 || status === 204) answers(name).taken++;
    else if (status === 403) answers(name).refused++;
    else answers(name).other.push(`${status} to ${body.subarray(0, 200).toString('latin1')}`);
  }
  const count = async (sql: string, channel: Channel) => (await here.tx((tx) => tx.sql<{ n: number }>(sql, [channel.id])))[0]!.n;

  it('every adapter that has a webhook has its door here', () => {
    const hooks = (here.app.get(Adapters) as unknown as { all: { channel: string; provider: string }[] }).all.filter((adapter) => 'verify' in adapter).map(({ channel, provider }) => `${channel}/${provider}`);
    expect(hooks.sort()).toEqual(Object.keys(DOORS).sort());
    for (const [name, { samples }] of Object.entries(DOORS)) expect([name, samples.length > 0]).toEqual([name, true]);
  });

  it('SMS-1 META-1 OPS-6 what the providers document passes and is in the books', async () => {
    for (const [name, door] of Object.entries(DOORS)) for (const sample of door.samples) await post(name, door, fresh(sample));
    for (const [name, { samples }] of Object.entries(DOORS)) expect([name, answers(name)]).toEqual([name, { taken: samples.length, refused: 0, other: [] }]);
  });

  it(`OPS-6 SMS-1 META-1 MAIL-6 ${BODIES} mutated bodies: no 5xx, no answer missing, no stall of 200 ms`, async () => {
    const dice = new Dice(SEED);
    // Whole mails have a fuzz of their own behind this door: fewer of them here.
    const names = Object.keys(DOORS).flatMap((name) => (name.startsWith('email/') ? [name] : [name, name, name, name]));
    const watch = new StallWatch();
    const under = new Set<Promise<void>>();
    for (let n = 0; n < BODIES; n++) {
      const name = names[n % names.length]!;
      const door = DOORS[name]!;
      const sample = door.samples[dice.below(door.samples.length)]!;
      const body = mutated(dice.next() < 0.7 ? fresh(sample) : sample, dice);
      const posted: Promise<void> = post(name, door, body, { genuine: dice.next() < 0.85, way: n % BY_HTTP ? direct : overHttp }).finally(() => under.delete(posted));
      under.add(posted);
      if (under.size >= AT_ONCE) await Promise.race(under);
    }
    await Promise.all(under);
    const stalledMs = watch.stop();
    expect([...counted].flatMap(([name, { other }]) => other.map((what) => `${name}: ${what}`)).slice(0, 20)).toEqual([]);
    // Both ways were gone often enough to prove something.
    for (const [name, { taken, refused }] of counted) expect([name, taken > (taken + refused) / 10, refused > (taken + refused) / 20]).toEqual([name, true, true]);
    expect(stalledMs).toBeLessThan(200);
  }, 3_600_000);

  it('OPS-6 SMS-1 META-1 exactly what was answered with 2xx is kept, and every piece of it stands for one line in the books', async () => {
    await until(async () => ((await here.db.query('SELECT count(*) AS n FROM mail_waiting')) as { n: number }[])[0]!.n === 0, 'the mails to be read', 3_000_000);
    const at = await here.tx(async (tx) => tx.at);
    const span = { from: new Date(at.getTime() - 86_400_000), to: new Date(at.getTime() + 1000) };
    const kept = new Map<string, number>();
    const taken = new Map<string, number>();
    for (const [name, channel] of opened) {
      // A mail belongs to the channel of its thread, whichever of the mailboxes brought it; one that a provider hands over twice is kept once.
      const whole = channel.type === 'email' ? 'email' : name;
      const lines = await count(`SELECT (SELECT count(*) FROM raw_inbound WHERE channel_id = $1) + (SELECT count(*) FROM inbound_item WHERE channel_id = $1 AND raw_id IS NULL) AS n`, channel);
      kept.set(whole, (kept.get(whole) ?? 0) + lines);
      taken.set(whole, (taken.get(whole) ?? 0) + answers(name).taken);
      const differences = await here.tx((tx) => here.app.get(BooksRepository).differences(tx, { channelId: channel.id, ...span }));
      expect([name, differences]).toEqual([name, { missing: 0, surplus: 0, misnumbered: 0 }]);
    }
    expect(kept).toEqual(taken);
    expect((await here.facts('channel.message_received')).length).toBeGreaterThan(BODIES / 20);
  }, 3_600_000);

  it('OPS-6 the service goes on', async () => {
    expect((await fetch(`${here.url}/readyz`)).status).toBe(200);
    for (const [name, door] of Object.entries(DOORS)) await post(name, door, fresh(door.samples[0]!));
    expect([...counted.values()].flatMap(({ other }) => other)).toEqual([]);
  });
});
