import { Injectable } from '@nestjs/common';
import type { access } from '@parley/contracts/access';
import type { Actor, Input } from '@parley/contracts/contract';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource, LessThan } from 'typeorm';
import { AuditEntryEntity, toAuditEntry } from './audit-entry.entity.js';
import { afterCursor, pageOf } from './pages.js';

type Change = {
  /** `user.updated`: the resource and what happened to it. */
  action: string;
  /** `user/<id>` */
  resource: string;
  before?: object | null;
  after?: object | null;
};

/** Who changed what, when and from where (ACC-6). Written in the transaction of the change, so there is never one without the other. */
@Injectable()
export class AuditService {
  constructor(private readonly db: DataSource) {}

  /** Of `before` and `after` only what differs is kept. */
  async record(tx: Tx, { action, resource, before = null, after = null }: Change) {
    const differs = (name: string) => JSON.stringify((before as Fields)?.[name]) !== JSON.stringify((after as Fields)?.[name]);
    const pick = (fields: object | null) => fields && Object.fromEntries(Object.entries(fields).filter(([name]) => differs(name)));
    await tx.db.insert(AuditEntryEntity, {
      accountId: tx.by.account, id: newId(), at: tx.at, actorType: tx.by.type, actorId: tx.by.id, action, resource,
      before: pick(before), after: pick(after), address: tx.by.address ?? null,
    });
  }

  list({ limit, cursor }: Input<typeof access.listAudit>, by: Actor) {
    const before = afterCursor(cursor);
    return within(this.db, by, async (tx) => {
      const where = { accountId: by.account, ...(before && { id: LessThan(before) }) };
      return pageOf(await tx.db.find(AuditEntryEntity, { where, order: { id: 'DESC' }, take: limit + 1 }), limit, toAuditEntry);
    });
  }
}

type Fields = Record<string, unknown> | null;
