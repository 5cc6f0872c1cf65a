import { Injectable } from '@nestjs/common';
import type { access } from '@parley/contracts/access';
import type { AuditRecord } from '@parley/contracts/audit';
import type { Actor, Input } from '@parley/contracts/contract';
import { Alarm, type Ring } from '@parley/service/alarm';
import { changesOf } from '@parley/service/audit';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource, LessThan, MoreThan } from 'typeorm';
import { AuditChainRepository, type Place } from './audit-chain.repository.js';
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
const DAY_MS = 86_400_000;
/** security.md 4 */
const KEPT_MS = 400 * DAY_MS;
const FORGOTTEN = 'audit-log.pruned';
const BEGINNING: Place = { place: 0, hash: FIRST };

/** Who changed what, when and from where (ACC-6). Written in the transaction of the change, so there is never one without the other. */
@Injectable()
export class AuditService {
  constructor(
    private readonly db: DataSource,
    private readonly chain: AuditChainRepository,
    private readonly alarm: Alarm,
  ) {}

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

  /** Whether every entry that is kept stands as it was written. `brokenAt`: the first that does not. */
  check(by: Actor) {
    return within(this.db, by, async (tx) => {
      const { head, anchor } = (await this.chain.ends(tx)) ?? { head: BEGINNING, anchor: BEGINNING };
      let { place, hash } = anchor;
      let forgotten: AuditEntryEntity | undefined;
      for (;;) {
        const entries = await tx.db.find(AuditEntryEntity, { where: { accountId: by.account, place: MoreThan(place) }, order: { place: 'ASC' }, take: CHECKED_AT_ONCE });
        for (const entry of entries) {
          const link = linkOf(hash, toLinked(entry));
          if (Number(entry.place) !== place + 1 || !link.equals(entry.hash!)) return { intact: false, entries: place - anchor.place, brokenAt: entry.id };
          [place, hash] = [place + 1, link];
          if (entry.action === FORGOTTEN) forgotten = entry;
        }
        if (entries.length === CHECKED_AT_ONCE) continue;
        const isWhole = head.place === place && head.hash.equals(hash);
        // Nothing goes missing at the beginning but what a later entry says was forgotten.
        const isAnchored = anchor.place === 0 || JSON.stringify(forgotten?.after) === JSON.stringify(anchored(anchor));
        return { intact: isWhole && isAnchored, entries: place - anchor.place, brokenAt: null };
      }
    });
  }

  /** The oldest entry is 400 days old: it goes, with those that are as old, and an entry says so. */
  async forgetOld(tx: Tx, ring: Ring) {
    const ends = await this.chain.lock(tx, FIRST);
    if (!(await ring.claim())) return;
    const last = await this.chain.lastBefore(tx, new Date(tx.at.getTime() - KEPT_MS), ends);
    if (last) {
      await this.chain.forgetUpTo(tx, last);
      await this.record(tx, { action: FORGOTTEN, resource: `audit-log/${tx.by.account}`, after: anchored(last) });
    }
    await this.forgetLater(tx);
  }

  private async keep(tx: Tx, record: AuditRecord, who: { type: string; id: string | null; at: Date } = { type: tx.by.type, id: tx.by.id, at: tx.at }) {
    const { head, anchor } = await this.chain.lock(tx, FIRST);
    const { action, resource, before, after, address } = record;
    const entry = tx.db.create(AuditEntryEntity, { accountId: tx.by.account, id: newId(), at: who.at, actorType: who.type, actorId: who.id, action, resource, before, after, address, place: head.place + 1 });
    entry.hash = linkOf(head.hash, toLinked(entry));
    await tx.db.insert(AuditEntryEntity, entry);
    await this.chain.grow(tx, { place: head.place + 1, hash: entry.hash });
    if (head.place === anchor.place) await this.forgetLater(tx);
  }

  private async forgetLater(tx: Tx) {
    const { place, at } = (await this.chain.oldest(tx))!;
    const reason = { keptDays: KEPT_MS / DAY_MS };
    await this.alarm.set(tx, { kind: 'audit_retention', subject: { type: 'account', id: tx.by.account }, generation: place, dueAt: new Date(at.getTime() + KEPT_MS), reason });
  }
}

/** An anchor as the entry says it that speaks of what was forgotten. */
const anchored = ({ place, hash }: Place) => ({ hash: hash.toString('hex'), upToPlace: place });
