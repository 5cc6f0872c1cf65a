import { Injectable } from '@nestjs/common';
import type { ChatHours, Faq } from '@parley/contracts/chat-setup';
import type { Tx } from '@parley/service/tx';

/** What can be set up of a web chat, each part with a version of its own. */
export type Setup = { faqs: Faq[]; hours: ChatHours };
/** `value` is null before anything was set. */
export type Kept<P extends keyof Setup> = { value: Setup[P] | null; version: number };

@Injectable()
export class SetupRepository {
  async find<P extends keyof Setup>({ sql, by }: Tx, channelId: string, part: P): Promise<Kept<P>> {
    const [row] = await sql<Kept<P>>('SELECT value, version FROM chat_setup WHERE account_id = $1 AND channel_id = $2 AND part = $3', [by.account, channelId, part]);
    return row ?? { value: null, version: 1 };
  }

  /** Nobody else can change it until the transaction ends. */
  async lock<P extends keyof Setup>({ sql, by }: Tx, channelId: string, part: P): Promise<Kept<P>> {
    await sql('INSERT INTO chat_setup (account_id, channel_id, part) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [by.account, channelId, part]);
    const [row] = await sql<Kept<P>>('SELECT value, version FROM chat_setup WHERE account_id = $1 AND channel_id = $2 AND part = $3 FOR UPDATE', [by.account, channelId, part]);
    return row!;
  }

  async save<P extends keyof Setup>({ sql, by }: Tx, channelId: string, part: P, { value, version }: Kept<P>) {
    await sql('UPDATE chat_setup SET value = $4, version = $5 WHERE account_id = $1 AND channel_id = $2 AND part = $3', [by.account, channelId, part, JSON.stringify(value), version]);
  }
}
