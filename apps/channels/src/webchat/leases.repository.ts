import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';

/** A socket's claim that its visitor is there, by real time: 15 seconds, renewed by the gateway (settled 3). Ids and times, no person. */
@Injectable()
export class LeasesRepository {
  constructor(private readonly db: DataSource) {}

  /** True if the lease was known: then nothing else changes. */
  async renew({ sql, by }: Tx, id: string, sessionId: string): Promise<boolean> {
    const rows = await sql(`UPDATE chat_lease SET until = now() + interval '15 seconds' WHERE id = $1 AND account_id = $2 AND session_id = $3 RETURNING id`, [id, by.account, sessionId]);
    return rows.length > 0;
  }

  async take({ sql, by }: Tx, id: string, sessionId: string) {
    await sql(
      `INSERT INTO chat_lease (id, account_id, session_id, until) VALUES ($1, $2, $3, now() + interval '15 seconds')
       ON CONFLICT (id) DO UPDATE SET until = excluded.until WHERE chat_lease.account_id = excluded.account_id AND chat_lease.session_id = excluded.session_id`,
      [id, by.account, sessionId],
    );
  }

  /** Ends this lease and all that have lapsed, of one chat. `lapsedFor`: seconds since the last one of them was good; null where none had lapsed. */
  async end({ sql, by }: Tx, sessionId: string, id: string | null): Promise<{ lapsedFor: number | null; living: boolean }> {
    const ended = await sql<{ lapsedFor: number }>(
      `DELETE FROM chat_lease WHERE account_id = $1 AND session_id = $2 AND (id = $3 OR until < now()) RETURNING extract(epoch FROM now() - until)::float8 AS "lapsedFor"`,
      [by.account, sessionId, id],
    );
    const lapsedFor = ended.length > 0 ? Math.max(0, Math.min(...ended.map((lease) => lease.lapsedFor))) : null;
    return { lapsedFor, living: await this.living({ sql, by } as Tx, sessionId) };
  }

  async living({ sql, by }: Tx, sessionId: string): Promise<boolean> {
    const [row] = await sql<{ living: boolean }>('SELECT EXISTS (SELECT 1 FROM chat_lease WHERE account_id = $1 AND session_id = $2 AND until >= now()) AS living', [by.account, sessionId]);
    return row!.living;
  }

  async drop({ sql, by }: Tx, sessionId: string) {
    await sql('DELETE FROM chat_lease WHERE account_id = $1 AND session_id = $2', [by.account, sessionId]);
  }

  /** Chats with a lapsed lease, of any account. */
  lapsed(): Promise<{ account: string; sessionId: string }[]> {
    return this.db.query('SELECT DISTINCT account_id AS account, session_id AS "sessionId" FROM chat_lease WHERE until < now() LIMIT 200');
  }
}
