import { Injectable } from '@nestjs/common';
import type { Template } from '@parley/contracts/templates';
import type { Tx } from '@parley/service/tx';

export type Listed = { items: Template[]; fetchedAt: Date };

@Injectable()
export class TemplatesRepository {
  async find({ sql, by }: Tx, channelId: string): Promise<Listed | null> {
    const rows = await sql<Listed>('SELECT templates AS items, fetched_at AS "fetchedAt" FROM channel_template WHERE account_id = $1 AND channel_id = $2', [by.account, channelId]);
    return rows[0] ?? null;
  }

  async save({ sql, by }: Tx, channelId: string, { items, fetchedAt }: Listed): Promise<void> {
    await sql(
      `INSERT INTO channel_template (account_id, channel_id, templates, fetched_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id, channel_id) DO UPDATE SET templates = excluded.templates, fetched_at = excluded.fetched_at`,
      [by.account, channelId, JSON.stringify(items), fetchedAt],
    );
  }
}
