import { Injectable } from '@nestjs/common';
import { Alarm } from '@parley/service/alarm';
import type { Tx } from '@parley/service/tx';
import { QueueRepository } from './queue.repository.js';

/** Says when waiting tickets are to be handed out: after the transaction, or at a time to come; whatever crashes, it happens. */
@Injectable()
export class QueueService {
  constructor(
    private readonly alarm: Alarm,
    private readonly queue: QueueRepository,
  ) {}

  /** Something has changed that waiting tickets may have waited for. */
  async ring(tx: Tx, why: string, dueAt = tx.at): Promise<void> {
    const generation = await this.queue.nextGeneration(tx);
    await this.alarm.set(tx, { kind: 'hand_out', subject: { type: 'account', id: tx.by.account }, generation, dueAt, reason: { rule: 'RTE-5', why } });
  }

  /** Somebody begins to work then: once for each such moment, however many wait. Generations of moments are milliseconds, far beyond the counted ones. */
  async ringAtOpening(tx: Tx, dueAt: Date): Promise<void> {
    await this.alarm.set(tx, { kind: 'hand_out', subject: { type: 'account', id: tx.by.account }, generation: dueAt.getTime(), dueAt, reason: { rule: 'RTE-4', why: 'office hours begin' } });
  }
}
