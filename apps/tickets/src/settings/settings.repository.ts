import { Injectable } from '@nestjs/common';
import type { SettingsArea } from '@parley/contracts/settings';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

type SettingEntity = { values: object; version: number };

/** Settings of an account by area; an area that nobody has changed has no row and is version 1. */
@Injectable()
export class SettingsRepository {
  async find(tx: Tx, area: SettingsArea): Promise<SettingEntity> {
    const [row] = await rows<SettingEntity>(tx, 'SELECT "values", version FROM setting WHERE account_id = $1 AND area = $2', [tx.by.account, area]);
    return row ?? { values: {}, version: 1 };
  }

  /** As `find`; nobody else can change the area until the transaction ends. */
  async lock(tx: Tx, area: SettingsArea): Promise<SettingEntity> {
    await tx.sql(`INSERT INTO setting (account_id, area, "values", version) VALUES ($1, $2, '{}', 1) ON CONFLICT DO NOTHING`, [tx.by.account, area]);
    const [row] = await rows<SettingEntity>(tx, 'SELECT "values", version FROM setting WHERE account_id = $1 AND area = $2 FOR UPDATE', [tx.by.account, area]);
    return row!;
  }

  async save(tx: Tx, area: SettingsArea, setting: SettingEntity): Promise<void> {
    await tx.sql('UPDATE setting SET "values" = $3, version = $4 WHERE account_id = $1 AND area = $2', [tx.by.account, area, setting.values, setting.version]);
  }
}
