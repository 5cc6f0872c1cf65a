import { Injectable } from '@nestjs/common';
import { ORDER_METRIC } from '@parley/contracts/customer-events';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { FilterEntity, TimelineEntity } from './customer-event.entity.js';

export type NewCustomerEvent = { id: string; profileId: string; metric: string; at: string | Date; properties: object; uniqueId: string | null };
export type OrderSums = { currency: string | null; orders: number; valued: number; total: number; firstAt: Date; lastAt: Date };

const FILTER = 'SELECT * FROM event_filter WHERE id = $1 AND account_id = $2';

/** Knows what customers did, by SQL. */
@Injectable()
export class EventsRepository {
  /** Records those whose unique id is new, and answers their ids. One statement, whatever their number; in one order, so that two batches do not wait for each other in a circle. */
  async record(tx: Tx, events: NewCustomerEvent[]): Promise<Set<string>> {
    const column = <T>(of: (event: NewCustomerEvent) => T) => events.map(of);
    const recorded = await tx.sql<{ id: string }>(
      `INSERT INTO customer_event (id, account_id, profile_id, metric, at, properties, unique_id, recorded_at)
       SELECT w.id, $1, w.profile_id, w.metric, w.at, w.properties::jsonb, w.unique_id, $8
       FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[]) AS w (id, profile_id, metric, at, properties, unique_id)
       ORDER BY w.unique_id, w.id ON CONFLICT (unique_id, account_id) DO NOTHING RETURNING id`,
      [
        tx.by.account, column(({ id }) => id), column(({ profileId }) => profileId), column(({ metric }) => metric), column(({ at }) => at),
        column(({ properties }) => JSON.stringify(properties)), column(({ uniqueId }) => uniqueId), tx.at,
      ],
    );
    return new Set(recorded.map(({ id }) => id));
  }

  /** Which events stand under these unique ids. */
  async standing(tx: Tx, uniqueIds: string[]): Promise<Map<string, string>> {
    const found = await tx.sql<{ id: string; unique_id: string }>('SELECT id, unique_id FROM customer_event WHERE account_id = $1 AND unique_id = ANY ($2)', [tx.by.account, uniqueIds]);
    return new Map(found.map((row) => [row.unique_id, row.id]));
  }

  /** Events of one metric, newest first, before a place. */
  ofMetric(tx: Tx, profileId: string, metric: string, before: readonly string[] | null, limit: number): Promise<TimelineEntity[]> {
    return rows(
      tx,
      `SELECT id, metric, at, properties, 'api' AS origin FROM customer_event WHERE profile_id = $2 AND account_id = $1 AND metric = $3
       ${before ? 'AND (at, id) < ($4::timestamptz, $5::uuid)' : ''} ORDER BY at DESC, id DESC LIMIT ${limit}`,
      [tx.by.account, profileId, metric, ...(before ?? [])],
    );
  }

  /** Somebody's orders in sum, by currency. */
  orderSums(tx: Tx, profileId: string): Promise<OrderSums[]> {
    return rows(
      tx,
      `SELECT currency, count(*) AS orders, count(amount) AS valued, coalesce(sum(amount), 0)::float8 AS total, min(at) AS first_at, max(at) AS last_at
       FROM customer_event WHERE profile_id = $2 AND account_id = $1 AND metric = '${ORDER_METRIC}' GROUP BY currency ORDER BY count(*) DESC, currency`,
      [tx.by.account, profileId],
    );
  }

  /** Mean value of the account's newest thousand orders of a currency. */
  async meanOrder(tx: Tx, currency: string): Promise<number> {
    const [row] = await tx.sql<{ mean: number | null }>(
      `SELECT avg(amount)::float8 AS mean FROM (
         SELECT amount FROM customer_event WHERE metric = '${ORDER_METRIC}' AND amount IS NOT NULL AND currency = $2 AND account_id = $1 ORDER BY at DESC LIMIT 1000) o`,
      [tx.by.account, currency],
    );
    return row!.mean ?? 0;
  }

  filters(tx: Tx, before: readonly string[] | null, limit: number): Promise<FilterEntity[]> {
    return rows(tx, `SELECT * FROM event_filter WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT ${limit}`, [tx.by.account, before?.[0] ?? null]);
  }

  async filter(tx: Tx, id: string, how: '' | 'FOR UPDATE' = ''): Promise<FilterEntity> {
    const [filter] = await rows<FilterEntity>(tx, `${FILTER} ${how}`, [id, tx.by.account]);
    if (!filter) throw new ContractError('EVENT_FILTER_NOT_FOUND', `No saved filter ${id}`);
    return filter;
  }

  /** Nothing where another one has the name. */
  async createFilter(tx: Tx, name: string, metrics: string[]): Promise<FilterEntity | undefined> {
    const text = 'INSERT INTO event_filter (id, account_id, name, metrics, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING *';
    return (await rows<FilterEntity>(tx, text, [newId(), tx.by.account, name, metrics, tx.at]))[0];
  }

  async isNameTaken(tx: Tx, name: string, id: string): Promise<boolean> {
    return (await tx.sql('SELECT FROM event_filter WHERE account_id = $1 AND name = $2 AND id <> $3', [tx.by.account, name, id])).length > 0;
  }

  async saveFilter(tx: Tx, { id, name, metrics, version }: FilterEntity): Promise<void> {
    await tx.sql('UPDATE event_filter SET name = $3, metrics = $4, version = $5 WHERE id = $1 AND account_id = $2', [id, tx.by.account, name, metrics, version]);
  }

  async removeFilter(tx: Tx, id: string): Promise<void> {
    await tx.sql('DELETE FROM event_filter WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
  }
}
