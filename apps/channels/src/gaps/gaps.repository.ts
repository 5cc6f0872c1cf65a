import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A channel whose provider is asked now, and by nobody else. `since`: what came before it is known; `at`: now. */
export type Turn = { channelId: string; account: string; since: Date; at: Date };

@Injectable()
export class GapsRepository {
  constructor(private readonly source: DataSource) {}

  /** Channels that are new here: their first turn comes in a while. */
  async enter(minutes: number) {
    await this.source.query(
      `INSERT INTO provider_round (channel_id, account_id, next_at, since) SELECT DISTINCT channel_id, account_id, now() + make_interval(mins => $1), now() FROM channel_key k
       WHERE NOT EXISTS (SELECT FROM provider_round r WHERE r.channel_id = k.channel_id) ON CONFLICT DO NOTHING`,
      [minutes],
    );
  }

  /** Whose turn it is, of all accounts; the next one comes in so many minutes, whatever becomes of this one. */
  async claim(minutes: number): Promise<Turn | null> {
    const [rows] = await this.source.query<[Turn[], number]>(
      `UPDATE provider_round SET next_at = now() + make_interval(mins => $1)
       WHERE channel_id = (SELECT channel_id FROM provider_round WHERE next_at <= now() ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING channel_id AS "channelId", account_id AS account, since, now() AS at`,
      [minutes],
    );
    return rows[0] ?? null;
  }

  /** Everything that came until then is known. */
  async done({ channelId, at }: Turn) {
    await this.source.query('UPDATE provider_round SET since = $2 WHERE channel_id = $1', [channelId, at]);
  }

  /** Not before so many minutes. */
  async rest({ channelId }: Turn, minutes: number) {
    await this.source.query('UPDATE provider_round SET next_at = now() + make_interval(mins => $2) WHERE channel_id = $1', [channelId, minutes]);
  }
}
