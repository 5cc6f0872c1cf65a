import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { ViewEntity } from './view.entity.js';

const VISIBLE = 'account_id = $1 AND (shared OR owner_id = $2)';

/** Saved views by SQL. Whatever is private to somebody else is not there. */
@Injectable()
export class SavedViewsRepository {
  all(tx: Tx): Promise<ViewEntity[]> {
    return rows(tx, `SELECT * FROM saved_view WHERE ${VISIBLE} ORDER BY lower(name), id`, [tx.by.account, tx.by.id]);
  }

  /** Refuses with VIEW_NOT_FOUND. */
  async find(tx: Tx, id: string, how: '' | 'FOR UPDATE' = ''): Promise<ViewEntity> {
    const [view] = await rows<ViewEntity>(tx, `SELECT * FROM saved_view WHERE ${VISIBLE} AND id = $3 ${how}`, [tx.by.account, tx.by.id, id]);
    if (!view) throw new ContractError('VIEW_NOT_FOUND', `No view ${id}`);
    return view;
  }

  async insert(tx: Tx, view: ViewEntity): Promise<void> {
    await tx.sql('INSERT INTO saved_view (id, account_id, owner_id, name, shared, filter, sort, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
      view.id, tx.by.account, view.ownerId, view.name, view.shared, view.filter, view.sort, view.createdAt,
    ]);
  }

  async save(tx: Tx, view: ViewEntity): Promise<void> {
    await tx.sql('UPDATE saved_view SET name = $3, shared = $4, filter = $5, sort = $6, version = $7 WHERE id = $1 AND account_id = $2', [view.id, tx.by.account, view.name, view.shared, view.filter, view.sort, view.version]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.sql('DELETE FROM saved_view WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
  }
}
