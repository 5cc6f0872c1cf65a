import { Injectable } from '@nestjs/common';
import type { Direction, HealthState } from '@parley/contracts/channel-health';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { Failure } from '../adapter.js';
import type { Trouble } from './health.rules.js';

export type LastError = Failure & { direction: Direction; at: string };
export type HealthRow = {
  state: HealthState; since: Date;
  inboundAt: Date | null; outboundAt: Date | null; inboundTrouble: Trouble | null; outboundTrouble: Trouble | null; lastError: LastError | null;
};
/** What can be seen in the rows of others. */
export type Seen = { inboundAt: Date | null; answerSince: Date | null; mailSince: Date | null; messageSince: Date | null; quarantined: number };

/** Messages without an outcome are the newest ones: it is not worth looking further back. */
const NEWEST = 5000;

@Injectable()
export class HealthRepository {
  constructor(private readonly source: DataSource) {}

  /** Nobody else changes it until the transaction ends; made if it is the first time. */
  async lock({ sql, by, at }: Tx, channelId: string): Promise<HealthRow> {
    await sql(`INSERT INTO channel_health (channel_id, account_id, state, since) VALUES ($1, $2, 'green', $3) ON CONFLICT DO NOTHING`, [channelId, by.account, at]);
    const [row] = await sql<HealthRow>(`SELECT ${ROW} FROM channel_health WHERE channel_id = $1 AND account_id = $2 FOR UPDATE`, [channelId, by.account]);
    return row!;
  }

  async find({ sql, by }: Tx, channelId: string): Promise<HealthRow | null> {
    const [row] = await sql<HealthRow>(`SELECT ${ROW} FROM channel_health WHERE channel_id = $1 AND account_id = $2`, [channelId, by.account]);
    return row ?? null;
  }

  async save({ sql, by }: Tx, channelId: string, row: HealthRow) {
    await sql(
      `UPDATE channel_health SET state = $3, since = $4, inbound_at = $5, outbound_at = $6, inbound_trouble = $7, outbound_trouble = $8, last_error = $9 WHERE channel_id = $1 AND account_id = $2`,
      [channelId, by.account, row.state, row.since, row.inboundAt, row.outboundAt, row.inboundTrouble && JSON.stringify(row.inboundTrouble), row.outboundTrouble && JSON.stringify(row.outboundTrouble), row.lastError && JSON.stringify(row.lastError)],
    );
  }

  /** The queue counts in real time, the account may live in another (TIME-6). */
  async look({ sql, by, at }: Tx, channelId: string): Promise<Seen> {
    const [seen] = await sql<Seen>(
      `SELECT greatest((SELECT max(received_at) FROM raw_inbound WHERE channel_id = $2 AND account_id = $1), (SELECT max(received_at) FROM inbound_message WHERE channel_id = $2 AND account_id = $1)) AS "inboundAt",
         (SELECT $3::timestamptz - (now() - min(created_at)) FROM outbox WHERE account_id = $1 AND channel_id = $2) AS "answerSince",
         (SELECT min(r.received_at) FROM mail_waiting w JOIN raw_inbound r ON r.id = w.raw_id WHERE w.account_id = $1 AND w.channel_id = $2) AS "mailSince",
         (SELECT min(m.received_at) FILTER (WHERE m.outcome IS NULL) FROM (
           SELECT received_at, outcome FROM inbound_message WHERE channel_id = $2 AND account_id = $1 ORDER BY received_at DESC LIMIT ${NEWEST}) m) AS "messageSince",
         (SELECT count(*) FROM quarantine WHERE channel_id = $2 AND account_id = $1 AND state <> 'settled' AND kind <> 'blocked') AS quarantined`,
      [by.account, channelId, at],
    );
    return seen!;
  }

  /** Of all accounts: channels with answers that have waited for so long. */
  async stuck(seconds: number): Promise<{ account: string; channelId: string }[]> {
    return this.source.query('SELECT DISTINCT account_id AS account, channel_id AS "channelId" FROM outbox WHERE created_at < now() - make_interval(secs => $1) LIMIT 1000', [seconds]);
  }
}

const ROW = `state, since, inbound_at AS "inboundAt", outbound_at AS "outboundAt", inbound_trouble AS "inboundTrouble", outbound_trouble AS "outboundTrouble", last_error AS "lastError"`;
