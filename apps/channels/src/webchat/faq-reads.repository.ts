import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

/** An answer that a visitor has read, by its question. */
export type FaqRead = { id: string; question: string };

/** Which answers visitors have read in which chat. */
@Injectable()
export class FaqReadsRepository {
  /** Once each, however often it was read. */
  async keep({ sql, by, at }: Tx, sessionId: string, reads: FaqRead[]) {
    await sql(
      `INSERT INTO chat_faq_read (account_id, session_id, faq_id, question, read_at)
       SELECT $1, $2, r.id, r.question, $3 FROM unnest($4::uuid[], $5::text[]) r (id, question) ON CONFLICT DO NOTHING`,
      [by.account, sessionId, at, reads.map(({ id }) => id), reads.map(({ question }) => question)],
    );
  }

  /** Up to so many that staff have not been shown yet, the earliest first; they count as shown from now on. */
  takeUntold({ sql, by }: Tx, sessionId: string, limit: number): Promise<FaqRead[]> {
    return sql<FaqRead>(
      `WITH next AS (SELECT faq_id FROM chat_faq_read WHERE account_id = $1 AND session_id = $2 AND NOT told ORDER BY read_at, faq_id LIMIT $3),
       taken AS (UPDATE chat_faq_read r SET told = true FROM next WHERE r.account_id = $1 AND r.session_id = $2 AND r.faq_id = next.faq_id RETURNING r.*)
       SELECT faq_id AS id, question FROM taken ORDER BY read_at, faq_id`,
      [by.account, sessionId, limit],
    );
  }
}
