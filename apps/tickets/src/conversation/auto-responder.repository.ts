import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

/** Knows when somebody was last answered by itself, by SQL. */
@Injectable()
export class AutoResponderRepository {
  /** Whether it is this message's turn: false where somebody was answered within so many seconds. Exactly one of many at once is told true. */
  async claim(tx: Tx, profileId: string, seconds: number): Promise<boolean> {
    const claimed = await tx.sql(
      `INSERT INTO auto_response AS last (account_id, profile_id, at) VALUES ($1, $2, $3)
       ON CONFLICT (account_id, profile_id) DO UPDATE SET at = $3 WHERE last.at <= $3::timestamptz - make_interval(secs => $4) RETURNING profile_id`,
      [tx.by.account, profileId, tx.at, seconds],
    );
    return claimed.length > 0;
  }
}
