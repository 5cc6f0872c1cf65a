import type { Channel, ChannelType } from '@parley/contracts/channels';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';

@Entity('channel')
export class ChannelEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'account_id' }) accountId!: string;
  @Column('text') type!: ChannelType;
  @Column('text') provider!: string;
  @Column('text') name!: string;
  @Column('boolean') enabled!: boolean;
  @Column('text', { nullable: true }) address!: string | null;
  @Column('jsonb') settings!: Record<string, unknown>;
  /** Sealed: see Secrets. */
  @Column('text') credentials!: string;
  @Column('text', { name: 'webhook_key', nullable: true }) webhookKey!: string | null;
  @Column('text', { name: 'widget_key', nullable: true }) widgetKey!: string | null;
  @Column('text', { name: 'forwarding_token', nullable: true }) forwardingToken!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  /** Disconnected: it takes and sends nothing any more, and is listed nowhere. */
  @Column('timestamptz', { name: 'removed_at', nullable: true }) removedAt!: Date | null;
  @VersionColumn() version!: number;
}

/** Where this installation can be reached. */
export type Places = { publicUrl: string; inboundDomain: string };

const addresses = (row: ChannelEntity, places: Places) => ({
  webhookUrl: row.webhookKey && `${places.publicUrl.replace(/\/$/, '')}/hooks/${row.webhookKey}`,
  forwardingAddress: row.forwardingToken && `${row.forwardingToken}@${places.inboundDomain}`,
  widgetKey: row.widgetKey,
});

/** As the API shows it: without credentials. */
export function toChannel(row: ChannelEntity, places: Places): Channel {
  const { id, type, provider, name, enabled, address, settings, version } = row;
  return { id, type, provider, name, enabled, address, settings, ...addresses(row, places), createdAt: row.createdAt.toISOString(), version };
}

/** As adapters need it: with its credentials open. */
export function toConnected(row: ChannelEntity, places: Places, open: (sealed: string) => string): ConnectedChannel {
  const { id, type, provider, name, enabled, address, settings, version } = row;
  const credentials = JSON.parse(open(row.credentials)) as Record<string, unknown>;
  return { id, account: row.accountId, type, provider, name, enabled, address, settings, credentials, ...addresses(row, places), version };
}
