import { Injectable } from '@nestjs/common';
import type { FoundIn } from '@parley/contracts/search';
import type { Tx } from '@parley/service/tx';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { AROUND, TICKET } from '../ticket/ticket.sql.js';
import { rows } from '../tickets.database.js';
import type { Exact } from './search.rules.js';

/** A place where something was found, with its ticket. */
export type Found = TicketEntity & { foundIn: FoundIn; n: number | null; subjectId: string | null; seq: number | null; at: Date; marked: string | null };

const NEWEST = (of: string) => `CROSS JOIN LATERAL (SELECT * FROM ticket x WHERE x.profile_id = ${of} AND NOT x.spam AND x.merged_into IS NULL ORDER BY x.id DESC LIMIT 5) t`;
const IDENTIFIED = (types: string) => `FROM profile_identifier i ${NEWEST('i.profile_id')} ${AROUND} WHERE i.account_id = $1 AND i.type IN (${types}) AND i.value = $2`;
/** Where each kind of exact hit stands. */
const EXACT: Record<Exact['foundIn'], string> = {
  ticket_number: `FROM ticket t ${AROUND} WHERE t.account_id = $1 AND t.number = $2::bigint AND NOT t.spam AND t.merged_into IS NULL`,
  email: IDENTIFIED(`'email'`),
  phone: `FROM profile_identifier i ${NEWEST('i.profile_id')} ${AROUND} WHERE i.account_id = $1 AND (i.type, i.value) IN (('phone', $2), ('wa_id', ltrim($2, '+')))`,
  order_number: `FROM customer_event e ${NEWEST('e.profile_id')} ${AROUND} WHERE e.account_id = $1 AND e.order_id = $2 AND e.metric = 'Placed Order'`,
};

// No order that an index has, else the plan may walk that index instead of looking words up.
const HITS = `SELECT kind, subject_id, n FROM search_document WHERE account_id = $1 AND n + 0 < $2 ORDER BY n + 0 DESC LIMIT $3`;
/** The places of hits: ticket, person or message, by their keys. */
const PLACES = `
  SELECT f.n, f.subject_id, f.kind AS found_in, coalesce(m.seq, o.after_seq) AS seq, coalesce(m.received_at, o.created_at, t.last_message_at) AS at,
    ts_headline(('parley_' || CASE f.kind WHEN 'customer' THEN 'simple' ELSE search_stemmer(coalesce(m.language, t.language)) END)::regconfig,
      translate(left(coalesce(m.text, o.text, CASE f.kind WHEN 'subject' THEN t.subject ELSE p.name END), 50000), $3 || $4, ''), $5::tsquery,
      'StartSel=' || $3 || ', StopSel=' || $4 || ', MaxFragments=1, MaxWords=30, MinWords=10') AS marked, ${TICKET}
  FROM unnest($1::text[], $2::uuid[], $6::bigint[]) f (kind, subject_id, n)
  LEFT JOIN LATERAL (SELECT * FROM message WHERE f.kind = 'message' AND id = f.subject_id LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT * FROM note WHERE f.kind = 'note' AND id = f.subject_id LIMIT 1) o ON true
  LEFT JOIN LATERAL (SELECT id FROM ticket WHERE f.kind = 'customer' AND profile_id = f.subject_id AND NOT spam AND merged_into IS NULL ORDER BY id DESC LIMIT 1) c0 ON true
  CROSS JOIN LATERAL (SELECT * FROM ticket WHERE id = CASE f.kind WHEN 'message' THEN m.ticket_id WHEN 'note' THEN o.ticket_id WHEN 'subject' THEN f.subject_id ELSE c0.id END AND NOT spam LIMIT 1) t
  ${AROUND} ORDER BY f.n DESC`;
const TICKETS = `
  SELECT DISTINCT t.id FROM unnest($1::text[], $2::uuid[]) f (kind, subject_id)
  LEFT JOIN LATERAL (SELECT ticket_id FROM message WHERE f.kind = 'message' AND id = f.subject_id LIMIT 1) m ON true
  LEFT JOIN LATERAL (SELECT ticket_id FROM note WHERE f.kind = 'note' AND id = f.subject_id LIMIT 1) o ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(m.ticket_id, o.ticket_id, f.subject_id) AS id WHERE f.kind <> 'customer'
    UNION ALL SELECT id FROM ticket WHERE f.kind = 'customer' AND profile_id = f.subject_id) t`;

export type Hit = { kind: string; subjectId: string; n: number };

/** Knows what can be found, by SQL. */
@Injectable()
export class SearchRepository {
  exact(tx: Tx, { foundIn, value }: Exact): Promise<Found[]> {
    return rows<Found>(tx, `SELECT '${foundIn}' AS found_in, NULL::bigint AS n, NULL::uuid AS subject_id, NULL::bigint AS seq, t.last_message_at AS at, NULL AS marked, ${TICKET} ${EXACT[foundIn]} LIMIT 5`, [tx.by.account, value]);
  }

  /** What the words ask for in each language that the account's documents are in; empty where only stop words were given. */
  queries(tx: Tx, q: string): Promise<{ stemmer: string; query: string }[]> {
    return rows(tx, `SELECT stemmer, websearch_to_tsquery(('parley_' || stemmer)::regconfig, $2)::text AS query FROM search_language WHERE account_id = $1`, [tx.by.account, q]);
  }

  /** The number behind the account's newest document. */
  async end(tx: Tx): Promise<number> {
    return (await tx.sql<{ n: number }>('SELECT coalesce(max(n), 0) + 1 AS n FROM search_language WHERE account_id = $1', [tx.by.account]))[0]!.n;
  }

  /** The newest documents below a number, by a query. The query is a part of row-level security: see the migration. */
  async hits(tx: Tx, query: string, below: number, limit: number): Promise<Hit[]> {
    await tx.sql(`SELECT set_config('app.search', $1, true)`, [query]);
    return rows<Hit>(tx, HITS, [tx.by.account, below, limit]);
  }

  /** Hits with their tickets and what was found; those in spam are left out. */
  places(tx: Tx, hits: Hit[], query: string, { start, stop }: { start: string; stop: string }): Promise<Found[]> {
    return rows<Found>(tx, PLACES, [hits.map((hit) => hit.kind), hits.map((hit) => hit.subjectId), start, stop, query, hits.map((hit) => hit.n)]);
  }

  /** The tickets of hits. */
  async tickets(tx: Tx, hits: Hit[]): Promise<string[]> {
    return (await tx.sql<{ id: string }>(TICKETS, [hits.map((hit) => hit.kind), hits.map((hit) => hit.subjectId)])).map(({ id }) => id);
  }
}
