import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';

type Kind = 'message' | 'note' | 'subject' | 'customer';
/** One row by its key, whatever the planner believes of an empty table. */
const ONE = (table: string, id: string) => `(SELECT * FROM ${table} WHERE id = ${id} LIMIT 1)`;
/** What each kind of document is made of: its id, language and words. */
const SOURCES: Record<Kind, string> = {
  message: `SELECT m.id, search_stemmer(coalesce(m.language, t.language)) AS stemmer, m.text AS content FROM ${ONE('message', 'w.id')} m CROSS JOIN LATERAL ${ONE('ticket', 'm.ticket_id')} t`,
  note: `SELECT o.id, search_stemmer(t.language) AS stemmer, o.text AS content FROM ${ONE('note', 'w.id')} o CROSS JOIN LATERAL ${ONE('ticket', 'o.ticket_id')} t`,
  subject: `SELECT t.id, search_stemmer(t.language) AS stemmer, t.subject AS content FROM ${ONE('ticket', 'w.id')} t`,
  customer: `SELECT p.id, 'simple' AS stemmer, concat_ws(' ', p.name, i.addresses) AS content FROM ${ONE('profile', 'w.id')} p
    CROSS JOIN LATERAL (SELECT string_agg(value, ' ') FILTER (WHERE type IN ('email', 'phone', 'wa_id')) AS addresses FROM profile_identifier WHERE profile_id = p.id) i`,
};
const WRITE = (kind: Kind) => `
  WITH s AS (SELECT one.*, nextval('search_number') AS n FROM unnest($2::uuid[]) w (id) CROSS JOIN LATERAL (${SOURCES[kind]}) one WHERE one.content <> ''),
  gone AS (DELETE FROM search_document d WHERE d.kind = '${kind}' AND d.subject_id = ANY ($2::uuid[]) AND d.subject_id NOT IN (SELECT id FROM s)),
  known AS (INSERT INTO search_language AS l (account_id, stemmer, n) SELECT $1::uuid, stemmer, max(n) FROM s GROUP BY stemmer ORDER BY stemmer
    ON CONFLICT (account_id, stemmer) DO UPDATE SET n = greatest(l.n, excluded.n))
  INSERT INTO search_document (account_id, kind, subject_id, n, words) SELECT $1, '${kind}', s.id, s.n, search_words($1, s.n, s.stemmer, s.content) FROM s
  ON CONFLICT (subject_id, kind) DO UPDATE SET n = excluded.n, words = excluded.words`;

/** Accounts with work, each looked up by one step along the index. */
const WAITING = `
  WITH RECURSIVE a (account_id) AS (
    (SELECT account_id FROM search_work ORDER BY account_id LIMIT 1)
    UNION ALL SELECT (SELECT w.account_id FROM search_work w WHERE w.account_id > a.account_id ORDER BY w.account_id LIMIT 1) FROM a WHERE a.account_id IS NOT NULL)
  SELECT account_id FROM a WHERE account_id IS NOT NULL`;

/** Documents that can be found, and the queue of those that are to be made. */
@Injectable()
export class DocumentsRepository {
  async waiting(sql: { query(text: string): Promise<unknown> }): Promise<string[]> {
    return ((await sql.query(WAITING)) as { account_id: string }[]).map((row) => row.account_id);
  }

  /** Takes the oldest out of the queue; several may take at once. */
  async take(tx: Tx, most: number): Promise<{ kind: Kind; subjectId: string }[]> {
    const taken = await tx.sql<{ kind: Kind; subject_id: string }>(
      `DELETE FROM search_work w USING (SELECT n FROM search_work WHERE account_id = $1 ORDER BY n LIMIT $2 FOR UPDATE SKIP LOCKED) t
       WHERE w.account_id = $1 AND w.n = t.n RETURNING w.kind, w.subject_id`,
      [tx.by.account, most],
    );
    return taken.map((row) => ({ kind: row.kind, subjectId: row.subject_id }));
  }

  /** Writes the documents as their subjects are now; of what says nothing any more there is none. */
  async write(tx: Tx, kind: Kind, ids: string[]): Promise<void> {
    await tx.sql(WRITE(kind), [tx.by.account, ids]);
  }
}
