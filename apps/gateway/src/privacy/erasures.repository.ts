import { Injectable } from '@nestjs/common';
import type { Erasure, Holder } from '@parley/contracts/privacy';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';

/** An erasure on its way. `person` is sealed, and gone when it is done. */
export type EraseRequest = { id: string; profileId: string; person: string | null; answers: Partial<Record<Holder, string>>; requestedAt: Date; doneAt: Date | null };

const COLUMNS = `id, profile_id AS "profileId", person, answers, requested_at AS "requestedAt", done_at AS "doneAt"`;
/** Nobody else takes it up meanwhile; longer than a round of questions. */
const LEASE = `now() + interval '30 seconds'`;

@Injectable()
export class ErasuresRepository {
  constructor(private readonly db: DataSource) {}

  async add(tx: Tx, { id, profileId, person }: { id: string; profileId: string; person: string }) {
    await tx.sql('INSERT INTO erase_request (account_id, id, profile_id, person, requested_at) VALUES ($1, $2, $3, $4, $5)', [tx.by.account, id, profileId, person, tx.at]);
    await tx.sql('INSERT INTO erase_due (request_id, account_id) VALUES ($1, $2)', [id, tx.by.account]);
  }

  async find(tx: Tx, id: string): Promise<EraseRequest | undefined> {
    const [found] = await tx.sql<EraseRequest>(`SELECT ${COLUMNS} FROM erase_request WHERE account_id = $1 AND id = $2`, [tx.by.account, id]);
    return found;
  }

  /** A due one of any account, taken for half a minute. */
  async take(): Promise<{ id: string; account: string } | undefined> {
    const [rows] = (await this.db.query(
      `UPDATE erase_due SET due_at = ${LEASE} WHERE request_id = (SELECT request_id FROM erase_due WHERE due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING request_id AS id, account_id AS account`,
    )) as [{ id: string; account: string }[], number];
    return rows[0];
  }

  async later(id: string, seconds: number) {
    await this.db.query('UPDATE erase_due SET due_at = now() + make_interval(secs => $2) WHERE request_id = $1', [id, seconds]);
  }

  async answered(tx: Tx, id: string, holder: Holder) {
    await tx.sql(`UPDATE erase_request SET answers = answers || jsonb_build_object($3::text, $4::text) WHERE account_id = $1 AND id = $2`, [tx.by.account, id, holder, tx.at.toISOString()]);
  }

  /** Nothing is left of who it was but the id of the profile. */
  async done(tx: Tx, id: string) {
    await tx.sql('UPDATE erase_request SET person = NULL, done_at = $3 WHERE account_id = $1 AND id = $2', [tx.by.account, id, tx.at]);
    await tx.sql('DELETE FROM erase_due WHERE request_id = $1', [id]);
  }

  /** Answers that were kept for repeats and hold something of the person; a repeat is carried out again, and finds them erased. */
  async forgetAnswers(tx: Tx, marks: string[]) {
    await tx.sql(
      `UPDATE idempotency SET body = NULL, status = NULL WHERE account_id = $1 AND EXISTS (SELECT FROM unnest($2::text[]) mark WHERE position(mark IN lower(body::text)) > 0)`,
      [tx.by.account, marks],
    );
  }
}

/** The erasure as the contract shows it. */
export const toErasure = (holders: readonly Holder[], { id, profileId, answers, requestedAt, doneAt }: EraseRequest): Erasure => ({
  id, profileId, state: doneAt ? 'done' : 'running',
  services: holders.map((service) => ({ service, state: answers[service] ? 'done' : 'waiting', doneAt: answers[service] ?? null })),
  requestedAt: requestedAt.toISOString(), doneAt: doneAt?.toISOString() ?? null,
});
