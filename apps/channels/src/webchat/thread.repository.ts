import { Injectable } from '@nestjs/common';
import type { ChatMessage } from '@parley/contracts/webchat';
import type { Tx } from '@parley/service/tx';

type Row = Omit<ChatMessage, 'from' | 'at'> & { fromBrand: boolean; at: Date };

/** What a visitor may see of a living chat, for replay (CHAT-6): gone when the chat is closed (CHAT-7). */
@Injectable()
export class ThreadRepository {
  async add({ sql, by }: Tx, sessionId: string, message: ChatMessage) {
    await sql(
      `INSERT INTO chat_message (account_id, session_id, seq, id, from_brand, name, text, at, client_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [by.account, sessionId, message.seq, message.id, message.from === 'brand', message.name, message.text, message.at, message.clientId],
    );
  }

  async after({ sql, by }: Tx, sessionId: string, seq: number, limit: number): Promise<ChatMessage[]> {
    const rows = await sql<Row>(
      `SELECT id, seq, from_brand AS "fromBrand", name, text, at, client_id AS "clientId" FROM chat_message WHERE account_id = $1 AND session_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
      [by.account, sessionId, seq, limit],
    );
    return rows.map(({ fromBrand, at, ...message }) => ({ ...message, from: fromBrand ? 'brand' : 'visitor', at: at.toISOString() }));
  }

  async drop({ sql, by }: Tx, sessionId: string) {
    await sql('DELETE FROM chat_message WHERE account_id = $1 AND session_id = $2', [by.account, sessionId]);
  }
}
