import { jobs } from '@parley/contracts/jobs';
import { messages } from '@parley/contracts/messages';
import { tickets } from '@parley/contracts/tickets';
import { views } from '@parley/contracts/views';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { openBrand, type Brand } from '../faults/brands.js';
import type { System } from '../launcher/system.js';
import { WORDS, fillDesk } from './desk-fill.js';
import { percentiles, type Latencies } from './inbound.js';

const WARM_UP = 30;
const REPLIES_PER_SECOND = 50;
/** Of three filters; about one open ticket in 40 fits. */
const FILTER = { status: 'open', channel: 'sms', tag: 'vip' } as const;

/** What an agent does in accounts of different sizes; each size is the same account but for the number of tickets. */
export interface DeskFigures {
  rows: (Latencies & { what: string; tickets: number })[];
  /** p99 of the largest to p99 of the smallest. */
  ratios: Record<string, number>;
  replies: Replies;
  /** Closed by one bulk action in the largest account, and the replies that were sent meanwhile. */
  bulk: { tickets: number; failed: number; seconds: number; meanwhile: Replies };
}
type Replies = Latencies & { perSecond: number; sent: number; refused: number };

/** (f) First page of the inbox, of a custom view with three filters, and of searches, in accounts of each size, asked in turn over HTTP; then replies in the largest. */
export async function measureDesk(system: System, { sizes, rounds, seconds, say }: { sizes: number[]; rounds: number; seconds: number; say: (line: string) => void }): Promise<DeskFigures> {
  const url = system.gatewayUrls[0] ?? '';
  const desks: { brand: Brand; tickets: number; questions: Record<string, (round: number) => string> }[] = [];
  for (const [nth, size] of sizes.entries()) {
    const brand = await openBrand(`desk${size}`, `+1500555002${nth}`, [url]);
    const took = await fillDesk(system, brand, size);
    say(`  ${size} tickets, ${size * 5} messages: loaded in ${Math.round(took / 1000)} s`);
    const view = await brand.ask(0)(views.create, { name: 'Three filters', filter: FILTER });
    desks.push({ brand, tickets: size, questions: questionsOf(view.id, size) });
  }
  const client = new Pool(url, { connections: 32 });
  const took = new Map<string, number[]>();
  for (let round = 0; round < rounds + WARM_UP; round++) {
    for (const { brand, tickets: size, questions } of desks) {
      for (const [what, path] of Object.entries(questions)) {
        const ms = await timed(client, brand, path(round));
        if (round >= WARM_UP) took.set(`${what} ${size}`, [...(took.get(`${what} ${size}`) ?? []), ms]);
      }
    }
  }
  const whats = Object.keys(desks[0]!.questions);
  const rows = whats.flatMap((what) => sizes.map((size) => ({ what, tickets: size, ...percentiles(took.get(`${what} ${size}`)!) })));
  const p99 = (what: string, size: number) => rows.find((row) => row.what === what && row.tickets === size)!.p99;
  const ratios = Object.fromEntries(whats.map((what) => [what, Math.round((p99(what, sizes.at(-1)!) / p99(what, sizes[0]!)) * 100) / 100]));
  const largest = desks.at(-1)!.brand;
  const replies = await measureReplies(client, largest, seconds);
  const bulk = await measureBulk(client, largest, seconds);
  await client.close();
  return { rows, ratios, replies, bulk };
}

/** Common, less common and rare words, two together, and a number; another one each time. */
const questionsOf = (viewId: string, size: number): Record<string, (round: number) => string> => ({
  inbox: () => '/v1/tickets?view=unassigned',
  'view of three filters': () => `/v1/tickets?view=${viewId}`,
  'search: common word': (round) => `/v1/search?q=${WORDS[round % 5]}`,
  'search: rare word': (round) => `/v1/search?q=${WORDS.at(-1 - (round % 100))}`,
  'search: two words': (round) => `/v1/search?q=${WORDS[round % 20]}%20${WORDS[200 + (round % 200)]}`,
  'search: one message': (round) => `/v1/search?q=ref${1 + ((round * 7919) % (size * 5))}`,
  'search: ticket number': (round) => `/v1/search?q=%23${1 + ((round * 7919) % size)}`,
});

async function timed(client: Pool, brand: Brand, path: string): Promise<number> {
  const authorization = `Bearer ${await brand.token()}`;
  const from = performance.now();
  const { statusCode, body } = await client.request({ method: 'GET', path, headers: { authorization } });
  const text = await body.text();
  // Words may be rarer than a small account has messages; everything else is there.
  if (statusCode === 200 && !/\?q=[a-z]+(%20|$)/.test(path) && text.startsWith('{"items":[]')) throw new Error(`${path} found nothing`);
  if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text.slice(0, 300)}`);
  return performance.now() - from;
}

/** Up to 10,000 tickets closed by a filter, text messages alone, so that the mails can be answered meanwhile. */
async function measureBulk(client: Pool, brand: Brand, seconds: number): Promise<DeskFigures['bulk']> {
  // One ticket in three is an open text message, and they are ten seconds apart.
  const createdFrom = new Date(Date.now() - 30_000 * 10_000).toISOString();
  const { id } = await brand.ask(0)(jobs.bulk, { filter: { status: 'open', channel: 'sms', createdFrom }, action: { type: 'close' } });
  const meanwhile = await measureReplies(client, brand, seconds);
  for (;;) {
    const job = await brand.ask(0)(jobs.get, { id });
    if (job.finishedAt) return { tickets: job.done, failed: job.failed, seconds: (Date.parse(job.finishedAt) - Date.parse(job.createdAt)) / 1000, meanwhile };
    await pause(200);
  }
}

/** So many a second whatever comes back, from the moment each was to be sent until it is accepted. */
async function measureReplies(client: Pool, brand: Brand, seconds: number): Promise<Replies> {
  const open = [];
  for (let cursor: string | undefined; open.length < 300; ) {
    const page = await brand.ask(0)(tickets.list, { status: 'open', channel: 'email', limit: 100, cursor });
    open.push(...page.items);
    if (!page.nextCursor) break;
    cursor = page.nextCursor;
  }
  const token = await brand.token();
  const took: number[] = [];
  const under = new Set<Promise<void>>();
  let refused = 0;
  const count = REPLIES_PER_SECOND * seconds;
  const began = performance.now();
  for (let nth = 0; nth < count; nth++) {
    const due = began + (nth * 1000) / REPLIES_PER_SECOND;
    while (performance.now() < due) await pause(1);
    const path = messages.reply.http!.split(' ')[1]!.replace(':id', open[nth % open.length]!.id);
    const one = client
      .request({ method: 'POST', path, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ text: `It is on its way, reply ${nth}.` }) })
      .then(async ({ statusCode, body }) => {
        await body.text();
        if (statusCode !== 201) refused++;
        took.push(performance.now() - due);
      });
    under.add(one);
    void one.finally(() => under.delete(one));
  }
  await Promise.all(under);
  return { perSecond: REPLIES_PER_SECOND, sent: count, refused, ...percentiles(took) };
}
