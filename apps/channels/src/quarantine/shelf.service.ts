import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { HealthService } from '../health/health.service.js';
import { type NewItem, QuarantineRepository, type QuarantineRow } from './quarantine.repository.js';

/** Where things are put that could not be understood, and taken from when they are. For whoever reads bytes: hooks, mail. */
@Injectable()
export class ShelfService {
  constructor(
    private readonly quarantine: QuarantineRepository,
    private readonly health: HealthService,
  ) {}

  async put(tx: Tx, items: NewItem[]): Promise<void> {
    if (!items.length) return;
    await this.quarantine.put(tx, items);
    for (const { channelId } of items) this.health.review(tx, channelId);
  }

  /** The bytes are understood now, or about to be filed: what stood for them in the books stands no longer. Does nothing for bytes that were never in quarantine. */
  async take(tx: Tx, rawId: string): Promise<void> {
    const rows = await this.quarantine.ofBytes(tx, rawId);
    if (!rows.length) return;
    await this.quarantine.strike(tx, rawId, rows.map(({ id }) => id));
    for (const row of rows) await this.quarantine.save(tx, { ...row, state: 'settled', resolution: 'landed' });
    for (const { channelId } of rows) this.health.review(tx, channelId);
  }

  /** A retry did not help. False where these bytes are not being retried: it is the first time. */
  async putBack(tx: Tx, rawId: string, reason: string): Promise<boolean> {
    const rows = (await this.quarantine.ofBytes(tx, rawId)).filter(isRetried);
    for (const row of rows) await this.quarantine.save(tx, { ...row, state: 'waiting', reason });
    return rows.length > 0;
  }
}

const isRetried = ({ state }: QuarantineRow) => state === 'retrying';
