import type { Envelope } from '@parley/contracts/events';
import type { DataSource } from 'typeorm';
import type { Fact } from './hears.js';
import type { Transaction } from './tx.js';

/** A fact that fails this often is parked. */
const MOST_FAILURES = 5;
/** So is one under which the process ended this often; */
const MOST_STARTS = 5;
/** after this many, facts that were worked on together go one by one. */
const SUSPICIOUS_STARTS = 3;
/** Waits between the five tries of a failing fact, in milliseconds: neighbours in its partition wait as long. */
const WAITS_MS = [50, 200, 800, 3000];

type Letter = { event_id: string; envelope: Envelope; partition: number; seq: number };

/** Failures, starts and dead letters of one consumer, counted in Postgres: a count in memory has parked an innocent fact before. */
export class FailureBook {
  constructor(private readonly db: DataSource, private readonly consumer: string) {}

  /** Counts a failure; answers how long to wait before the next try, in milliseconds. */
  async failed(fact: Fact, error: unknown): Promise<number> {
    const [row] = (await this.db.query(
      `INSERT INTO event_failure (consumer, event_id, failures, error) VALUES ($1, $2, 1, $3)
       ON CONFLICT (consumer, event_id) DO UPDATE SET failures = event_failure.failures + 1, error = excluded.error RETURNING failures`,
      [this.consumer, fact.id, tell(error)],
    )) as { failures: number }[];
    return WAITS_MS[row!.failures - 1] ?? 0; // after the last one it is parked at once
  }

  /**
   * Counts that work on these facts begins, on a connection of its own so that a crash leaves the trace. Answers whether
   * they have to go one by one: starts in company count up to that point only, as the neighbours may be innocent.
   */
  async started(facts: Fact[]): Promise<boolean> {
    const most = facts.length > 1 ? SUSPICIOUS_STARTS : MOST_STARTS;
    const rows = (await this.db.query(
      `INSERT INTO event_failure (consumer, event_id, starts) SELECT $1, id, 1 FROM unnest($2::uuid[]) id
       ON CONFLICT (consumer, event_id) DO UPDATE SET starts = greatest(event_failure.starts, least(event_failure.starts + 1, $3)) RETURNING starts`,
      [this.consumer, facts.map((fact) => fact.id).sort(), most],
    )) as { starts: number }[];
    return facts.length > 1 && rows.some((row) => row.starts >= SUSPICIOUS_STARTS);
  }

  async clear(facts: Fact[]) {
    await this.db.query('DELETE FROM event_failure WHERE consumer = $1 AND event_id = ANY ($2::uuid[])', [this.consumer, facts.map((fact) => fact.id)]);
  }

  /** Has it failed, or ended the process, too often? */
  async isHopeless(fact: Fact): Promise<boolean> {
    const [row] = (await this.db.query('SELECT failures, starts FROM event_failure WHERE consumer = $1 AND event_id = $2', [this.consumer, fact.id])) as { failures: number; starts: number }[];
    return !!row && (row.failures >= MOST_FAILURES || row.starts - row.failures >= MOST_STARTS);
  }

  /** Puts the fact aside in the transaction that steps over it; answers why. */
  async park(tx: Transaction, fact: Fact): Promise<string> {
    const [row] = await tx.sql<{ failures: number; starts: number; error: string | null }>('SELECT failures, starts, error FROM event_failure WHERE consumer = $1 AND event_id = $2', [this.consumer, fact.id]);
    const error = row?.error ?? 'the process ended while it was at this fact';
    const { source, partition, seq, ...envelope } = fact;
    await tx.sql(
      `INSERT INTO dead_letter (consumer, source, partition, seq, event_id, envelope, attempts, error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (consumer, event_id) DO NOTHING`,
      [this.consumer, source, partition, seq, fact.id, JSON.stringify(envelope), row?.failures || (row?.starts ?? 0), error],
    );
    return error;
  }

  async lettersToRetry(source: string): Promise<Letter[]> {
    return (await this.db.query(
      'SELECT event_id, envelope, partition, seq FROM dead_letter WHERE consumer = $1 AND source = $2 AND resolved_at IS NULL AND retry_at <= now() ORDER BY partition, seq LIMIT 20',
      [this.consumer, source],
    )) as Letter[];
  }

  /** False when another replica has it already. */
  async claimLetter(tx: Transaction, eventId: string): Promise<boolean> {
    const rows = await tx.sql(
      `UPDATE dead_letter SET resolved_at = now(), resolution = 'retried', retry_at = NULL WHERE consumer = $1 AND event_id = $2 AND resolved_at IS NULL RETURNING event_id`,
      [this.consumer, eventId],
    );
    return rows.length > 0;
  }

  async letterFailed(eventId: string, error: unknown) {
    await this.db.query('UPDATE dead_letter SET retry_at = NULL, attempts = attempts + 1, error = $3 WHERE consumer = $1 AND event_id = $2', [this.consumer, eventId, tell(error)]);
  }
}

const tell = (error: unknown) => String((error as Error)?.message ?? error).slice(0, 2000);
