import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { BULK_FILTERED, jobEvents, type jobs } from '@parley/contracts/jobs';
import { newId } from '@parley/service/ids';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { pageOf, placeIn } from '../tickets.database.js';
import { ViewsService } from '../views/views.service.js';
import { ActionsService } from './actions.service.js';
import { toJob, type JobEntity } from './bulk.entity.js';
import { BulkRepository } from './bulk.repository.js';

/** Bulk actions as jobs (TKT-16): asked for here, done by BulkWorkService. */
@Injectable()
export class BulkService {
  constructor(
    private readonly db: DataSource,
    private readonly bulk: BulkRepository,
    private readonly actions: ActionsService,
    private readonly views: ViewsService,
  ) {}

  /** Keeps which tickets are meant at this moment; what comes to fit the filter later is not touched. */
  start({ ids, filter, action }: Input<typeof jobs.bulk>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        await this.actions.check(tx, action);
        const chosen = ids ? [...new Set(ids)] : await this.views.ids(tx, filter!, BULK_FILTERED + 1);
        if (chosen.length > BULK_FILTERED) throw new ContractError('TOO_MANY', `The filter shows more than ${BULK_FILTERED} tickets`);
        const job: JobEntity = { id: newId(), accountId: by.account, action, byType: by.type, byId: by.id, total: chosen.length, done: 0, failed: 0, createdAt: tx.at, finishedAt: chosen.length ? null : tx.at };
        await this.bulk.insert(tx, job, chosen);
        tell(tx, job);
        return toJob(job);
      },
      async (tx, id) => toJob(await this.bulk.find(tx, id)),
    );
  }

  get({ id }: Input<typeof jobs.get>, by: Actor) {
    return within(this.db, by, async (tx) => toJob(await this.bulk.find(tx, id)));
  }

  failures({ id, limit, cursor }: Input<typeof jobs.failures>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.bulk.find(tx, id);
      const found = await this.bulk.failures(tx, id, placeIn(cursor, 0)?.[0] ?? null, limit + 1);
      return pageOf(found, limit, ({ ticketId }) => [ticketId], ({ ticketId, code, reason }) => ({ ticketId, code: code!, reason }));
    });
  }
}

/** Announces how far the job is. */
export function tell(tx: Tx, job: JobEntity): void {
  announce(tx, jobEvents.updated, { key: job.id, data: toJob(job) });
}
