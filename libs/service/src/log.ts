import type { Actor } from '@parley/contracts/contract';
import type { Envelope, Event, Service } from '@parley/contracts/events';
import type { PoolClient } from 'pg';
import { newId } from './ids.js';

/** A fact that waits for the end of its transaction. */
export type Announcement = { partition: number; id: string; account: string; key: string; type: string; envelope: string };
/** A fact that stands in the log. */
export type Logged = { partition: number; seq: number; envelope: string };
/** Cursors that move in the same statement. */
export type Move = { consumer: string; source: Service; steps: { partition: number; position: number; lastEventId: string }[] };

/** The envelope of a fact (NTF-3), not yet in the public feed. `changed` names the fields that differ from `before`. */
export function envelopeOf(contract: Event, by: Actor, at: Date, ticket: string | null, data: object, before?: object): Envelope {
  return {
    id: newId(), account: by.account, sequence: null, type: contract.type, version: contract.version, time: at.toISOString(),
    actor: { type: by.type, id: by.id }, ticket, data: data as Record<string, unknown>,
    ...(before && { changed: changedFields(before as Record<string, unknown>, data as Record<string, unknown>) }),
  };
}

const changedFields = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  Object.keys(after).filter((field) => field !== 'version' && JSON.stringify(before[field]) !== JSON.stringify(after[field]));

// The heads are locked in order, so that writers of several partitions cannot deadlock, and held to the commit:
// gapless and in commit order by construction (messaging.md D3).
const APPEND = `
  e AS (SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY t (p, id, a, k, ty, env, o)),
  l AS (SELECT partition FROM log_head WHERE partition = ANY ($1::smallint[]) ORDER BY partition FOR UPDATE),
  h AS (UPDATE log_head d SET seq = d.seq + n.n FROM l JOIN (SELECT p, count(*) n FROM e GROUP BY p) n ON n.p = l.partition
        WHERE d.partition = l.partition RETURNING d.partition p, d.seq - n.n base)
  INSERT INTO log (partition, seq, event_id, account_id, key, type, envelope)
  SELECT e.p, h.base + row_number() OVER (PARTITION BY e.p ORDER BY e.o), e.id, e.a, e.k, e.ty, e.env::json FROM e JOIN h ON h.p = e.p
  RETURNING partition, seq, envelope::text`;
const ADVANCE = (from: number) => `
  UPDATE log_cursor c SET position = v.position, last_event_id = v.id FROM unnest($${from}::smallint[], $${from + 1}::bigint[], $${from + 2}::uuid[]) v (p, position, id)
  WHERE c.consumer = $${from + 3} AND c.source = $${from + 4} AND c.partition = v.p`;
const columns = (facts: Announcement[]) => [
  facts.map((f) => f.partition), facts.map((f) => f.id), facts.map((f) => f.account), facts.map((f) => f.key), facts.map((f) => f.type), facts.map((f) => f.envelope),
];
const moves = ({ steps, consumer, source }: Move) => [steps.map((s) => s.partition), steps.map((s) => s.position), steps.map((s) => s.lastEventId), consumer, source];

/** Appends facts and moves cursors: the last statement of a transaction, one round trip. */
export async function append(client: PoolClient, facts: Announcement[], move?: Move): Promise<Logged[]> {
  if (facts.length && move) return (await client.query({ name: 'log_advance_append', text: `WITH m AS (${ADVANCE(7)}), ${APPEND}`, values: [...columns(facts), ...moves(move)] })).rows;
  if (facts.length) return (await client.query({ name: 'log_append', text: `WITH ${APPEND}`, values: columns(facts) })).rows;
  if (move) await client.query({ name: 'log_advance', text: ADVANCE(1), values: moves(move) });
  return [];
}

/** What a push says: consecutive facts of one partition, or, when they are too large to push, only how far the partition has come. */
export type Push = [first: number, envelopes: string] | [head: number];
const MOST_BYTES = 64 * 1024;

/** Cuts what was appended into pushes of at most 64 KiB, each partition in order. */
export function* pushesOf(rows: Logged[]): Generator<{ partition: number; body: string }> {
  const byPartition = groupByPartition(rows);
  for (const [partition, run] of byPartition) {
    run.sort((a, b) => a.seq - b.seq);
    for (let start = 0; start < run.length; ) {
      let end = start;
      let bytes = 0;
      while (end < run.length && bytes + run[end]!.envelope.length < MOST_BYTES) bytes += run[end++]!.envelope.length;
      if (end === start) yield { partition, body: `[${run[end++]!.seq}]` };
      else yield { partition, body: `[${run[start]!.seq},[${run.slice(start, end).map((row) => row.envelope).join(',')}]]` };
      start = end;
    }
  }
}

function groupByPartition(rows: Logged[]) {
  const groups = new Map<number, Logged[]>();
  for (const row of rows) {
    const run = groups.get(row.partition);
    if (run) run.push(row);
    else groups.set(row.partition, [row]);
  }
  return groups;
}
