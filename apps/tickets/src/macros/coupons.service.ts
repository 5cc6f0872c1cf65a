import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { coupons } from '@parley/contracts/macros';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { recordThing } from '../tickets.audit.js';
import { nameCursor, namePage } from '../tickets.database.js';
import { CouponsRepository, type Holder } from './coupons.repository.js';
import { toPool } from './macro.entity.js';

/** Coupon pools: each code is given out once, and comes back when its message cannot be sent (TKT-13). */
@Injectable()
export class CouponsService {
  constructor(
    private readonly db: DataSource,
    private readonly pools: CouponsRepository,
  ) {}

  list({ limit, cursor }: Input<typeof coupons.list>, by: Actor) {
    return within(this.db, by, async (tx) => namePage(await this.pools.page(tx, nameCursor(cursor), limit), limit, ({ name }) => name, toPool));
  }

  get({ id }: Input<typeof coupons.get>, by: Actor) {
    return within(this.db, by, async (tx) => toPool(await this.pools.find(tx, id)));
  }

  create({ name, codes }: Input<typeof coupons.create>, by: Actor) {
    const read = async (tx: Tx, id: string) => toPool(await this.pools.find(tx, id));
    return within(
      this.db, by,
      async (tx) => {
        const id = newId();
        if (!(await this.pools.insert(tx, { id, name }))) throw new ContractError('NAME_TAKEN', `There is a pool ${name}`);
        if (codes) await this.pools.add(tx, id, codes);
        const pool = await read(tx, id);
        recordThing(tx, 'coupon-pool', null, pool);
        return pool;
      },
      read,
    );
  }

  /** Filling again with the same codes adds none. */
  fill({ id, codes }: Input<typeof coupons.fill>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const before = toPool(await this.pools.find(tx, id));
      const added = await this.pools.add(tx, id, codes);
      const after = toPool(await this.pools.find(tx, id));
      recordThing(tx, 'coupon-pool', before, after);
      return { ...after, added };
    });
  }

  /** Those of the names that are no pools. */
  async unknown(tx: Tx, names: string[]): Promise<string[]> {
    const known = names.length ? await this.pools.named(tx, names) : new Map<string, string>();
    return names.filter((name) => !known.has(name));
  }

  /** A code of each pool for this message. @throws ContractError COUPON_POOL_EMPTY where one has none left, or is gone. */
  async take(tx: Tx, names: string[], holder: Holder): Promise<Map<string, string>> {
    const ids = names.length ? await this.pools.named(tx, names) : new Map<string, string>();
    const codes = new Map<string, string>();
    // In one order everywhere, so that two replies never wait for each other.
    for (const name of [...names].sort()) {
      const id = ids.get(name);
      const code = id ? await this.pools.take(tx, id, holder) : null;
      if (code === null) throw new ContractError('COUPON_POOL_EMPTY', `No code is left in ${name}`, { reason: 'coupon_pool_empty' });
      codes.set(name, code);
    }
    return codes;
  }

  /** A failed message is sent once more: its codes go along. False: one of them is somebody else's by now. */
  follow(tx: Tx, from: { id: string; text: string; receivedAt: Date }, to: string): Promise<boolean> {
    return this.pools.follow(tx, from, to);
  }

  /** What the provider said of a message decides whose its codes are. */
  async delivery(tx: Tx, messageId: string, state: string): Promise<void> {
    if (state === 'failed') await this.pools.giveBack(tx, messageId);
    else if (state === 'delivered' || state === 'read') await this.pools.keep(tx, messageId);
  }
}
