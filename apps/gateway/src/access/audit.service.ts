import { Injectable } from '@nestjs/common';
import type { access } from '@parley/contracts/access';
import type { AuditRecord } from '@parley/contracts/audit';
import type { Actor, Input } from '@parley/contracts/contract';
import { changesOf } from '@parley/service/audit';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource, IsNull, LessThan, MoreThan, Not } from 'typeorm';
import { FIRST, linkOf } from './audit-chain.rules.js';
import { AuditEntryEntity, toAuditEntry, toLinked } from './audit-entry.entity.js';
import { afterCursor, pageOf } from './pages.js';

type Change = {
  /** `user.updated`: the resource and what happened to it. */
  action: string;
  /** `user/<id>` */
  resource: string;
  before?: object | null;
  after?: object | null;
};
const CHECKED_AT_ONCE = 1000;

/** Who changed what, when and from where (ACC-6). Written in the transaction of the change, so there is never one without the other. */
@Injectable()
export class AuditService {
  constructor(private readonly db: DataSource) {}

  /** Of `before` and `after` only what differs is kept. */
  record(tx: Tx, { action, resource, before = null, after = null }: Change) {
    return this.keep(tx, { action, resource, ...changesOf(before, after), address: tx.by.address ?? null });
  }

  /** What another service has announced, in the name of whoever did it there, and at the time. */
  heard(tx: Tx, record: AuditRecord, { actor, time }: { actor: { type: string; id: string | null }; time: string }) {
    return this.keep(tx, record, { type: actor.type, id: actor.id, at: new Date(time) });
  }

  list({ limit, cursor }: Input<typeof access.listAudit>, by: Actor) {
    const before = afterCursor(cursor);
    return within(this.db, by, async (tx) => {
      const where = { accountId: by.account, ...(before && { id: LessThan(before) }) };
      return pageOf(await tx.db.find(AuditEntryEntity, { where, order: { id: 'DESC' }, take: limit + 1 }), limit, toAuditEntry);
    });
  }

  /** Whether every entry since the chain began stands as it was written. `brokenAt`: the first that does not. */
  check(by: Actor) {
    return within(this.db, by, async (tx) => {
      let [place, hash]: [number, Buffer] = [0, FIRST];
      for (;;) {
        const entries = await tx.db.find(AuditEntryEntity, { where: { accountId: by.account, place: place ? MoreThan(place) : Not(IsNull()) }, order: { place: 'ASC' }, take: CHECKED_AT_ONCE });
        for (const entry of entries) {
          const link = linkOf(hash, toLinked(entry));
          if (Number(entry.place) !== place + 1 || !link.equals(entry.hash!)) return { intact: false, entries: place, brokenAt: entry.id };
          [place, hash] = [place + 1, link];
        }
        if (entries.length === CHECKED_AT_ONCE) continue;
        const head = await this.head(tx);
        return { intact: head.place === place && head.hash.equals(hash), entries: place, brokenAt: null };
      }
    });
  }

  private async keep(tx: Tx, record: AuditRecord, who: { type: string; id: string | null; at: Date } = { type: tx.by.type, id: tx.by.id, at: tx.at }) {
    await tx.sql('INSERT INTO audit_head (account_id, place, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING', [tx.by.account, FIRST]);
    const head = await this.head(tx, 'FOR UPDATE');
    const { action, resource, before, after, address } = record;
    const entry = tx.db.create(AuditEntryEntity, { accountId: tx.by.account, id: newId(), at: who.at, actorType: who.type, actorId: who.id, action, resource, before, after, address, place: head.place + 1 });
    entry.hash = linkOf(head.hash, toLinked(entry));
    await tx.db.insert(AuditEntryEntity, entry);
    await tx.sql('UPDATE audit_head SET place = $2, hash = $3 WHERE account_id = $1', [tx.by.account, entry.place, entry.hash]);
  }

  private async head(tx: Tx, how: '' | 'FOR UPDATE' = '') {
    const [head] = await tx.sql<{ place: number; hash: Buffer }>(`SELECT place, hash FROM audit_head WHERE account_id = $1 ${how}`, [tx.by.account]);
    return head ?? { place: 0, hash: FIRST };
  }
}
