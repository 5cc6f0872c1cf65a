import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

export type Presence = { online: boolean; since: Date; episode: number };

/** What is known of chat visitors who have not written yet. */
@Injectable()
export class ChatsRepository {
  async remember(tx: Tx, sessionId: string, { online, since, episode }: Presence): Promise<void> {
    await tx.sql(
      `INSERT INTO chat_presence (account_id, session_id, online, since, episode) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (account_id, session_id) DO UPDATE SET online = $3, since = $4, episode = $5`,
      [tx.by.account, sessionId, online, since, episode],
    );
  }

  /** Takes it out. */
  async recall(tx: Tx, sessionId: string): Promise<Presence | undefined> {
    return (await rows<Presence>(tx, 'DELETE FROM chat_presence WHERE account_id = $1 AND session_id = $2 RETURNING online, since, episode', [tx.by.account, sessionId]))[0];
  }
}
