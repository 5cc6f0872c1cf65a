import { onEach, type Urls } from './databases.js';

interface Waiting {
  timer: string;
  kind: string;
  subject: string;
  account: string;
  due: string;
  state: string;
}

/** What will happen by itself, soonest first, by each account's own clock (TIME-5, TIME-6). */
export async function list(urls: Urls) {
  return onEach(urls, async (db): Promise<Waiting[]> => {
    const rows = (await db.query(
      `SELECT id, kind, subject_type, subject_id, account_id, due_at, state, due_at <= parley_now(account_id) AS is_due
       FROM scheduled_action WHERE state IN ('pending', 'running', 'failed') ORDER BY due_at LIMIT 200`,
    )) as { id: string; kind: string; subject_type: string; subject_id: string; account_id: string; due_at: Date; state: string; is_due: boolean }[];
    return rows.map((row) => ({
      timer: row.id, kind: row.kind, subject: `${row.subject_type} ${row.subject_id}`, account: row.account_id, due: row.due_at.toISOString(), state: row.is_due && row.state !== 'failed' ? 'due' : row.state,
    }));
  });
}
