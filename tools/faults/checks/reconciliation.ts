import { channels, type Channel } from '@parley/contracts/channels';
import type { Output } from '@parley/contracts/contract';
import type { Books } from '../books.js';
import type { Brand } from '../brands.js';
import type { Findings } from '../findings.js';
import type { History, Sent } from '../history.js';
import { patiently } from '../patience.js';

type Page = Output<typeof channels.books>;
const DAY_MS = 86_400_000;

/** OPS-6: the product’s own books balance for every channel, and say what the clients did: not less, and nothing beside it. `since`: when the first of them began. */
export async function checkBooks(books: Books, { history, brands, since }: { history: History; brands: Brand[]; since: Date }, findings: Findings): Promise<void> {
  const replies = await repliesByChannel(books, history);
  const pages = await Promise.all(brands.flatMap((brand) => [brand.sms, brand.chat, brand.mail].map(async (channel) => ({ brand, channel, pages: await pagesOf(brand, channel, since) }))));
  findings.none('books that do not balance', pages.flatMap((one) => one.pages.filter(({ balanced }) => !balanced)));
  findings.none('books that disagree with what the clients did', pages.flatMap(({ brand, channel, pages: all }) =>
    differences(sums(all), { ...written(history, brand, channel), replies: replies.get(channel.id) ?? 0 }).map((what) => `${brand.name}, ${channel.type}: ${what}`)));
}

/** As a forgetful program would leave them: one line is missing. For the negative control. */
export async function loseALine(books: Books): Promise<void> {
  await books.rows('channels', 'DELETE FROM inbound_item WHERE id = (SELECT id FROM inbound_item ORDER BY id LIMIT 1)');
}

/** What must stand in the books: messages exactly, repeats between what was surely taken and what was sent at all. */
type Expected = { thread: number; least: number; most: number; replies: number };

function written({ accepted, deliveries }: History, { account }: Brand, { type }: Channel): Omit<Expected, 'replies'> {
  const kind = ({ sms: 'text', webchat: 'chat', email: 'mail' } as Record<string, Sent['kind']>)[type];
  const thread = accepted.filter((one) => one.account === account && one.kind === kind).length;
  if (kind === 'chat') return { thread, least: 0, most: 0 }; // told apart before they reach the books
  const hooks = kind === 'text' ? deliveries.filter((one) => one.account === account) : [];
  if (!hooks.length) return { thread, least: 0, most: Infinity };
  return { thread, least: hooks.filter(({ outcome }) => outcome === 'ok').length - thread, most: hooks.length - thread };
}

function differences({ inbound, outbound }: Pick<Page, 'inbound' | 'outbound'>, { thread, least, most, replies }: Expected): string[] {
  const { thread: threaded = 0, duplicate = 0, ...others } = inbound;
  const sent = Object.values(outbound).reduce((sum, count) => sum + count, 0);
  return [
    ...(threaded === thread ? [] : [`${threaded} in threads, ${thread} were accepted`]),
    ...(duplicate >= least && duplicate <= most ? [] : [`${duplicate} duplicates, between ${least} and ${most} came`]),
    ...Object.entries(others).flatMap(([outcome, count]) => (count ? [`${count} ${outcome}, and nobody did that`] : [])),
    ...(sent === replies ? [] : [`${sent} answers, ${replies} were written`]),
    ...(outbound['failed'] ? [`${outbound['failed']} answers failed`] : []),
  ];
}

const pagesOf = ({ ask }: Brand, { id: channelId }: Channel, since: Date): Promise<Page[]> =>
  Promise.all(daysSince(since).map((day) => patiently(() => ask(0)(channels.books, { channelId, day }))));

function daysSince(since: Date): string[] {
  const days = new Set<string>();
  for (let at = since.getTime(); at < Date.now(); at += DAY_MS) days.add(new Date(at).toISOString().slice(0, 10));
  return [...days.add(new Date().toISOString().slice(0, 10))];
}

function sums(pages: Page[]): Pick<Page, 'inbound' | 'outbound'> {
  const total = (side: 'inbound' | 'outbound') => {
    const sum: Record<string, number> = {};
    for (const page of pages) for (const [name, count] of Object.entries(page[side])) sum[name] = (sum[name] ?? 0) + count;
    return sum;
  };
  return { inbound: total('inbound'), outbound: total('outbound') };
}

async function repliesByChannel(books: Books, { accepted }: History): Promise<Map<string, number>> {
  const tickets = await books.rows<{ id: string; channel: string }>('tickets', 'SELECT id, channel_id channel FROM ticket');
  const channelOf = new Map(tickets.map(({ id, channel }) => [id, channel]));
  const counts = new Map<string, number>();
  for (const { conversation } of accepted.filter(({ kind }) => kind === 'reply')) {
    const channel = channelOf.get(conversation) ?? 'nowhere';
    counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  return counts;
}
