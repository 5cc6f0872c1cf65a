import { Injectable } from '@nestjs/common';
import type { ChannelType } from '@parley/contracts/channels';
import type { CampaignMessage } from '@parley/contracts/campaigns';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

/** A campaign or flow message that was sent to somebody. */
export type CampaignEntity = {
  id: string; profileId: string; channelId: string; channelType: ChannelType; kind: CampaignMessage['kind'] | 'automation'; sourceId: string; sourceName: string | null;
  text: string; sentAt: Date; uniqueId: string | null; ticketId: string | null; answeredBy: string | null;
};
export type NewCampaignMessage = Omit<CampaignEntity, 'id' | 'ticketId' | 'answeredBy'>;

/** Knows what campaigns and flows sent, by SQL. */
@Injectable()
export class CampaignsRepository {
  /** Nothing where one of the same unique id stands. */
  async record(tx: Tx, message: NewCampaignMessage): Promise<CampaignEntity | undefined> {
    const [row] = await rows<CampaignEntity>(
      tx,
      `INSERT INTO campaign_message (id, account_id, profile_id, channel_id, channel_type, kind, source_id, source_name, text, sent_at, unique_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (unique_id, account_id) DO NOTHING RETURNING *`,
      [
        newId(), tx.by.account, message.profileId, message.channelId, message.channelType, message.kind, message.sourceId, message.sourceName, message.text,
        message.sentAt, message.uniqueId,
      ],
    );
    return row;
  }

  async find(tx: Tx, by: { id: string } | { uniqueId: string }): Promise<CampaignEntity> {
    const [column, value] = 'id' in by ? ['id', by.id] : ['unique_id', by.uniqueId];
    return (await rows<CampaignEntity>(tx, `SELECT * FROM campaign_message WHERE ${column} = $1 AND account_id = $2`, [value, tx.by.account]))[0]!;
  }

  async putIn(tx: Tx, id: string, ticketId: string): Promise<void> {
    await tx.sql('UPDATE campaign_message SET ticket_id = $3 WHERE id = $1 AND account_id = $2', [id, tx.by.account, ticketId]);
  }

  /** Those of a person and a channel that stand in no thread, for this ticket's. */
  take(tx: Tx, profileId: string, channelId: string, ticketId: string): Promise<CampaignEntity[]> {
    return rows(
      tx,
      'UPDATE campaign_message SET ticket_id = $4 WHERE profile_id = $1 AND account_id = $2 AND channel_id = $3 AND ticket_id IS NULL RETURNING *',
      [profileId, tx.by.account, channelId, ticketId],
    );
  }

  /** The message is the first of the answer; false where another one was. */
  async answer(tx: Tx, id: string, messageId: string): Promise<boolean> {
    return (await tx.sql('UPDATE campaign_message SET answered_by = $3 WHERE id = $1 AND account_id = $2 AND answered_by IS NULL RETURNING id', [id, tx.by.account, messageId])).length > 0;
  }
}
