import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import type { Announcement, Logged } from './log.js';

/**
 * Breaks one promise on purpose, for the negative controls of the fault harness (PARLEY_SABOTAGE): a harness that stays green
 * then is worth nothing. `cursor`: it moves in a transaction of its own, before the effect. `head`: numbers of the log are
 * taken without holding its head to the commit. `timer`: a claim looks at no state.
 */
export type Sabotage = 'cursor' | 'head' | 'timer' | undefined;

/** Long enough for a fault to strike between number and commit within a short run. */
const WINDOW_MS = 50;

/** What `head` does instead of the append: what rolls back after it took its numbers leaves a hole for ever. */
export async function appendUnlocked(db: DataSource, client: PoolClient, facts: Announcement[]): Promise<Logged[]> {
  const [heads] = (await db.query(
    `UPDATE log_head d SET seq = d.seq + n.n FROM (SELECT p, count(*) n FROM unnest($1::smallint[]) p GROUP BY p) n WHERE d.partition = n.p
     RETURNING d.partition, d.seq - n.n base`,
    [facts.map((fact) => fact.partition)],
  )) as [{ partition: number; base: number }[]];
  await pause(WINDOW_MS);
  const next = new Map(heads.map(({ partition, base }) => [partition, base]));
  const rows = facts.map((fact) => {
    const seq = next.get(fact.partition)! + 1;
    next.set(fact.partition, seq);
    return { ...fact, seq };
  });
  for (const { partition, seq, id, account, key, type, envelope } of rows) {
    await client.query('INSERT INTO log (partition, seq, event_id, account_id, key, type, envelope) VALUES ($1, $2, $3, $4, $5, $6, $7)', [partition, seq, id, account, key, type, envelope]);
  }
  return rows;
}
