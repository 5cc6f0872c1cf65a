import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { TimelineEntity } from './customer-event.entity.js';

/** Parley's own metrics by direction and channel. */
export type OwnMetric = { metric: string; direction: string; channel: string };
export type TimelineWish = { profileId: string; metrics: readonly string[] | null; own: readonly OwnMetric[]; before: readonly string[] | null; limit: number };

/** `$1` the account, `$2` the profile, `$3` the metrics, `$4` to `$6` Parley's own ones. */
const SENT_IN = `SELECT e.id, e.metric, e.at, e.properties, CASE WHEN e.unique_id LIKE 'parley %' THEN 'parley' ELSE 'api' END AS origin FROM customer_event e WHERE e.profile_id = $2 AND e.account_id = $1`;
/** What stands in threads; campaign messages come from their own table, wherever they stand. */
const MESSAGES = `
  SELECT m.id, o.metric, m.received_at AS at,
    jsonb_strip_nulls(jsonb_build_object('ticketId', t.id, 'author', m.author_type, 'keyword', m.keyword)) AS properties, 'parley' AS origin
  FROM ticket t JOIN message m ON m.ticket_id = t.id JOIN own o ON o.direction = m.direction AND o.channel = t.channel_type
  WHERE t.profile_id = $2 AND t.account_id = $1 AND NOT t.spam AND m.author_type NOT IN ('campaign', 'flow')`;
const CAMPAIGNS = `
  SELECT c.id, o.metric, c.sent_at AS at,
    jsonb_strip_nulls(jsonb_build_object('author', c.kind, CASE c.kind WHEN 'automation' THEN 'keyword' ELSE c.kind || 'Id' END, c.source_id, 'name', c.source_name, 'ticketId', c.ticket_id)) AS properties, 'parley' AS origin
  FROM campaign_message c JOIN own o ON o.direction = 'outbound' AND o.channel = c.channel_type WHERE c.profile_id = $2 AND c.account_id = $1 AND (c.kind <> 'automation' OR c.ticket_id IS NULL)`;
/** Keywords of somebody without a ticket (settled 11); what blocked people write is nowhere but in quarantine. */
const KEYWORDS = `
  SELECT h.id, o.metric, h.at, jsonb_build_object('author', 'customer', 'keyword', h.message -> 'keyword') AS properties, 'parley' AS origin
  FROM held_message h JOIN own o ON o.direction = 'inbound' AND o.channel = h.message ->> 'channel' WHERE h.profile_id = $2 AND h.account_id = $1 AND h.why = 'keyword'`;

/** What the brand wrote elsewhere while no ticket was open (META-2). */
const ECHOES = `
  SELECT h.id, o.metric, h.at, jsonb_build_object('author', 'external') AS properties, 'parley' AS origin
  FROM held_message h JOIN own o ON o.direction = 'outbound' AND o.channel = h.message ->> 'channel' WHERE h.profile_id = $2 AND h.account_id = $1 AND h.why = 'echo'`;

/** Everything that happened between a customer and the account, by SQL. Parley's own events are read from what stands, not kept twice. */
@Injectable()
export class TimelineRepository {
  page(tx: Tx, { profileId, metrics, own, before, limit }: TimelineWish): Promise<TimelineEntity[]> {
    const sources = own.length ? [SENT_IN, MESSAGES, CAMPAIGNS, KEYWORDS, ECHOES] : [SENT_IN];
    const wanted = 'true' + (metrics ? ' AND metric = ANY ($3::text[])' : ' AND $3::text[] IS NULL') + (before ? ' AND (at, id) < ($7::timestamptz, $8::uuid)' : '');
    const best = sources.map((source) => `(SELECT * FROM (${source}) one WHERE ${wanted} ORDER BY at DESC, id DESC LIMIT ${limit})`);
    const text = `WITH own AS (SELECT * FROM unnest($4::text[], $5::text[], $6::text[]) AS own (metric, direction, channel))
      SELECT * FROM (${best.join(' UNION ALL ')}) line ORDER BY at DESC, id DESC LIMIT ${limit}`;
    return rows(tx, text, [
      tx.by.account, profileId, metrics, own.map(({ metric }) => metric), own.map(({ direction }) => direction), own.map(({ channel }) => channel), ...(before ?? []),
    ]);
  }

  /** How many tickets, and how many of them are not closed; spam is not counted. */
  async tickets(tx: Tx, profileId: string): Promise<{ tickets: number; openTickets: number }> {
    const [counts] = await rows<{ tickets: number; openTickets: number }>(
      tx,
      `SELECT count(*) AS tickets, count(*) FILTER (WHERE status <> 'closed') AS open_tickets FROM ticket WHERE profile_id = $2 AND account_id = $1 AND NOT spam`,
      [tx.by.account, profileId],
    );
    return counts!;
  }
}
