import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { MacroEntity } from './macro.entity.js';

const COLUMNS = 'id, name, key, category, text, actions, uses, last_used_at, created_at, updated_at, version';

@Injectable()
export class MacrosRepository {
  /** Macros by name, `like` in name, category or text; one more than `limit` if there are more. */
  page(tx: Tx, { like, category, after, limit }: { like: string | null; category: string | null; after: string | null; limit: number }): Promise<MacroEntity[]> {
    return rows<MacroEntity>(
      tx,
      `SELECT ${COLUMNS} FROM macro WHERE account_id = $1 AND ($2::text IS NULL OR name ILIKE $2 OR category ILIKE $2 OR text ILIKE $2)
         AND ($3::text IS NULL OR category = $3) AND ($4::text IS NULL OR key > $4) ORDER BY key LIMIT $5`,
      [tx.by.account, like, category, after, limit + 1],
    );
  }

  /** @throws ContractError MACRO_NOT_FOUND */
  async find(tx: Tx, id: string, lock = ''): Promise<MacroEntity> {
    const [macro] = await rows<MacroEntity>(tx, `SELECT ${COLUMNS} FROM macro WHERE id = $1 AND account_id = $2 ${lock}`, [id, tx.by.account]);
    if (!macro) throw new ContractError('MACRO_NOT_FOUND', `No macro ${id}`);
    return macro;
  }

  /** Nobody else can change it until the transaction ends. */
  lock(tx: Tx, id: string): Promise<MacroEntity> {
    return this.find(tx, id, 'FOR UPDATE');
  }

  /** False where another one has the name. */
  async insert(tx: Tx, macro: MacroEntity): Promise<boolean> {
    const made = await tx.sql(
      `INSERT INTO macro (id, account_id, name, key, category, text, actions, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
       ON CONFLICT (key, account_id) DO NOTHING RETURNING id`,
      [macro.id, tx.by.account, macro.name, macro.key, macro.category, macro.text, JSON.stringify(macro.actions), tx.at],
    );
    return made.length === 1;
  }

  /** False where another one has the name. */
  async save(tx: Tx, macro: MacroEntity): Promise<boolean> {
    const saved = await tx.sql(
      `UPDATE macro SET name = $3, key = $4, category = $5, text = $6, actions = $7, updated_at = $8, version = $9 WHERE id = $1 AND account_id = $2
         AND NOT EXISTS (SELECT FROM macro o WHERE o.key = $4 AND o.account_id = $2 AND o.id <> $1) RETURNING id`,
      [macro.id, tx.by.account, macro.name, macro.key, macro.category, macro.text, JSON.stringify(macro.actions), macro.updatedAt, macro.version],
    );
    return saved.length === 1;
  }

  async remove(tx: Tx, id: string) {
    await tx.sql('DELETE FROM macro WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
  }

  async countUse(tx: Tx, id: string) {
    await tx.sql('UPDATE macro SET uses = uses + 1, last_used_at = $3 WHERE id = $1 AND account_id = $2', [id, tx.by.account, tx.at]);
  }
}
