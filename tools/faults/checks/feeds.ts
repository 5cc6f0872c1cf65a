import { ALL_EVENTS } from '@parley/contracts/everything';
import type { Books } from '../books.js';
import type { Findings } from '../findings.js';
import { grouped } from '../grouped.js';
import type { Reader } from '../readers.js';
import type { Visitor } from '../visitors.js';
import { factsOf } from './logs.js';

interface Placed {
  account: string;
  sequence: number;
  id: string;
}

/** I9: the feed has no gap, holds every public fact once and in the order of its log; readers got all of it, in order. */
export async function checkFeeds(books: Books, { readers, visitors }: { readers: Reader[]; visitors: Visitor[] }, findings: Findings): Promise<{ feedGaps: number }> {
  const feed = await books.rows<Placed>('notifications', 'SELECT account_id account, sequence, event_id id FROM feed_event ORDER BY account_id, sequence');
  const counters = await books.rows<{ account: string; sequence: number }>('notifications', 'SELECT account_id account, sequence FROM feed_counter');
  const byAccount = grouped(feed, ({ account }) => account);
  const gaps = counters.filter(({ account, sequence }) => {
    const own = byAccount.get(account) ?? [];
    return own.length !== sequence || own.some((one, at) => one.sequence !== at + 1);
  });
  findings.none('gap in a feed', gaps);
  await checkAgainstLogs(books, feed, findings);
  for (const { name, account, ids, missing, doubled } of readers) {
    findings.same(`gaps and repeats in what the ${name} of ${account.slice(-4)} got`, { missing, doubled }, { missing: 0, doubled: 0 });
    const own = (byAccount.get(account) ?? []).map(({ id }) => id);
    findings.none(`what the ${name} of ${account.slice(-4)} got and the feed`, own.length === ids.length && own.every((id, at) => id === ids[at]) ? [] : [`${ids.length} of ${own.length} events`]);
  }
  findings.none('gaps and repeats in chat windows', visitors.filter(({ line }) => line.missing > 0 || line.doubled > 0).map(({ name, line }) => `${name}: ${line.missing} missing, ${line.doubled} doubled`));
  return { feedGaps: gaps.length };
}

async function checkAgainstLogs(books: Books, feed: Placed[], findings: Findings): Promise<void> {
  const said = await factsOf(books, ALL_EVENTS.filter((event) => event.public).map(({ type }) => type));
  const placed = grouped(feed, ({ id }) => id);
  const ids = new Set(said.map(({ id }) => id));
  findings.none('public fact that is not in the feed once', said.filter(({ id }) => placed.get(id)?.length !== 1).map(({ type, id }) => `${type} ${id}`));
  findings.none('event of the feed that nobody said', feed.filter(({ id }) => !ids.has(id)).map(({ id }) => id));
  findings.none('event in the feed of another account', said.filter(({ id, account }) => placed.get(id)?.some((one) => one.account !== account)));
  const last = new Map<string, number>();
  const inversions = said.filter(({ id, account, source, partition }) => {
    const key = `${account} ${source} ${partition}`;
    const sequence = placed.get(id)?.[0]?.sequence ?? Infinity;
    const before = last.get(key) ?? 0;
    last.set(key, Math.max(before, sequence === Infinity ? before : sequence));
    return sequence < before;
  });
  findings.none('feed not in the order of the log', inversions);
}
