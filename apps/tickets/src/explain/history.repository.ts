import { Injectable } from '@nestjs/common';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { DecisionEntity, HistoryEntity, NewDecision } from './history.entity.js';

const WRITE = `
  WITH h AS (
    INSERT INTO ticket_history (id, account_id, ticket_id, at, type, actor_type, actor_id, changes)
    SELECT r.id, $1, $2, $3, r.type, r."actorType", r."actorId", r.changes FROM jsonb_to_recordset($4::jsonb) AS r (id uuid, type text, "actorType" text, "actorId" text, changes jsonb))
  INSERT INTO decision (id, account_id, ticket_id, at, kind, rule, rule_version, inputs, outcome)
  SELECT r.id, $1, $2, $3, r.kind, r.rule, r."ruleVersion", r.inputs, r.outcome
  FROM jsonb_to_recordset($5::jsonb) AS r (id uuid, kind text, rule text, "ruleVersion" bigint, inputs jsonb, outcome jsonb)`;

/** A place in a timeline: everything of all kinds in one order. */
export type Place = readonly string[] | null;
export type TimelineRow = { id: string; at: Date; type: string; actorType: string; actorId: string | null; changes: object | null; message: boolean; note: boolean };

/** What happened to tickets and what was decided, by SQL. */
@Injectable()
export class HistoryRepository {
  async write(tx: Tx, ticketId: string, happened: Omit<HistoryEntity, 'at'>[], decided: NewDecision[]): Promise<void> {
    await tx.sql(WRITE, [tx.by.account, ticketId, tx.at, JSON.stringify(happened), JSON.stringify(decided.map((one) => ({ id: newId(), ...one })))]);
  }

  /** A ticket, and those that were merged into it. */
  async family(tx: Tx, ticketId: string): Promise<string[]> {
    const found = await tx.sql<{ id: string }>(
      `WITH RECURSIVE f (id) AS (SELECT $1::uuid UNION SELECT t.id FROM ticket t JOIN f ON t.merged_into = f.id WHERE t.account_id = $2) SELECT id FROM f`, [ticketId, tx.by.account],
    );
    return found.map(({ id }) => id);
  }

  /** Newest first. */
  decisions(tx: Tx, ticketIds: string[], before: Place, limit: number): Promise<DecisionEntity[]> {
    return rows(
      tx,
      `SELECT id, at, kind, rule, rule_version, inputs, outcome FROM decision WHERE ticket_id = ANY ($1::uuid[]) AND account_id = $2 ${before ? 'AND (at, id) < ($3::timestamptz, $4::uuid)' : ''}
       ORDER BY at DESC, id DESC LIMIT ${limit}`,
      [ticketIds, tx.by.account, ...(before ?? [])],
    );
  }

  /** Facts, messages and notes, newest first. */
  timeline(tx: Tx, ticketIds: string[], before: Place, limit: number): Promise<TimelineRow[]> {
    const older = (at: string) => `${before ? `AND (${at}, x.id) < ($3::timestamptz, $4::uuid)` : ''} ORDER BY ${at} DESC, x.id DESC LIMIT ${limit}`;
    return rows(
      tx,
      `SELECT * FROM (
         (SELECT x.id, x.at, x.type, x.actor_type, x.actor_id, x.changes, false AS message, false AS note FROM ticket_history x WHERE x.ticket_id = ANY ($1::uuid[]) AND x.account_id = $2 ${older('x.at')})
         UNION ALL
         (SELECT x.id, x.received_at, CASE x.direction WHEN 'inbound' THEN 'message.received' ELSE 'message.sent' END, x.author_type, x.author_id::text, NULL, true, false
          FROM message x WHERE x.ticket_id = ANY ($1::uuid[]) AND x.account_id = $2 ${older('x.received_at')})
         UNION ALL
         (SELECT x.id, x.created_at, 'note.added', 'agent', x.author_id::text, NULL, false, true FROM note x WHERE x.ticket_id = ANY ($1::uuid[]) AND x.account_id = $2 ${older('x.created_at')})) e
       ORDER BY at DESC, id DESC LIMIT ${limit}`,
      [ticketIds, tx.by.account, ...(before ?? [])],
    );
  }
}
