import { SERVICES } from '../../launcher/databases.js';
import { wireName, type Books } from '../books.js';
import type { Findings } from '../findings.js';

/** I3: every log is gapless, every fact stands in it once, nothing was parked; cursors are looked at by the drain. */
export async function checkLogs(books: Books, findings: Findings): Promise<{ parked: number }> {
  const gaps: string[] = [];
  const doubled: string[] = [];
  const parked: string[] = [];
  const strange: string[] = [];
  for (const service of SERVICES) {
    const heads = await books.rows<{ partition: number; head: number; facts: number; first: number | null; last: number | null }>(
      service, 'SELECT h.partition, h.seq head, count(l.seq) facts, min(l.seq) first, max(l.seq) last FROM log_head h LEFT JOIN log l USING (partition) GROUP BY h.partition, h.seq ORDER BY 1');
    gaps.push(...heads.filter(({ head, facts, first, last }) => head !== facts || (head > 0 && (first !== 1 || last !== head))).map((one) => `${service} ${JSON.stringify(one)}`));
    doubled.push(...(await books.rows<{ event_id: string }>(service, 'SELECT event_id FROM log GROUP BY 1 HAVING count(*) > 1')).map(({ event_id }) => `${service} ${event_id}`));
    strange.push(...(await books.rows<{ event_id: string }>(service, `SELECT event_id FROM log WHERE envelope->>'account' <> account_id::text OR envelope->>'id' <> event_id::text`)).map(({ event_id }) => `${service} ${event_id}`));
    const letters = await books.rows<{ consumer: string; source: string; type: string; error: string }>(service, `SELECT consumer, source, envelope->>'type' AS type, error FROM dead_letter WHERE resolved_at IS NULL`);
    parked.push(...letters.map(({ consumer, source, type, error }) => `${consumer} parked ${type} of ${source}: ${error}`));
  }
  findings.none('gap in a log', gaps);
  findings.none('fact twice in a log', doubled);
  findings.none('envelope of another account', strange);
  findings.none('parked', parked);
  return { parked: parked.length };
}

/** Facts of some types in all logs: by event, where they stand. */
export async function factsOf(books: Books, types?: string[]) {
  const all: { id: string; account: string; source: string; partition: number; seq: number; type: string }[] = [];
  for (const service of SERVICES) {
    const facts = await books.rows<Omit<(typeof all)[number], 'source'>>(
      service, 'SELECT event_id id, account_id account, partition, seq, type FROM log WHERE $1::text[] IS NULL OR type = ANY ($1) ORDER BY partition, seq', [types ?? null]);
    for (const fact of facts) all.push({ ...fact, source: wireName(service) });
  }
  return all;
}
