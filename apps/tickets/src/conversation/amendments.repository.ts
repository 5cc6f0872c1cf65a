import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { Amended, Amendment } from './amendment.rules.js';
import type { MessageEntity } from './message.entity.js';

/** Amendments of messages that never come are forgotten after so long. */
const KEPT_DAYS = 30;

/** Amended messages and amendments that wait for theirs, by SQL. */
@Injectable()
export class AmendmentsRepository {
  async ticketOf(tx: Tx, messageId: string): Promise<string | undefined> {
    return (await rows<{ ticketId: string }>(tx, 'SELECT ticket_id FROM message WHERE id = $1 AND account_id = $2', [messageId, tx.by.account]))[0]?.ticketId;
  }

  /** The message, if it still stands in this ticket, which is locked. */
  async lock(tx: Tx, messageId: string, ticketId: string): Promise<MessageEntity | undefined> {
    return (await rows<MessageEntity>(tx, 'SELECT * FROM message WHERE id = $1 AND ticket_id = $2 AND account_id = $3 FOR UPDATE', [messageId, ticketId, tx.by.account]))[0];
  }

  async save(tx: Tx, m: MessageEntity): Promise<void> {
    await tx.sql(
      `UPDATE message SET text = $3, html = $4, new_text = $5, truncated = $6, attachments = $7, details = $8, reactions = $9, edited_at = $10, deleted_at = $11 WHERE id = $1 AND account_id = $2`,
      [m.id, tx.by.account, m.text, m.html, m.newText, m.truncated, JSON.stringify(m.attachments), JSON.stringify(m.details), JSON.stringify(m.reactions), m.editedAt, m.deletedAt],
    );
  }

  /** What the list shows of a thread: its newest message that was not taken back, and no campaign's. */
  async newest(tx: Tx, ticketId: string): Promise<Pick<MessageEntity, 'text' | 'newText' | 'attachments'> | undefined> {
    const text = `SELECT text, new_text, attachments FROM message WHERE ticket_id = $1 AND account_id = $2 AND deleted_at IS NULL AND author_type NOT IN ('campaign', 'flow') ORDER BY seq DESC LIMIT 1`;
    return (await rows<Pick<MessageEntity, 'text' | 'newText' | 'attachments'>>(tx, text, [ticketId, tx.by.account]))[0];
  }

  /** A message that stands in no thread. */
  async lockHeld(tx: Tx, messageId: string): Promise<Amended | undefined> {
    return (await rows<{ message: Amended }>(tx, 'SELECT message FROM held_message WHERE id = $1 AND account_id = $2 FOR UPDATE', [messageId, tx.by.account]))[0]?.message;
  }

  async saveHeld(tx: Tx, messageId: string, message: Amended): Promise<void> {
    await tx.sql('UPDATE held_message SET message = $3 WHERE id = $1 AND account_id = $2', [messageId, tx.by.account, message]);
  }

  /** Remembers it until its message comes; and forgets what waited in vain. */
  async wait(tx: Tx, messageId: string, amendment: Amendment & { conversationKey: string }): Promise<void> {
    await tx.sql(
      `WITH old AS (DELETE FROM amendment WHERE account_id = $1 AND at < $4::timestamptz - make_interval(days => ${KEPT_DAYS}))
       INSERT INTO amendment (account_id, message_id, amendment, at) VALUES ($1, $2, $3, $4)`,
      [tx.by.account, messageId, JSON.stringify(amendment), tx.at],
    );
  }

  /** Takes those that wait for this message, in the order they came. */
  async take(tx: Tx, messageId: string): Promise<Amendment[]> {
    const taken = await tx.sql<{ n: number; amendment: Amendment }>('DELETE FROM amendment WHERE message_id = $1 AND account_id = $2 RETURNING n, amendment', [messageId, tx.by.account]);
    return taken.sort((a, b) => a.n - b.n).map(({ amendment }) => amendment);
  }
}
