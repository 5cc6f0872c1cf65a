import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

export type OrderRow = { number: string | null; amount: string | null; currency: string | null; at: Date };

/** The newest order of a customer, as it was told by an event of the metric Placed Order. */
@Injectable()
export class OrdersRepository {
  async latest(tx: Tx, profileId: string): Promise<OrderRow | null> {
    const [order] = await rows<OrderRow>(
      tx,
      `SELECT properties ->> 'orderId' AS number, round(amount, 2)::text AS amount, currency, at FROM customer_event
       WHERE profile_id = $1 AND account_id = $2 AND metric = 'Placed Order' ORDER BY at DESC, id DESC LIMIT 1`,
      [profileId, tx.by.account],
    );
    return order ?? null;
  }
}
