import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

@Injectable()
export class TokensRepository {
  constructor(private readonly db: DataSource) {}

  /** Whose token is it? Asked before the account is known; the table holds the hash and ids, nothing else. */
  async owner(hash: Buffer): Promise<{ account: string; sessionId: string } | null> {
    const rows = await this.db.query<{ account: string; sessionId: string }[]>('SELECT account_id AS account, session_id AS "sessionId" FROM chat_token WHERE hash = $1', [hash]);
    return rows[0] ?? null;
  }
}
