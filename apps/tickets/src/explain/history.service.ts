import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { HistoryEntity, NewDecision } from './history.entity.js';
import { HistoryRepository } from './history.repository.js';

/** Keeps what happened to tickets and what was decided by itself, in the transaction in which it was (TKT-21). */
@Injectable()
export class HistoryService {
  constructor(private readonly history: HistoryRepository) {}

  /** Asks nobody when there is nothing to keep. */
  async keep(tx: Tx, ticketId: string, happened: Omit<HistoryEntity, 'at'>[], decided: NewDecision[] = []): Promise<void> {
    if (happened.length || decided.length) await this.history.write(tx, ticketId, happened, decided);
  }

  /** For other features that decide something about a ticket, such as to whom it is attributed. */
  decide(tx: Tx, ticketId: string, ...decided: NewDecision[]): Promise<void> {
    return this.keep(tx, ticketId, [], decided);
  }
}
