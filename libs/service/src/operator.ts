import type { DataSource } from 'typeorm';

/** What an operator may look at and decide, directly on a service’s database. `db` is anything that runs SQL. */
export type Sql = Pick<DataSource, 'query'>;

export type DeadLetter = { event_id: string; consumer: string; source: string; partition: number; seq: number; type: string; attempts: number; error: string; at: Date; retry_at: Date | null; resolved_at: Date | null; resolution: string | null };
const LETTER = `event_id, consumer, source, partition, seq, envelope->>'type' AS type, attempts, error, at, retry_at, resolved_at, resolution`;

/** Facts that were parked and still wait for somebody, oldest first. */
export const listDead = (db: Sql, most = 100): Promise<DeadLetter[]> =>
  db.query(`SELECT ${LETTER} FROM dead_letter WHERE resolved_at IS NULL ORDER BY at, event_id LIMIT $1`, [most]);

/** One parked fact with its envelope; null if there is none. */
export const showDead = async (db: Sql, eventId: string): Promise<(DeadLetter & { envelope: unknown }) | null> =>
  ((await db.query(`SELECT ${LETTER}, envelope FROM dead_letter WHERE event_id = $1`, [eventId])) as (DeadLetter & { envelope: unknown })[])[0] ?? null;

/** Has the running service try it again, within seconds; if it fails again, it is listed again. False if nothing waits under this id. */
export const retryDead = async (db: Sql, eventId: string): Promise<boolean> => changed(await db.query(`UPDATE dead_letter SET retry_at = now() WHERE event_id = $1 AND resolved_at IS NULL`, [eventId]));

/** Gives it up for good, with a reason that stays. */
export const discardDead = async (db: Sql, eventId: string, reason: string): Promise<boolean> =>
  changed(await db.query(`UPDATE dead_letter SET resolved_at = now(), retry_at = NULL, resolution = $2 WHERE event_id = $1 AND resolved_at IS NULL`, [eventId, `discarded: ${reason}`]));

export type LogStatus = { heads: { partition: number; seq: number }[]; subscribers: { consumer: string; lag: number; seen_at: Date }[]; cursors: { consumer: string; source: string; partition: number; position: number }[] };
/** How far this service’s log has come, how far its subscribers were when they last asked, and where its own cursors stand. */
export async function logStatus(db: Sql): Promise<LogStatus> {
  return {
    heads: await db.query('SELECT partition, seq FROM log_head ORDER BY partition'),
    subscribers: await db.query(
      `SELECT s.consumer, sum(greatest(0, h.seq - s.position))::bigint lag, max(s.seen_at) seen_at FROM log_subscriber s JOIN log_head h USING (partition) GROUP BY s.consumer ORDER BY s.consumer`),
    cursors: await db.query('SELECT consumer, source, partition, position FROM log_cursor ORDER BY consumer, source, partition'),
  };
}

/**
 * After a source was restored to an older state: sets this service’s cursors on that source to the given heads of the source
 * (from `logStatus` of the source’s database), so that it hears whatever comes next. Facts between are the operator’s decision.
 */
export async function resync(db: Sql, source: string, heads: { partition: number; seq: number }[]): Promise<number> {
  const rows = await db.query(
    `UPDATE log_cursor c SET position = v.seq, last_event_id = NULL FROM unnest($2::smallint[], $3::bigint[]) v (partition, seq) WHERE c.source = $1 AND c.partition = v.partition`,
    [source, heads.map((head) => head.partition), heads.map((head) => head.seq)],
  );
  return (rows as [unknown, number])[1];
}

/** Forgets a subscriber that will never come back: retention no longer waits for it. */
export const dropConsumer = async (db: Sql, consumer: string): Promise<boolean> => changed(await db.query('DELETE FROM log_subscriber WHERE consumer = $1', [consumer]));

const changed = (result: unknown) => (result as [unknown, number])[1] > 0;
