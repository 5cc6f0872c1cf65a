import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { EXCERPT_BYTES, type quarantine, quarantineEvents, type QuarantineItem } from '@parley/contracts/quarantine';
import { recordChange } from '@parley/service/audit';
import { actingAs, announce, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import { ChannelsService } from '../channel/channels.service.js';
import { MailboxService } from '../email/mailbox.service.js';
import { HealthService } from '../health/health.service.js';
import { HooksService } from '../hooks/hooks.service.js';
import { cut, storable } from '../inbound/content.rules.js';
import { type KeptBytes, QuarantineRepository, type QuarantineRow } from './quarantine.repository.js';
import { ShelfService } from './shelf.service.js';

/** What people do about quarantined items: look, try again, dismiss. */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly db: DataSource,
    private readonly quarantine: QuarantineRepository,
    private readonly shelf: ShelfService,
    private readonly channels: ChannelsService,
    private readonly hooks: HooksService,
    private readonly mailbox: MailboxService,
    private readonly health: HealthService,
  ) {}

  list({ id, limit, cursor }: Input<typeof quarantine.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.channels.demand(tx, id);
      const rows = await this.quarantine.page(tx, id, limit + 1, cursor ? placeIn(cursor) : null);
      const shown = rows.slice(0, limit);
      return { items: shown.map(toItem), nextCursor: rows.length > limit ? cursorOf(shown.at(-1)!) : null };
    });
  }

  get({ id, itemId }: Input<typeof quarantine.get>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const row = await this.demand(tx, id, itemId);
      const bytes = row.rawId ? await this.quarantine.bytes(tx, row.rawId) : null;
      return { ...toItem(row), bytes: bytes && shown(bytes) };
    });
  }

  /** @throws ContractError RETRY_NOT_POSSIBLE with `reason`: settled, blocked, bytes_gone, channel_off. */
  async retry({ id, itemId }: Input<typeof quarantine.retry>, by: Actor) {
    const channel = await this.channels.byId(by.account, id);
    return within(this.db, by, async (tx) => {
      const { rawId } = await this.demand(tx, id, itemId);
      const bytes = rawId && (await this.quarantine.bytes(tx, rawId)); // locked first: pieces of one delivery wait for each other here
      const row = await this.demand(tx, id, itemId, 'FOR UPDATE');
      if (row.state === 'settled') throw refusal('settled', 'It has landed, or was dismissed, already');
      if (row.kind === 'blocked') throw refusal('blocked', 'What was written while its sender was blocked stays in quarantine (PRO-5)');
      if (!channel) throw refusal('channel_off', 'The channel is disconnected');
      Object.assign(row, { attempts: row.attempts + 1, triedAt: tx.at, state: 'retrying' });
      await this.quarantine.save(tx, row);
      await this.again(tx, channel, row, bytes || null);
      recordChange(tx, auditEvents.channels, { action: 'quarantine.retried', resource: `quarantine/${itemId}`, after: { channelId: id, kind: row.kind } });
      return toItem(await this.demand(tx, id, itemId));
    });
  }

  dismiss({ id, itemId }: Input<typeof quarantine.dismiss>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const row = await this.demand(tx, id, itemId, 'FOR UPDATE');
      if (row.state === 'settled') return toItem(row);
      Object.assign(row, { state: 'settled', resolution: 'dismissed' });
      await this.quarantine.save(tx, row);
      this.health.review(tx, id);
      recordChange(tx, auditEvents.channels, { action: 'quarantine.dismissed', resource: `quarantine/${itemId}`, after: { channelId: id, kind: row.kind } });
      return toItem(row);
    });
  }

  private async again(tx: Tx, channel: ConnectedChannel, row: QuarantineRow, bytes: KeptBytes | null) {
    if (row.kind === 'message') return void announce(tx, quarantineEvents.retryAsked, { key: row.id, data: { inboundId: row.id, channelId: channel.id } });
    if (!bytes) throw refusal('bytes_gone', 'The bytes are kept for 30 days, and not after an erasure');
    if (row.kind === 'mail') return this.mailbox.readAgain(tx, channel, bytes);
    await this.readAgain(tx, channel, bytes, row.reason);
  }

  /**
   * What a delivery of the same bytes would be now, but for what stands in the books already. Bears the time at which the bytes came, so that it takes
   * its place on the same page of the books.
   */
  private async readAgain(now: Tx, channel: ConnectedChannel, bytes: KeptBytes, reason: string | null) {
    const [waiting, standing] = [await this.quarantine.ofBytes(now, bytes.id), await this.quarantine.standing(now, channel.id, bytes)];
    const read = this.hooks.readAgain(channel, bytes).filter((one) => one.kind !== 'message' || !standing.includes(storable(one.providerMessageId)));
    const unreadable = read.filter(({ kind }) => kind === 'unreadable');
    if (unreadable.length >= waiting.length && !read.some(({ kind }) => kind === 'message')) return void (await this.shelf.putBack(now, bytes.id, reason ?? 'unreadable'));
    await this.shelf.take(now, bytes.id);
    await this.hooks.landAgain(actingAs(now, { at: bytes.receivedAt }), { id: bytes.id, channel, raw: bytes, read }, standing.length);
  }

  private async demand(tx: Tx, channelId: string, id: string, lock: '' | 'FOR UPDATE' = '') {
    const row = await this.quarantine.find(tx, channelId, id, lock);
    if (!row) throw new ContractError('QUARANTINE_ITEM_NOT_FOUND', `No item ${id} in the quarantine of channel ${channelId}`);
    return row;
  }
}

const refusal = (reason: string, detail: string) => new ContractError('RETRY_NOT_POSSIBLE', detail, { reason });

const toItem = ({ rawId: _, at, triedAt, ...row }: QuarantineRow): QuarantineItem => ({ ...row, at: at.toISOString(), triedAt: triedAt?.toISOString() ?? null });

/** Headers stay here: they may hold what lets one in. */
const shown = ({ id, method, headers, body }: KeptBytes) => ({
  id, method, contentType: headers['content-type']?.slice(0, 200) ?? null, sizeBytes: body.length, excerpt: cut(storable(body.subarray(0, EXCERPT_BYTES).toString('utf8')), EXCERPT_BYTES),
});

const cursorOf = ({ at, id }: QuarantineRow) => Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');

function placeIn(cursor: string): readonly string[] {
  const place = Buffer.from(cursor, 'base64url').toString();
  if (!/^\d{4}-[\d:.TZ-]{18,24} [0-9a-f-]{36}$/.test(place)) throw new ContractError('VALIDATION_FAILED', 'No cursor of this list');
  return place.split(' ');
}
