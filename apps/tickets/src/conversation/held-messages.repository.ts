import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { Amended } from './amendment.rules.js';

export type Why = 'keyword' | 'blocked' | 'automatic' | 'echo';
/** An accepted message that stands in no thread. */
export type HeldMessage = { message: Amended; sourceEventId: string };

/** Accepted messages outside every thread: kept whole, for the timeline and the quarantine. */
@Injectable()
export class HeldMessagesRepository {
  /** Whether it was held now; false where it was before. */
  async hold(tx: Tx, why: Why, profileId: string | null, { message, sourceEventId }: HeldMessage): Promise<boolean> {
    const held = await tx.sql(
      `INSERT INTO held_message (id, account_id, profile_id, channel_id, why, message, source_event_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
      [message.inboundId, tx.by.account, profileId, message.channelId, why, message, sourceEventId, message.receivedAt],
    );
    return held.length > 0;
  }

  async isHeld(tx: Tx, id: string): Promise<boolean> {
    return (await tx.sql('SELECT FROM held_message WHERE id = $1 AND account_id = $2', [id, tx.by.account])).length > 0;
  }

  /** Takes out an automatic answer that was held because nothing of ours was known that it answers. */
  async takeAutomatic(tx: Tx, id: string): Promise<HeldMessage | null> {
    const [taken] = await rows<HeldMessage>(tx, `DELETE FROM held_message WHERE id = $1 AND account_id = $2 AND why = 'automatic' RETURNING message, source_event_id`, [id, tx.by.account]);
    return taken ?? null;
  }

  /** Has the kit take up the dead letter of this message. */
  async retryDead(tx: Tx, id: string): Promise<void> {
    await tx.sql(`UPDATE dead_letter SET retry_at = now() WHERE resolved_at IS NULL AND envelope ->> 'account' = $2 AND envelope -> 'data' ->> 'inboundId' = $1`, [id, tx.by.account]);
  }

  /** Takes out the keywords of a person and a channel, oldest first: their thread has come (settled 11). */
  async takeKeywords(tx: Tx, profileId: string, channelId: string): Promise<HeldMessage[]> {
    const taken = await rows<HeldMessage & { at: Date; id: string }>(
      tx,
      `DELETE FROM held_message WHERE account_id = $1 AND profile_id = $2 AND channel_id = $3 AND why = 'keyword' RETURNING message, source_event_id, at, id`,
      [tx.by.account, profileId, channelId],
    );
    return taken.sort((a, b) => a.at.getTime() - b.at.getTime() || a.id.localeCompare(b.id));
  }
}
