import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import { DataSource, IsNull, MoreThan } from 'typeorm';
import { ChannelEntity } from './channel.entity.js';

@Injectable()
export class ChannelsRepository {
  constructor(private readonly source: DataSource) {}

  /** Whose channel is it? Asked before the account is known. */
  async owner(key: string): Promise<{ account: string; id: string } | null> {
    const rows = await this.source.query<{ account: string; id: string }[]>('SELECT account_id AS account, channel_id AS id FROM channel_key WHERE key = $1', [key]);
    return rows[0] ?? null;
  }

  /** Whoever has, or had, a channel. */
  async accounts(): Promise<string[]> {
    const rows = await this.source.query<{ account: string }[]>('SELECT DISTINCT account_id AS account FROM channel_key');
    return rows.map(({ account }) => account);
  }

  /** Null: no such channel, or disconnected. */
  find({ db, by }: Tx, id: string) {
    return db.findOneBy(ChannelEntity, { id, accountId: by.account, removedAt: IsNull() });
  }

  existed({ db, by }: Tx, id: string) {
    return db.existsBy(ChannelEntity, { id, accountId: by.account });
  }

  /** Nobody else can change the channel until the transaction ends. Refuses a version that is no longer current. */
  async lock({ db, by }: Tx, id: string, ifMatch: number, current: (row: ChannelEntity) => object) {
    const row = await db.findOne(ChannelEntity, { where: { id, accountId: by.account, removedAt: IsNull() }, lock: { mode: 'pessimistic_write' } });
    if (!row) throw new ContractError('CHANNEL_NOT_FOUND', `No channel ${id}`);
    if (ifMatch !== row.version) throw new ContractError('VERSION_STALE', `Now at ${row.version}`, { current: current(row) });
    return row;
  }

  /** In the order they were connected; `after`: the last id of the page before. */
  page({ db, by }: Tx, limit: number, after: string | null) {
    return db.find(ChannelEntity, { where: { accountId: by.account, removedAt: IsNull(), ...(after && { id: MoreThan(after) }) }, order: { id: 'ASC' }, take: limit });
  }

  /** @throws ContractError ADDRESS_TAKEN */
  async save({ db }: Tx, row: ChannelEntity) {
    try {
      return await db.save(row);
    } catch (error) {
      if ((error as { driverError?: { constraint?: string } }).driverError?.constraint !== 'one_channel_per_address') throw error;
      throw new ContractError('ADDRESS_TAKEN', `Another channel holds ${row.address}`);
    }
  }

  /** Mail is fetched from this mailbox (a hash names it) from now on; null: from none. The same one goes on where it stands. */
  async fetchFrom({ sql, by, at }: Tx, id: string, source: string | null) {
    if (!source) return void (await sql('DELETE FROM imap_cursor WHERE channel_id = $1 AND account_id = $2', [id, by.account]));
    await sql(
      `INSERT INTO imap_cursor AS c (channel_id, account_id, source, since) VALUES ($1, $2, $3, $4)
       ON CONFLICT (channel_id) DO UPDATE SET source = $3, next_at = now(), lease = NULL, lease_until = NULL,
         since = CASE WHEN c.source = $3 THEN c.since ELSE $4 END, uid_validity = CASE WHEN c.source = $3 THEN c.uid_validity END, uid = CASE WHEN c.source = $3 THEN c.uid ELSE 0 END`,
      [id, by.account, source, at],
    );
  }

  async keepKeys({ sql, by }: Tx, id: string, keys: string[]) {
    await sql('INSERT INTO channel_key (key, account_id, channel_id) SELECT unnest($1::text[]), $2, $3', [keys, by.account, id]);
  }
}
