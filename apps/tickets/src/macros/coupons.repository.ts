import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { CouponPoolEntity } from './macro.entity.js';

const POOL = `p.id, p.name, p.created_at,
  (SELECT count(*) FROM coupon_code c WHERE c.pool_id = p.id AND c.given_at IS NULL) AS free,
  (SELECT count(*) FROM coupon_code c WHERE c.pool_id = p.id AND c.given_at IS NOT NULL) AS given`;

/** Whose a code is: the person, and the message by which they get it. */
export type Holder = { profileId: string; messageId: string };

/** Hours in which a code of a message that failed goes to nobody else: reports of deliveries come later than that no more. */
const RETURN_HOURS = 72;

/** What may be given, the first that there is: this person's own code of a message that failed, a free one, one that was returned long ago. */
const CANDIDATES = [
  'returned_at IS NOT NULL AND given_to = $3 ORDER BY seq',
  'given_at IS NULL ORDER BY seq',
  `returned_at < $5::timestamptz - interval '${RETURN_HOURS} hours' ORDER BY returned_at`,
];
const take = (candidate: string) => `
  UPDATE coupon_code SET given_to = $3, message_id = $4, given_at = $5, returned_at = NULL
  WHERE pool_id = $1 AND code = (SELECT code FROM coupon_code WHERE pool_id = $1 AND account_id = $2 AND ${candidate} LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING code`;

@Injectable()
export class CouponsRepository {
  page(tx: Tx, after: string | null, limit: number): Promise<CouponPoolEntity[]> {
    return rows<CouponPoolEntity>(tx, `SELECT ${POOL} FROM coupon_pool p WHERE p.account_id = $1 AND ($2::text IS NULL OR p.name > $2) ORDER BY p.name LIMIT $3`, [tx.by.account, after, limit + 1]);
  }

  /** @throws ContractError COUPON_POOL_NOT_FOUND */
  async find(tx: Tx, id: string): Promise<CouponPoolEntity> {
    const [pool] = await rows<CouponPoolEntity>(tx, `SELECT ${POOL} FROM coupon_pool p WHERE p.id = $1 AND p.account_id = $2`, [id, tx.by.account]);
    if (!pool) throw new ContractError('COUPON_POOL_NOT_FOUND', `No coupon pool ${id}`);
    return pool;
  }

  /** Ids by name, of those that exist. */
  async named(tx: Tx, names: string[]): Promise<Map<string, string>> {
    const found = await tx.sql<{ id: string; name: string }>('SELECT id, name FROM coupon_pool WHERE account_id = $1 AND name = ANY ($2::text[])', [tx.by.account, names]);
    return new Map(found.map(({ id, name }) => [name, id]));
  }

  /** False where another one has the name. */
  async insert(tx: Tx, { id, name }: { id: string; name: string }): Promise<boolean> {
    const made = await tx.sql('INSERT INTO coupon_pool (id, account_id, name, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name, account_id) DO NOTHING RETURNING id', [id, tx.by.account, name, tx.at]);
    return made.length === 1;
  }

  /** How many were new. */
  async add(tx: Tx, poolId: string, codes: string[]): Promise<number> {
    const [row] = await tx.sql<{ added: number }>(
      `WITH made AS (INSERT INTO coupon_code (account_id, pool_id, code) SELECT $1, $2, code FROM unnest($3::text[]) WITH ORDINALITY u(code, o) ORDER BY o ON CONFLICT DO NOTHING RETURNING 1)
       SELECT count(*) AS added FROM made`,
      [tx.by.account, poolId, codes],
    );
    return row!.added;
  }

  /** A code that nobody else has or gets; null: the pool has none. Should the transaction fail, it was never taken. */
  async take(tx: Tx, poolId: string, { profileId, messageId }: Holder): Promise<string | null> {
    for (const candidate of CANDIDATES) {
      const [taken] = await tx.sql<{ code: string }>(take(candidate), [poolId, tx.by.account, profileId, messageId, tx.at]);
      if (taken) return taken.code;
    }
    return null;
  }

  /** The message could not be sent: its codes are given back. */
  async giveBack(tx: Tx, messageId: string) {
    await tx.sql('UPDATE coupon_code SET returned_at = $3 WHERE message_id = $1 AND account_id = $2', [messageId, tx.by.account, tx.at]);
  }

  /** The codes of a message that failed are those of its next attempt. False: one of them has gone to somebody else meanwhile. */
  async follow(tx: Tx, from: { id: string; text: string; receivedAt: Date }, to: string): Promise<boolean> {
    await tx.sql('UPDATE coupon_code SET message_id = $3, returned_at = NULL WHERE message_id = $1 AND account_id = $2', [from.id, tx.by.account, to]);
    const lost = await tx.sql('SELECT FROM coupon_code WHERE account_id = $1 AND given_at > $4 AND message_id IS DISTINCT FROM $2 AND position(code IN $3) > 0 LIMIT 1', [tx.by.account, to, from.text, from.receivedAt]);
    return lost.length === 0;
  }

  /** It was delivered after all, whatever had been said before. */
  async keep(tx: Tx, messageId: string) {
    await tx.sql('UPDATE coupon_code SET returned_at = NULL WHERE message_id = $1 AND account_id = $2', [messageId, tx.by.account]);
  }
}
