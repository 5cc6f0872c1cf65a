import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Actor } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { BulkAction } from '@parley/contracts/jobs';
import { errorFields, logger } from '@parley/service/logging';
import { Rounds } from '@parley/service/rounds';
import { isInfrastructure, system, within, type Tx } from '@parley/service/tx';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ActionsService } from './actions.service.js';
import type { JobEntity, Outcome } from './bulk.entity.js';
import { BulkRepository } from './bulk.repository.js';
import { tell } from './bulk.service.js';

const LOOK_MS = 250;
/** In one transaction: its tickets are locked that long, so an agent who answers one of them waits that long. */
const AT_ONCE = 20;
/** Left to others between two of them, whatever the machine. */
const YIELD_MS = 5;
/** Progress is told when it has come so much further, and at the end. */
const STEPS_TOLD = 50;

/**
 * Does what bulk actions ask for. An item is locked by the transaction that does it, and over when that commits: several replicas share
 * a job, a crash leaves nothing half done, and each ticket is handled once.
 */
@Injectable()
export class BulkWorkService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds = new Rounds(() => this.work(), LOOK_MS, 'bulk actions interrupted');

  constructor(
    private readonly db: DataSource,
    private readonly bulk: BulkRepository,
    private readonly actions: ActionsService,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  onApplicationShutdown() {
    return this.rounds.stop();
  }

  /** Works until no job has anything left, a batch of each after the other, so that a large one keeps nobody waiting. */
  async work(): Promise<void> {
    const known = new Map<string, JobEntity>();
    for (let isMore = true; isMore && !this.rounds.stopped; ) {
      isMore = false;
      for (const { jobId, account } of await this.bulk.working(this.db)) {
        if (this.rounds.stopped) return;
        const job = known.get(jobId) ?? (await within(this.db, system(account), (tx) => this.bulk.find(tx, jobId)));
        known.set(jobId, job);
        isMore = (await this.batch(job)) || isMore;
        await pause(YIELD_MS);
      }
    }
  }

  private async batch(job: JobEntity): Promise<boolean> {
    const by: Actor = { account: job.accountId, type: job.byType, id: job.byId, scopes: [] };
    try {
      return await within(this.db, by, (tx) => this.step(tx, job, AT_ONCE));
    } catch (error) {
      if (isInfrastructure(error)) throw error;
      // One of them breaks the transaction of all: then each has its own.
      logger.error({ ...errorFields(error), jobId: job.id }, 'bulk action broke');
      for (let n = 0; n < AT_ONCE; n++) await within(this.db, by, (tx) => this.step(tx, job, 1)).catch((one) => this.giveUp(by, job, one));
      return true;
    }
  }

  /** One short transaction of work; whether there may be more. */
  private async step(tx: Tx, job: JobEntity, most: number): Promise<boolean> {
    const ids = await this.bulk.take(tx, job.id, most);
    if (!ids.length) return false;
    const found = new Map((await this.bulk.lock(tx, ids)).map((ticket) => [ticket.id, ticket]));
    const outcomes: Outcome[] = [];
    for (const ticketId of ids) {
      const ticket = found.get(ticketId);
      outcomes.push(ticket ? await this.outcomeOf(() => this.actions.act(tx, ticket, job.action as BulkAction), ticketId) : failed(ticketId, 'TICKET_NOT_FOUND'));
    }
    const now = await this.bulk.settle(tx, job.id, outcomes);
    const part = Math.max(AT_ONCE, now.total / STEPS_TOLD);
    if (now.finishedAt || Math.floor((now.done + now.failed) / part) > Math.floor((now.done + now.failed - ids.length) / part)) tell(tx, now);
    return !now.finishedAt;
  }

  private async outcomeOf(act: () => Promise<void>, ticketId: string): Promise<Outcome> {
    try {
      await act();
      return { ticketId, outcome: 'done', code: null, reason: null };
    } catch (error) {
      if (!(error instanceof ContractError) || error.code === 'UNAVAILABLE') throw error;
      return failed(ticketId, error.code, error.more['reason'] as string | undefined);
    }
  }

  /** The one ticket that breaks whatever is tried counts as failed, so that the others go on. */
  private async giveUp(by: Actor, job: JobEntity, error: unknown): Promise<void> {
    if (isInfrastructure(error)) throw error;
    await within(this.db, by, async (tx) => {
      const [ticketId] = await this.bulk.take(tx, job.id, 1);
      if (ticketId) tell(tx, await this.bulk.settle(tx, job.id, [failed(ticketId, 'INTERNAL')]));
    });
  }
}

const failed = (ticketId: string, code: string, reason: string | null = null): Outcome => ({ ticketId, outcome: 'failed', code, reason });
