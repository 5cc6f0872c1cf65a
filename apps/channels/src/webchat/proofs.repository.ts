import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

/** Tokens that were used up, until they would have expired. By the real time, as tokens are. */
@Injectable()
export class ProofsRepository {
  /** False where it was used before. */
  async use({ sql, by }: Tx, channelId: string, name: string, until: number): Promise<boolean> {
    await sql('DELETE FROM chat_proof_used WHERE account_id = $1 AND channel_id = $2 AND expires_at < now()', [by.account, channelId]);
    const rows = await sql(
      'INSERT INTO chat_proof_used (account_id, channel_id, hash, expires_at) VALUES ($1, $2, $3, to_timestamp($4)) ON CONFLICT DO NOTHING RETURNING expires_at',
      [by.account, channelId, createHash('sha256').update(name).digest(), until],
    );
    return rows.length > 0;
  }
}
