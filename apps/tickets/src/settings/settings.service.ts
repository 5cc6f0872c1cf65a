import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { settingsEvents, type Settings, type settings, type SettingsArea } from '@parley/contracts/settings';
import { recordChange } from '@parley/service/audit';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { QueueService } from '../assignment/queue.service.js';
import { changed, inForce } from './change.rules.js';
import { SettingsRepository } from './settings.repository.js';

/** The account's settings of this service's areas. */
@Injectable()
export class SettingsService {
  constructor(
    private readonly db: DataSource,
    private readonly repository: SettingsRepository,
    private readonly queue: QueueService,
  ) {}

  get({ area }: Input<typeof settings.get>, by: Actor) {
    return within(this.db, by, async (tx) => answer(area, await this.repository.find(tx, area)));
  }

  update({ area, ifMatch, values }: Input<typeof settings.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const before = await this.repository.lock(tx, area);
      if (before.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${before.version}`, { current: answer(area, before) });
      const after = { values: changed(area, before.values, values), version: before.version + 1 };
      await this.repository.save(tx, area, after);
      recordChange(tx, auditEvents.tickets, { action: 'settings.updated', resource: `settings/${area}`, before: answer(area, before).values, after: answer(area, after).values });
      announce(tx, settingsEvents.changed, { key: `settings/${area}`, data: answer(area, after) });
      if (area === 'routing') await this.queue.ring(tx, 'the settings have changed');
      return answer(area, after);
    });
  }

  /** What holds now, for a decision of another feature. */
  async read<A extends SettingsArea>(tx: Tx, area: A): Promise<Settings<A>> {
    return inForce(area, (await this.repository.find(tx, area)).values);
  }
}

const answer = (area: SettingsArea, { values, version }: { values: object; version: number }) => ({ area, values: inForce(area, values) as Record<string, unknown>, version });
