import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Rounds } from '@parley/service/rounds';
import { system, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DocumentsRepository } from './documents.repository.js';

const PAUSE_MS = 200;
/** In one transaction: whoever receives messages shares the database with us. */
const AT_ONCE = 200;

/** Makes what was written findable, behind whoever writes (TKT-18): works through the queue that triggers fill. Replicas share it. */
@Injectable()
export class IndexingService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds = new Rounds(() => this.work(), PAUSE_MS, 'search not brought up to date');

  constructor(
    private readonly db: DataSource,
    private readonly documents: DocumentsRepository,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  onApplicationShutdown() {
    return this.rounds.stop();
  }

  /** Works until nothing waits, one batch of each account after the other, so that a large one keeps nobody waiting. */
  async work(): Promise<void> {
    for (let isMore = true; isMore && !this.rounds.stopped; ) {
      isMore = false;
      for (const account of await this.documents.waiting(this.db)) isMore = (await within(this.db, system(account), (tx) => this.step(tx))) || isMore;
    }
  }

  private async step(tx: Tx): Promise<boolean> {
    const taken = await this.documents.take(tx, AT_ONCE);
    for (const kind of new Set(taken.map((item) => item.kind))) {
      const ids = new Set(taken.filter((item) => item.kind === kind).map((item) => item.subjectId));
      await this.documents.write(tx, kind, [...ids].sort());
    }
    return taken.length === AT_ONCE;
  }
}
