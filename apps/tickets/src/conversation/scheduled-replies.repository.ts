import { Injectable } from '@nestjs/common';
import type { ActorType } from '@parley/contracts/contract';
import type { ScheduledReply } from '@parley/contracts/messages';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';

/** A reply that waits. `text`: null where the macro's own is to be written. */
export type ScheduledReplyRow = {
  id: string; ticketId: string; timerId: string; text: string | null; attachments: string[]; macroId: string | null; keepSnoozed: boolean;
  authorType: ActorType; authorId: string | null; sendAt: Date;
};
export type End = { state: 'sent' | 'failed'; messageId: string } | { state: 'cancelled'; messageId: null };

const COLUMNS = 'id, ticket_id, timer_id, text, attachments, macro_id, keep_snoozed, author_type, author_id, send_at';

@Injectable()
export class ScheduledRepliesRepository {
  async insert(tx: Tx, row: ScheduledReplyRow) {
    await tx.sql(`INSERT INTO scheduled_reply (${COLUMNS}, account_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, [
      row.id, row.ticketId, row.timerId, row.text, row.attachments, row.macroId, row.keepSnoozed, row.authorType, row.authorId, row.sendAt, tx.by.account, tx.at,
    ]);
  }

  async find(tx: Tx, id: string): Promise<ScheduledReplyRow | undefined> {
    return (await rows<ScheduledReplyRow>(tx, `SELECT ${COLUMNS} FROM scheduled_reply WHERE id = $1 AND account_id = $2`, [id, tx.by.account]))[0];
  }

  /** The one that waits for this timer. */
  async ofTimer(tx: Tx, timerId: string): Promise<ScheduledReplyRow | undefined> {
    return (await rows<ScheduledReplyRow>(tx, `SELECT ${COLUMNS} FROM scheduled_reply WHERE timer_id = $1 AND account_id = $2 AND state = 'waiting'`, [timerId, tx.by.account]))[0];
  }

  async end(tx: Tx, timerId: string, { state, messageId }: End) {
    await tx.sql(`UPDATE scheduled_reply SET state = $3, message_id = $4 WHERE timer_id = $1 AND account_id = $2 AND state = 'waiting'`, [timerId, tx.by.account, state, messageId]);
  }
}

/** The reply as the API shows it. */
export const toScheduled = (row: ScheduledReplyRow, text: string, attachments: ScheduledReply['attachments']): ScheduledReply => ({
  id: row.id, ticketId: row.ticketId, timerId: row.timerId, text, attachments, macroId: row.macroId, sendAt: row.sendAt.toISOString(),
});
