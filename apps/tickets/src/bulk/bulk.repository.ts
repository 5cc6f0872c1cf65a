import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { AROUND, TICKET } from '../ticket/ticket.sql.js';
import { rows } from '../tickets.database.js';
import type { JobEntity, Outcome } from './bulk.entity.js';

/** Bulk actions and their items, by SQL. */
@Injectable()
export class BulkRepository {
  async insert(tx: Tx, job: JobEntity, ticketIds: string[]): Promise<void> {
    await tx.sql('INSERT INTO bulk_job (id, account_id, action, by_type, by_id, total, created_at, finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
      job.id, tx.by.account, job.action, job.byType, job.byId, job.total, job.createdAt, job.finishedAt,
    ]);
    if (!ticketIds.length) return;
    await tx.sql('INSERT INTO bulk_item (account_id, job_id, ticket_id) SELECT $1, $2, t FROM unnest($3::uuid[]) t', [tx.by.account, job.id, ticketIds]);
    await tx.sql('INSERT INTO bulk_work (job_id, account_id) VALUES ($1, $2)', [job.id, tx.by.account]);
  }

  /** Refuses with JOB_NOT_FOUND. */
  async find(tx: Tx, id: string): Promise<JobEntity> {
    const [job] = await rows<JobEntity>(tx, 'SELECT * FROM bulk_job WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
    if (!job) throw new ContractError('JOB_NOT_FOUND', `No job ${id}`);
    return job;
  }

  failures(tx: Tx, jobId: string, after: string | null, limit: number): Promise<Outcome[]> {
    const text = `SELECT ticket_id, outcome, code, reason FROM bulk_item WHERE job_id = $1 AND account_id = $2 AND outcome = 'failed' ${after ? 'AND ticket_id > $3::uuid' : ''} ORDER BY ticket_id LIMIT ${limit}`;
    return rows(tx, text, [jobId, tx.by.account, ...(after ? [after] : [])]);
  }

  /** Jobs with something to do, of all accounts, oldest first: ids are made in order. */
  async working(db: { query(text: string): Promise<unknown> }): Promise<{ jobId: string; account: string }[]> {
    return ((await db.query('SELECT job_id, account_id FROM bulk_work ORDER BY job_id LIMIT 100')) as { job_id: string; account_id: string }[]).map((row) => ({ jobId: row.job_id, account: row.account_id }));
  }

  /** The next items nobody works on: nobody else can take them until the transaction ends. */
  async take(tx: Tx, jobId: string, most: number): Promise<string[]> {
    const taken = await tx.sql<{ ticket_id: string }>(
      `SELECT ticket_id FROM bulk_item WHERE job_id = $1 AND account_id = $2 AND outcome IS NULL ORDER BY ticket_id LIMIT $3 FOR UPDATE SKIP LOCKED`, [jobId, tx.by.account, most],
    );
    return taken.map((row) => row.ticket_id);
  }

  /** The tickets of these ids that there are, locked in the order of their ids. */
  lock(tx: Tx, ids: string[]): Promise<TicketEntity[]> {
    return rows(tx, `SELECT ${TICKET} FROM ticket t ${AROUND} WHERE t.id = ANY ($1::uuid[]) AND t.account_id = $2 AND t.merged_into IS NULL ORDER BY t.id FOR UPDATE OF t`, [ids, tx.by.account]);
  }

  /** Writes what became of items, and how far the job is. */
  async settle(tx: Tx, jobId: string, outcomes: Outcome[]): Promise<JobEntity> {
    await tx.sql(
      `UPDATE bulk_item i SET outcome = v.outcome, code = v.code, reason = v.reason FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) v (ticket_id, outcome, code, reason)
       WHERE i.job_id = $1 AND i.account_id = $2 AND i.ticket_id = v.ticket_id`,
      [jobId, tx.by.account, outcomes.map((one) => one.ticketId), outcomes.map((one) => one.outcome), outcomes.map((one) => one.code), outcomes.map((one) => one.reason)],
    );
    const done = outcomes.filter((one) => one.outcome === 'done').length;
    const [job] = await rows<JobEntity>(
      tx, `UPDATE bulk_job SET done = done + $3, failed = failed + $4, finished_at = CASE WHEN done + failed + $3 + $4 >= total THEN $5::timestamptz END WHERE id = $1 AND account_id = $2 RETURNING *`,
      [jobId, tx.by.account, done, outcomes.length - done, tx.at],
    );
    if (job!.finishedAt) await tx.sql('DELETE FROM bulk_work WHERE job_id = $1 AND account_id = $2', [jobId, tx.by.account]);
    return job!;
  }
}
