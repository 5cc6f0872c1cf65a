import type { Account } from '@parley/contracts/access';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** ACC-1: one brand. */
@Entity('account')
export class AccountEntity {
  @PrimaryColumn('uuid', { name: 'account_id' }) id!: string;
  @Column('text') name!: string;
  @Column('text') mode!: Account['mode'];
  @Column('text') timezone!: string;
  @Column('text') locale!: string;
  @Column('text', { name: 'organisation_prefix', nullable: true }) organisationPrefix!: string | null;
  @Column('text', { name: 'sender_email', nullable: true }) senderEmail!: string | null;
  @Column('text', { name: 'logo_url', nullable: true }) logoUrl!: string | null;
  @Column('text', { name: 'brand_color', nullable: true }) brandColor!: string | null;
  @Column('text', { name: 'accent_color', nullable: true }) accentColor!: string | null;
  @Column('text', { name: 'privacy_url', nullable: true }) privacyUrl!: string | null;
  @Column('text', { name: 'terms_url', nullable: true }) termsUrl!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('int') version!: number;
}

/** The account as the contract shows it. */
export const toAccount = ({ createdAt, ...account }: AccountEntity): Account => ({ ...account, createdAt: createdAt.toISOString() });
