import type { ActorType } from '@parley/contracts/contract';
import type { BulkAction, Job } from '@parley/contracts/jobs';

/** A bulk action's row. */
export type JobEntity = {
  id: string; accountId: string; action: BulkAction; byType: ActorType; byId: string | null; total: number; done: number; failed: number; createdAt: Date; finishedAt: Date | null;
};

/** What became of one ticket; `code` and `reason` of one that failed. */
export type Outcome = { ticketId: string; outcome: 'done' | 'failed'; code: string | null; reason: string | null };

export const toJob = (job: JobEntity): Job => ({
  id: job.id,
  kind: 'bulk',
  state: job.finishedAt ? 'done' : 'running',
  action: job.action,
  total: job.total,
  done: job.done,
  failed: job.failed,
  createdAt: job.createdAt.toISOString(),
  finishedAt: job.finishedAt?.toISOString() ?? null,
});
