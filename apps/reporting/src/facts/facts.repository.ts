import { Injectable } from '@nestjs/common';
import type { Envelope } from '@parley/contracts/events';
import type { Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import type { Learned, TicketFact } from './ticket-facts.rules.js';

const TICKET_COLUMNS = 'ticket_id, number, channel, assignee_id, created_at, started_at, first_response_at, answered_at, closes, version';
const TICKET_RECORD = '"ticketId" uuid, number bigint, channel text, "assigneeId" uuid, "createdAt" timestamptz, "startedAt" timestamptz, "firstResponseAt" timestamptz, "answeredAt" timestamptz, closes int, version bigint';
const VALUE_COLUMNS = 'metric, at, id, ticket_id, channel, agent_id, seconds';
const VALUE_RECORD = 'metric text, at timestamptz, id uuid, "ticketId" uuid, channel text, "agentId" uuid, seconds double precision';

/** So many facts are looked through by one statement. */
const WINDOW = 10_000;

/** The event log and what follows from it. Whole batches in plain SQL: every fact of every service comes through here. */
@Injectable()
export class FactsRepository {
  /** Whoever learns takes this first: the account's build stays what it is until the transaction ends. */
  async shareBuild(tx: Tx) {
    await tx.sql('SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [tx.by.account]);
  }

  /** Waits until nobody is learning about the account, and keeps everybody from it until the transaction ends. */
  async ownBuild(tx: Tx) {
    await tx.sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [tx.by.account]);
  }

  /** Adds facts of one account to its event log. Answers which were not there yet, and the build in force. */
  async keep(tx: Tx, facts: Fact[]): Promise<{ fresh: Set<string>; build: number }> {
    const column = <T>(of: (fact: Fact) => T) => facts.map(of);
    const [kept] = await tx.sql<{ fresh: string[] | null; build: number }>(
      `WITH account AS (INSERT INTO reported_account (account_id) VALUES ($1) ON CONFLICT DO NOTHING),
       kept AS (
         INSERT INTO event_log (account_id, event_id, source, partition, seq, type, ticket_id, time, envelope)
         SELECT $1, f.id, f.source, f.partition, f.seq, f.type, f.ticket, f.time, f.envelope
         FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::bigint[], $6::text[], $7::uuid[], $8::timestamptz[], $9::json[])
           WITH ORDINALITY AS f(id, source, partition, seq, type, ticket, time, envelope, place) ORDER BY f.place
         ON CONFLICT (account_id, event_id) DO NOTHING RETURNING event_id)
       SELECT (SELECT array_agg(event_id) FROM kept) AS fresh, coalesce((SELECT build FROM reported_account WHERE account_id = $1), 1) AS build`,
      [tx.by.account, column((f) => f.id), column((f) => f.source), column((f) => f.partition), column((f) => f.seq), column((f) => f.type), column((f) => f.ticket), column((f) => f.time),
        column(({ source: _, partition: __, seq: ___, ...envelope }) => JSON.stringify(envelope))],
    );
    return { fresh: new Set(kept!.fresh), build: kept!.build };
  }

  /** What a build knows of these tickets. */
  async known(tx: Tx, build: number, ticketIds: string[]): Promise<TicketFact[]> {
    const rows = await tx.sql<{ ticket: TicketFact }>(
      `SELECT json_build_object('ticketId', ticket_id, 'number', number, 'channel', channel, 'assigneeId', assignee_id, 'createdAt', created_at, 'startedAt', started_at,
         'firstResponseAt', first_response_at, 'answeredAt', answered_at, 'closes', closes, 'version', version) AS ticket
       FROM ticket_fact WHERE account_id = $1 AND build = $2 AND ticket_id = ANY ($3::uuid[])`,
      [tx.by.account, build, ticketIds],
    );
    return rows.map((row) => row.ticket);
  }

  async save(tx: Tx, build: number, { tickets, values }: Learned) {
    await tx.sql(
      `WITH tickets AS (
         INSERT INTO ticket_fact (account_id, build, ${TICKET_COLUMNS}) SELECT $1, $2, t.* FROM json_to_recordset($3) AS t(${TICKET_RECORD})
         ON CONFLICT (account_id, build, ticket_id) DO UPDATE SET assignee_id = excluded.assignee_id, started_at = excluded.started_at,
           first_response_at = excluded.first_response_at, answered_at = excluded.answered_at, closes = excluded.closes, version = excluded.version)
       INSERT INTO metric_value (account_id, build, ${VALUE_COLUMNS}) SELECT $1, $2, v.* FROM json_to_recordset($4) AS v(${VALUE_RECORD})
       ON CONFLICT (account_id, build, metric, at, id) DO UPDATE SET agent_id = excluded.agent_id, seconds = excluded.seconds`,
      [tx.by.account, build, JSON.stringify(tickets), JSON.stringify(values)],
    );
  }

  /** The newest position of the account's event log; 0 where it is empty. */
  async lastPosition(tx: Tx): Promise<number> {
    const [last] = await tx.sql<{ position: number }>('SELECT position FROM event_log WHERE account_id = $1 ORDER BY position DESC LIMIT 1', [tx.by.account]);
    return last?.position ?? 0;
  }

  /** Facts of the event log after one position and up to another, in the order they were heard. */
  async page(tx: Tx, after: number, upTo: number, limit: number): Promise<{ position: number; envelope: Envelope }[]> {
    return tx.sql('SELECT position, envelope FROM event_log WHERE account_id = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4', [tx.by.account, after, upTo, limit]);
  }

  /** Facts about a ticket or a message below a position, in one window of the event log; `end` is where the next one begins, null behind the oldest that is wanted. */
  async about(tx: Tx, { ticketId, messageId, since }: { ticketId: string; messageId: string; since: string }, below: number): Promise<{ rows: { position: number; envelope: Envelope }[]; end: number | null }> {
    const [first] = await tx.sql<{ position: number; time: Date }>(
      `SELECT position, time FROM (SELECT position, time FROM event_log WHERE account_id = $1 AND position < $2 ORDER BY position DESC LIMIT ${WINDOW}) w ORDER BY position LIMIT 1`, [tx.by.account, below],
    );
    if (!first) return { rows: [], end: null };
    const rows = await tx.sql<{ position: number; envelope: Envelope }>(
      `SELECT position, envelope FROM event_log WHERE account_id = $1 AND position >= $2 AND position < $3 AND (ticket_id = $4 OR position($5 IN envelope::text) > 0) ORDER BY position`,
      [tx.by.account, first.position, below, ticketId, messageId],
    );
    return { rows, end: first.time >= new Date(since) ? first.position : null };
  }

  /** Writes what facts say now; their places stay. */
  async rewrite(tx: Tx, rows: readonly { position: number; envelope: object }[]): Promise<void> {
    await tx.sql('UPDATE event_log l SET envelope = n.envelope FROM unnest($2::bigint[], $3::json[]) n (position, envelope) WHERE l.account_id = $1 AND l.position = n.position', [
      tx.by.account, rows.map(({ position }) => position), rows.map(({ envelope }) => JSON.stringify(envelope)),
    ]);
  }

  async build(tx: Tx): Promise<number> {
    const [row] = await tx.sql<{ build: number }>('SELECT build FROM reported_account WHERE account_id = $1', [tx.by.account]);
    return row?.build ?? 1;
  }

  /** From here on reports are read from this build. */
  async useBuild(tx: Tx, build: number) {
    await tx.sql('INSERT INTO reported_account (account_id, build) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET build = excluded.build', [tx.by.account, build]);
  }

  /** Removes some rows of builds that nobody reads; answers whether there were any. */
  async removeOtherBuilds(tx: Tx, current: number, limit: number): Promise<boolean> {
    const removed = await tx.sql(
      `WITH v AS (DELETE FROM metric_value WHERE ctid = ANY (ARRAY(SELECT ctid FROM metric_value WHERE account_id = $1 AND build <> $2 LIMIT $3)) RETURNING 1),
       t AS (DELETE FROM ticket_fact WHERE ctid = ANY (ARRAY(SELECT ctid FROM ticket_fact WHERE account_id = $1 AND build <> $2 LIMIT $3)) RETURNING 1)
       SELECT 1 FROM v UNION ALL SELECT 1 FROM t LIMIT 1`,
      [tx.by.account, current, limit],
    );
    return removed.length > 0;
  }
}
