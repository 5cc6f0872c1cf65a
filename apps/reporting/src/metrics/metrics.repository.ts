import { Injectable } from '@nestjs/common';
import type { ChannelType } from '@parley/contracts/channels';
import type { MetricName } from '@parley/contracts/reports';
import type { Tx } from '@parley/service/tx';

export type Selection = { metric: MetricName; from: Date; to: Date; channel?: ChannelType; agentId?: string };
export type GroupBy = 'channel' | 'agent';
/** `bucket` counts from 1; it is null in the row of the total. */
export type ValueRow = { bucket: number | null; group: string | null; count: number; mean: number | null; median: number | null; p90: number | null };
export type TicketRow = { ticketId: string; number: number; channel: ChannelType; agentId: string | null; at: Date; value: number | null; id: string };

/** The values of the build in force that a report is about: a range of the primary key. */
const SELECTED = `FROM metric_value v WHERE v.account_id = $1 AND v.build = (SELECT build FROM reported_account WHERE account_id = $1)
  AND v.metric = $2 AND v.at >= $3 AND v.at < $4 AND ($5::text IS NULL OR v.channel = $5) AND ($6::uuid IS NULL OR v.agent_id = $6)`;
const selected = ({ by }: Tx, { metric, from, to, channel, agentId }: Selection) => [by.account, metric, from, to, channel ?? null, agentId ?? null];

@Injectable()
export class MetricsRepository {
  /** The total, then the values by bucket and group. `starts` are the ascending beginnings of the buckets. */
  async values(tx: Tx, selection: Selection, starts: Date[], groupBy?: GroupBy): Promise<ValueRow[]> {
    return tx.sql<ValueRow>(
      `SELECT bucket, "group", count(*) AS count, avg(seconds) AS mean,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median, percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90
       FROM (SELECT width_bucket(v.at, $7::timestamptz[]) AS bucket, CASE $8::text WHEN 'channel' THEN v.channel WHEN 'agent' THEN v.agent_id::text END AS "group", v.seconds ${SELECTED}) s
       GROUP BY GROUPING SETS ((), (bucket, "group")) ORDER BY bucket NULLS FIRST, "group" NULLS LAST`,
      [...selected(tx, selection), starts, groupBy ?? null],
    );
  }

  /** The tickets behind a number, newest first, after a place in that order. */
  async tickets(tx: Tx, selection: Selection, limit: number, after?: { at: Date; id: string }): Promise<TicketRow[]> {
    return tx.sql<TicketRow>(
      `SELECT v.ticket_id AS "ticketId", (SELECT t.number FROM ticket_fact t WHERE t.account_id = v.account_id AND t.build = v.build AND t.ticket_id = v.ticket_id) AS number,
         v.channel, v.agent_id AS "agentId", v.at, v.seconds AS value, v.id
       ${SELECTED} AND ($7::timestamptz IS NULL OR (v.at, v.id) < ($7, $8::uuid)) ORDER BY v.at DESC, v.id DESC LIMIT $9`,
      [...selected(tx, selection), after?.at ?? null, after?.id ?? null, limit],
    );
  }
}
