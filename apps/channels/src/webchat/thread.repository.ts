import { Injectable } from '@nestjs/common';
import type { Attachment } from '@parley/contracts/channels';
import type { ChatMessage } from '@parley/contracts/webchat';
import type { Tx } from '@parley/service/tx';

/** As it is kept: links are made when it is read. */
export type ThreadMessage = Omit<ChatMessage, 'attachments'> & { attachments: Attachment[] };
type Row = Omit<ThreadMessage, 'from' | 'at'> & { fromBrand: boolean; at: Date };

/** What a visitor may see of a living chat, for replay (CHAT-6): gone when the chat is closed (CHAT-7). */
@Injectable()
export class ThreadRepository {
  async add({ sql, by }: Tx, sessionId: string, message: ThreadMessage) {
    await sql(
      `INSERT INTO chat_message (account_id, session_id, seq, id, from_brand, name, text, at, client_id, attachments) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [by.account, sessionId, message.seq, message.id, message.from === 'brand', message.name, message.text, message.at, message.clientId, JSON.stringify(message.attachments)],
    );
  }

  async after({ sql, by }: Tx, sessionId: string, seq: number, limit: number): Promise<ThreadMessage[]> {
    const rows = await sql<Row>(
      `SELECT id, seq, from_brand AS "fromBrand", name, text, at, client_id AS "clientId", attachments FROM chat_message WHERE account_id = $1 AND session_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
      [by.account, sessionId, seq, limit],
    );
    return rows.map(({ fromBrand, at, ...message }) => ({ ...message, from: fromBrand ? 'brand' : 'visitor', at: at.toISOString() }));
  }

  /** A file of one of its messages. */
  async file({ sql, by }: Tx, sessionId: string, id: string): Promise<Attachment | null> {
    const [row] = await sql<{ file: Attachment }>(
      `SELECT f AS file FROM chat_message, jsonb_array_elements(attachments) f WHERE account_id = $1 AND session_id = $2 AND f ->> 'id' = $3 LIMIT 1`,
      [by.account, sessionId, id],
    );
    return row?.file ?? null;
  }

  async drop({ sql, by }: Tx, sessionId: string) {
    await sql('DELETE FROM chat_message WHERE account_id = $1 AND session_id = $2', [by.account, sessionId]);
  }
}
