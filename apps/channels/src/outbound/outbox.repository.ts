import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';

/** A delivery that this process may try now, and nobody else until the lease ends. `attempt` counts from 1. */
export type Job = {
  id: string; account: string; channelId: string; attempt: number; lease: string;
  /** Whoever held it before never said what came of it. */
  crashed: boolean;
};

/**
 * What is due and free, and stands first in its ticket; after 10 minutes a message no longer waits for those before it.
 * The lease outlasts two calls of 15 seconds.
 */
const CLAIM = `
  WITH due AS (
    SELECT o.id, o.lease_token IS NOT NULL AS crashed FROM outbox o
    WHERE o.next_at <= now() AND (o.lease_until IS NULL OR o.lease_until < now())
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.ticket_id = o.ticket_id AND e.place < o.place AND o.created_at > now() - interval '10 minutes')
    ORDER BY o.next_at LIMIT $2 FOR UPDATE OF o SKIP LOCKED)
  UPDATE outbox o SET lease_token = $1, lease_until = now() + interval '60 seconds', attempt = o.attempt + 1
  FROM due WHERE o.id = due.id
  RETURNING o.id, o.account_id AS account, o.channel_id AS "channelId", o.attempt, o.lease_token AS lease, due.crashed`;

@Injectable()
export class OutboxRepository {
  constructor(private readonly source: DataSource) {}

  /** Of all accounts. */
  async claim(most: number): Promise<Job[]> {
    const [rows] = await this.source.query<[Job[], number]>(CLAIM, [randomUUID(), most]);
    return rows;
  }

  /** Decided: nothing is left to do. */
  async done({ sql }: Tx, id: string) {
    await sql('DELETE FROM outbox WHERE id = $1', [id]);
  }

  /** Once more after a while. Does nothing where the lease was lost: somebody else is at it. */
  async again({ sql }: Tx, { id, lease }: Job, seconds: number) {
    await sql(`UPDATE outbox SET next_at = now() + make_interval(secs => $3), lease_token = NULL, lease_until = NULL WHERE id = $1 AND lease_token = $2`, [id, lease, seconds]);
  }

  /** Does the lease still hold? Locked, so that it holds until the transaction ends. */
  async holds({ sql }: Tx, { id, lease }: Job) {
    return (await sql('SELECT 1 FROM outbox WHERE id = $1 AND lease_token = $2 FOR UPDATE', [id, lease])).length > 0;
  }
}
