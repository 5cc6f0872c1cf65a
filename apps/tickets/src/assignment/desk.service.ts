import { Injectable } from '@nestjs/common';
import { SETTINGS } from '@parley/contracts/settings';
import type { Tx } from '@parley/service/tx';
import type { DeskEntity } from './assignment.entity.js';
import { DeskRepository } from './desk.repository.js';

/** What holds where nobody has configured anything. */
const UNCONFIGURED: DeskEntity = {
  version: 0, rules: [], teams: {}, routing: SETTINGS.routing.parse({}), spamThreshold: SETTINGS.inbox.parse({}).spamThreshold, samples: { spam: 0, ham: 0 },
};
/** Accounts whose rules are kept at hand. */
const MOST_KEPT = 2000;

/** What tickets of the account are handed out by. Kept by version: a ticket is always decided by what stood in the database when it was. */
@Injectable()
export class DeskService {
  private readonly kept = new Map<string, DeskEntity>();

  constructor(private readonly desk: DeskRepository) {}

  /** `version`: where the caller has just read it; null: there is nothing configured. */
  async read(tx: Tx, version?: number | null): Promise<DeskEntity> {
    const now = version === undefined ? await this.desk.version(tx) : version;
    if (now === null) return UNCONFIGURED;
    const kept = this.kept.get(tx.by.account);
    if (kept?.version === now) return kept;
    const desk = await this.desk.read(tx);
    if (this.kept.size >= MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
    this.kept.set(tx.by.account, desk);
    return desk;
  }
}
