import { Injectable } from '@nestjs/common';
import { system, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { FactsRepository } from './facts.repository.js';
import { FactsService } from './facts.service.js';

/** Facts learnt from in one transaction, and rows removed in one. */
const PAGE = 2000;
type Progress = { position: number; facts: number };

/**
 * REP-5: everything once more from the event log. The new build grows beside the one that reports are read from; at the end
 * they change places in one transaction. The service may run and hear meanwhile.
 */
@Injectable()
export class RebuildService {
  constructor(
    private readonly db: DataSource,
    private readonly repository: FactsRepository,
    private readonly facts: FactsService,
  ) {}

  /** Every account, one after the other; answers how many facts were learnt from. */
  async all(): Promise<{ accounts: number; facts: number }> {
    const accounts = (await this.db.query('SELECT account_id FROM reported_account ORDER BY account_id')) as { account_id: string }[];
    let facts = 0;
    for (const { account_id } of accounts) facts += await this.account(account_id);
    return { accounts: accounts.length, facts };
  }

  /** One account; answers how many facts were learnt from. @throws when it is being rebuilt already. */
  async account(account: string): Promise<number> {
    const runner = this.db.createQueryRunner();
    const lock = [`rebuild ${account}`];
    try {
      const [{ free }] = (await runner.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS free', lock)) as [{ free: boolean }];
      if (!free) throw new Error(`account ${account} is being rebuilt already`);
      return await this.rebuild(account).finally(() => runner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', lock));
    } finally {
      await runner.release();
    }
  }

  private async rebuild(account: string): Promise<number> {
    const inTurn = <T>(work: (tx: Tx) => Promise<T>) => within(this.db, system(account), work);
    const build = await inTurn((tx) => this.repository.build(tx));
    await this.clear(account, build);
    let done: Progress = { position: 0, facts: 0 };
    for (let before = -PAGE; done.facts - before >= PAGE; ) {
      before = done.facts;
      const upTo = await inTurn((tx) => this.settledPosition(tx));
      while (done.position < upTo) done = await inTurn((tx) => this.learnPage(tx, build + 1, done, upTo));
    }
    done = await inTurn(async (tx) => {
      const upTo = await this.settledPosition(tx);
      let last = done;
      while (last.position < upTo) last = await this.learnPage(tx, build + 1, last, upTo);
      await this.repository.useBuild(tx, build + 1);
      return last;
    });
    await this.clear(account, build + 1);
    return done.facts;
  }

  /** Positions are given before they commit: only while nobody else is learning is everything up to the last one there to read. */
  private async settledPosition(tx: Tx) {
    await this.repository.ownBuild(tx);
    return this.repository.lastPosition(tx);
  }

  private async learnPage(tx: Tx, build: number, done: Progress, upTo: number): Promise<Progress> {
    const page = await this.repository.page(tx, done.position, upTo, PAGE);
    await this.facts.learn(tx, build, page.map((row) => row.envelope));
    return { position: page.at(-1)?.position ?? upTo, facts: done.facts + page.length };
  }

  private async clear(account: string, current: number) {
    while (await within(this.db, system(account), (tx) => this.repository.removeOtherBuilds(tx, current, PAGE)));
  }
}
