import { Injectable } from '@nestjs/common';
import type { Actor } from '@parley/contracts/contract';
import { newId } from '@parley/service/ids';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';

export type Answer = { status: number; body: unknown };
/** What a key was found to stand for: ours to carry out under this command id, or somebody's before us. */
export type Claim = { ours: true; command: string } | { ours: false; sameRequest: boolean; command: string; answer: Answer | null; running: boolean };

/** Which key was used for which request, and what was answered (messaging.md section 4, commands). */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly db: DataSource) {}

  /**
   * One statement decides: a new or expired key is ours; so is the same request whose lease of 30 seconds has run out, under its first command id.
   * Expired keys of the account are swept along the way.
   */
  claim(by: Actor, key: string, hash: Buffer): Promise<Claim> {
    return within(this.db, by, async (tx) => {
      await tx.sql('DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency WHERE account_id = $1 AND expires_at <= now() LIMIT 20 FOR UPDATE SKIP LOCKED))', [by.account]);
      const [claimed] = await tx.sql<{ command_id: string }>(
        `INSERT INTO idempotency AS i (account_id, principal_id, key, request_hash, command_id, state, lease_until, expires_at)
         VALUES ($1, $2, $3, $4, $5, 'running', now() + interval '30 seconds', now() + interval '24 hours')
         ON CONFLICT (account_id, principal_id, key) DO UPDATE SET lease_until = EXCLUDED.lease_until
         WHERE i.state = 'running' AND i.lease_until <= now() AND i.request_hash = EXCLUDED.request_hash
         RETURNING command_id`,
        [by.account, by.id, key, hash, newId()],
      );
      if (claimed) return { ours: true, command: claimed.command_id };
      const [row] = await tx.sql<Row>('SELECT request_hash, command_id, state, status, body FROM idempotency WHERE account_id = $1 AND principal_id = $2 AND key = $3', [by.account, by.id, key]);
      const answer = row!.status === null ? null : { status: row!.status, body: row!.body };
      return { ours: false, sameRequest: row!.request_hash.equals(hash), command: row!.command_id, answer, running: row!.state === 'running' };
    });
  }

  /** Keeps the answer for repeats; null: a repeat is carried out again, under the same command id. */
  async keep(by: Actor, key: string, answer: Answer | null) {
    await within(this.db, by, (tx) =>
      tx.sql(`UPDATE idempotency SET state = 'done', status = $4, body = $5 WHERE account_id = $1 AND principal_id = $2 AND key = $3`, [by.account, by.id, key, answer?.status ?? null, answer && JSON.stringify(answer.body)]),
    );
  }

  /** Nobody knows what became of the request: the next one with this key goes on where it was left. */
  async release(by: Actor, key: string) {
    await within(this.db, by, (tx) => tx.sql(`UPDATE idempotency SET lease_until = now() WHERE account_id = $1 AND principal_id = $2 AND key = $3 AND state = 'running'`, [by.account, by.id, key]));
  }
}

type Row = { request_hash: Buffer; command_id: string; state: 'running' | 'done'; status: number | null; body: unknown };
