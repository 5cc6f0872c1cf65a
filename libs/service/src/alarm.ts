import 'reflect-metadata';
import type { Actor } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { Queue, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import type { DataSource } from 'typeorm';
import { newId } from './ids.js';
import { errorFields, logger } from './logging.js';
import type { Sabotage } from './sabotage.js';
import { isInfrastructure, system, within, type Tx } from './tx.js';

export type Subject = { type: string; id: string };
/** A timer is a row (TIME-5); Redis only wakes it. `generation` tells apart what it was set for: an offline episode, a snooze. */
export type NewTimer = { kind: string; subject: Subject; generation: number; dueAt: Date; reason: Record<string, unknown> };
export type TimerRow = NewTimer & { id: string; state: 'pending' | 'running' | 'done' | 'cancelled' | 'failed' };
/** What a handler gets: lock the subject first, then claim. A claim that fails means: already done, cancelled, moved, or not due. */
export type Ring = Omit<TimerRow, 'state'> & { claim(): Promise<boolean> };
type Handler = (tx: Tx, ring: Ring) => Promise<void>;

const RINGS = Symbol('rings');
/** The method acts when a timer of this kind falls due. */
export const Rings = (kind: string) => <F extends Handler>(target: object, method: string, _: TypedPropertyDescriptor<F>) =>
  Reflect.defineMetadata(RINGS, [...((Reflect.getOwnMetadata(RINGS, target.constructor) as [string, string][] | undefined) ?? []), [kind, method]], target.constructor);

const COLUMNS = `id, kind, subject_type, subject_id, generation, due_at, reason, state`;
type Raw = { id: string; kind: string; subject_type: string; subject_id: string; generation: number; due_at: Date; reason: Record<string, unknown>; state: TimerRow['state'] };
const toRow = (raw: Raw): TimerRow => ({ id: raw.id, kind: raw.kind, subject: { type: raw.subject_type, id: raw.subject_id }, generation: raw.generation, dueAt: raw.due_at, reason: raw.reason, state: raw.state });

const SWEEP_MS = 5000;
/** Timers that the sweep finds are this late: the alarm clock had its chance. */
const GRACE = '2 seconds';
const MOST_ATTEMPTS = 20;

/** Timers of a service: rows in Postgres, rung by BullMQ, and by a sweep if Redis was emptied or is away (TIME-5). */
export class Alarm {
  private readonly handlers = new Map<string, Handler>();
  private queue?: Queue;
  private worker?: Worker;
  private connections: Redis[] = [];
  private sweeper?: NodeJS.Timeout;
  private stopped = false;
  readonly counts = { rung: 0, swept: 0, failed: 0 };

  constructor(private readonly db: DataSource, private readonly redisUrl: string, private readonly queueName: string, private readonly sabotage?: Sabotage) {}

  /** @throws when two methods ring for one kind. */
  add(instance: object) {
    for (const [kind, method] of (Reflect.getOwnMetadata(RINGS, instance.constructor) as [string, string][] | undefined) ?? []) {
      if (this.handlers.has(kind)) throw new Error(`Two methods ring for ${kind}`);
      this.handlers.set(kind, (instance as Record<string, Handler>)[method]!.bind(instance));
    }
  }

  start() {
    if (!this.handlers.size) return;
    const connect = (options: object) => {
      const redis = new Redis(this.redisUrl, { retryStrategy: () => 500, ...options });
      redis.on('error', (error) => logger.debug(errorFields(error), 'redis away'));
      this.connections.push(redis);
      return redis;
    };
    this.queue = new Queue(this.queueName, { connection: connect({ enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 500 }) });
    this.queue.on('error', () => undefined);
    this.worker = new Worker(this.queueName, (job: Job<{ timerId: string }>) => this.ring(job.data.timerId), { connection: connect({ maxRetriesPerRequest: null }), concurrency: 4, lockDuration: 10_000, stalledInterval: 5000 });
    this.worker.on('error', () => undefined);
    void this.sweepForever();
  }

  async stop() {
    this.stopped = true;
    clearTimeout(this.sweeper);
    // A job in hand is finished. Without Redis there is none, and BullMQ would wait for the connection: it is only told.
    const reachable = this.connections.every((redis) => redis.status === 'ready');
    const closing = Promise.allSettled([this.worker?.close(!reachable), this.queue?.close()]);
    if (reachable) await closing;
    for (const redis of this.connections) redis.disconnect();
  }

  /** Sets a timer, or moves the one of the same subject, kind and generation. One that has fired stays as it is: each fires once. */
  async set(tx: Tx, timer: NewTimer): Promise<TimerRow> {
    const [raw] = await tx.sql<Raw>(
      `INSERT INTO scheduled_action (id, account_id, kind, subject_type, subject_id, generation, due_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (account_id, subject_type, subject_id, kind, generation) DO UPDATE
         SET due_at = CASE WHEN scheduled_action.state IN ('pending', 'cancelled') THEN excluded.due_at ELSE scheduled_action.due_at END,
             reason = CASE WHEN scheduled_action.state IN ('pending', 'cancelled') THEN excluded.reason ELSE scheduled_action.reason END,
             state = CASE WHEN scheduled_action.state = 'cancelled' THEN 'pending' ELSE scheduled_action.state END
       RETURNING ${COLUMNS}`,
      [newId(), tx.by.account, timer.kind, timer.subject.type, timer.subject.id, timer.generation, timer.dueAt, JSON.stringify(timer.reason)],
    );
    const row = toRow(raw!);
    if (row.state === 'pending') {
      const delayMs = row.dueAt.getTime() - tx.at.getTime();
      tx.after(() => this.wake(row.id, row.dueAt, delayMs));
    }
    return row;
  }

  /** Calls off what is pending for the subject; answers how many. */
  async cancel(tx: Tx, subject: Subject, kind?: string): Promise<number> {
    const rows = await tx.sql(
      `UPDATE scheduled_action SET state = 'cancelled', done_at = now() WHERE account_id = $1 AND subject_type = $2 AND subject_id = $3 AND ($4::text IS NULL OR kind = $4) AND state = 'pending' RETURNING id`,
      [tx.by.account, subject.type, subject.id, kind ?? null],
    );
    return rows.length;
  }

  /** @throws ContractError TIMER_NOT_FOUND, TIMER_OVER */
  async cancelOne(tx: Tx, id: string): Promise<TimerRow> {
    const [raw] = await tx.sql<Raw>(`UPDATE scheduled_action SET state = 'cancelled', done_at = now() WHERE id = $1 AND account_id = $2 AND state = 'pending' RETURNING ${COLUMNS}`, [id, tx.by.account]);
    if (raw) return toRow(raw);
    if (!(await this.get(tx, id))) throw new ContractError('TIMER_NOT_FOUND', `No timer ${id}`);
    throw new ContractError('TIMER_OVER', 'It has fired or was cancelled before');
  }

  async get(tx: Tx, id: string): Promise<TimerRow | null> {
    const [raw] = await tx.sql<Raw>(`SELECT ${COLUMNS} FROM scheduled_action WHERE id = $1 AND account_id = $2`, [id, tx.by.account]);
    return raw ? toRow(raw) : null;
  }

  /** The newest 100 of a subject. */
  async list(tx: Tx, subject: Subject): Promise<TimerRow[]> {
    const rows = await tx.sql<Raw>(`SELECT ${COLUMNS} FROM scheduled_action WHERE account_id = $1 AND subject_type = $2 AND subject_id = $3 ORDER BY due_at DESC, id DESC LIMIT 100`, [tx.by.account, subject.type, subject.id]);
    return rows.map(toRow);
  }

  /** Rings one timer: for the alarm clock, the sweep, the test clock and operators alike. Does nothing when there is nothing to do. */
  async ring(timerId: string): Promise<void> {
    const [row] = (await this.db.query(`SELECT account_id, ${COLUMNS} FROM scheduled_action WHERE id = $1`, [timerId])) as (Raw & { account_id: string })[];
    const handler = row && this.handlers.get(row.kind);
    if (!handler || (row.state !== 'pending' && this.sabotage !== 'timer')) return;
    const { state: _, ...timer } = toRow(row);
    try {
      await within(this.db, system(row.account_id), (tx) => handler(tx, { ...timer, claim: () => this.claim(tx, timerId) }));
      this.counts.rung++;
    } catch (error) {
      this.counts.failed++;
      logger.warn({ ...errorFields(error), timer: timerId, kind: row.kind }, 'timer failed, the sweep will try again');
      if (isInfrastructure(error)) return;
      await this.db.query(`UPDATE scheduled_action SET attempt = attempt + 1, state = CASE WHEN attempt + 1 >= $2 THEN 'failed' ELSE state END WHERE id = $1 AND state = 'pending'`, [timerId, MOST_ATTEMPTS]);
    }
  }

  /** For the test clock: when the account’s next timer falls due, by its own time. */
  async next(by: Actor): Promise<Date | null> {
    const [row] = (await this.db.query(`SELECT min(due_at) due FROM scheduled_action WHERE account_id = $1 AND state = 'pending'`, [by.account])) as { due: Date | null }[];
    return row!.due;
  }

  /** For the test clock: shifts the account’s time and rings what is due, in order. */
  async shift(by: Actor, seconds: number): Promise<void> {
    await this.db.query(`INSERT INTO account_clock (account_id, shift) VALUES ($1, make_interval(secs => $2)) ON CONFLICT (account_id) DO UPDATE SET shift = excluded.shift`, [by.account, seconds]);
    for (let round = 0; round < 1000; round++) {
      const due = (await this.db.query(`SELECT id FROM scheduled_action WHERE account_id = $1 AND state = 'pending' AND due_at <= parley_now($1) ORDER BY due_at, id LIMIT 50`, [by.account])) as { id: string }[];
      if (!due.length) return;
      for (const { id } of due) await this.ring(id);
    }
  }

  private async claim(tx: Tx, id: string): Promise<boolean> {
    if (this.sabotage === 'timer') return true;
    const rows = await tx.sql(`UPDATE scheduled_action SET state = 'done', done_at = now() WHERE id = $1 AND state = 'pending' AND due_at <= parley_now(account_id) RETURNING id`, [id]);
    return rows.length > 0;
  }

  /** Errors count for nothing: the sweep finds what Redis never heard of. */
  private async wake(id: string, dueAt: Date, delayMs: number) {
    try {
      await this.queue?.add('ring', { timerId: id }, { jobId: `${id}-${dueAt.getTime()}`, delay: Math.max(0, delayMs), removeOnComplete: true, removeOnFail: true });
    } catch (error) {
      logger.debug(errorFields(error), 'alarm clock not set');
    }
  }

  private async sweepForever() {
    if (this.stopped) return;
    await this.sweep().catch((error) => logger.debug(errorFields(error), 'sweep failed'));
    if (!this.stopped) this.sweeper = setTimeout(() => void this.sweepForever(), SWEEP_MS);
  }

  /** Rings what the alarm clock has missed. */
  async sweep(): Promise<number> {
    const rows = (await this.db.query(
      `(SELECT id, attempt, due_at FROM scheduled_action WHERE state = 'pending' AND due_at <= now() - interval '${GRACE}' ORDER BY due_at LIMIT 200)
       UNION (SELECT s.id, s.attempt, s.due_at FROM account_clock c JOIN scheduled_action s ON s.account_id = c.account_id
              WHERE s.state = 'pending' AND s.due_at <= now() + c.shift - interval '${GRACE}' ORDER BY s.due_at LIMIT 200)
       ORDER BY attempt, due_at`,
    )) as { id: string }[];
    for (const { id } of rows) {
      if (this.stopped) break;
      await this.ring(id);
    }
    this.counts.swept += rows.length;
    return rows.length;
  }
}
