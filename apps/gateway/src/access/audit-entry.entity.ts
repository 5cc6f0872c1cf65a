import type { AuditEntry } from '@parley/contracts/access';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { z } from 'zod';

/** ACC-6. Rows are only added: a trigger refuses anything else. */
@Entity('audit_entry')
export class AuditEntryEntity {
  @PrimaryColumn('uuid', { name: 'account_id' }) accountId!: string;
  @PrimaryColumn('uuid') id!: string;
  @Column('timestamptz') at!: Date;
  @Column('text', { name: 'actor_type' }) actorType!: string;
  @Column('text', { name: 'actor_id', nullable: true }) actorId!: string | null;
  @Column('text') action!: string;
  @Column('text') resource!: string;
  @Column('jsonb', { nullable: true }) before!: object | null;
  @Column('jsonb', { nullable: true }) after!: object | null;
  @Column('text', { nullable: true }) address!: string | null;
  /** In the chain of the account, from 1; null before there was one. */
  @Column('bigint', { nullable: true }) place!: number | null;
  @Column('bytea', { nullable: true }) hash!: Buffer | null;
}

/** The entry as its link in the chain holds it fast. */
export const toLinked = ({ id, at, actorType, actorId, action, resource, before, after, address, place }: AuditEntryEntity) => (
  { id, at: at.toISOString(), actorType, actorId, action, resource, before, after, address, place: Number(place) });

/** The entry as the contract shows it. */
export const toAuditEntry = (entry: AuditEntryEntity): z.infer<typeof AuditEntry> => ({
  id: entry.id,
  at: entry.at.toISOString(),
  actor: { type: entry.actorType, id: entry.actorId },
  action: entry.action,
  resource: entry.resource,
  before: entry.before,
  after: entry.after,
  address: entry.address,
});
