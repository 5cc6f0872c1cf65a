import { ContractError } from '@parley/contracts/errors';
import type { Actor } from '@parley/contracts/contract';
import type { Event, Service } from '@parley/contracts/events';
import type { Duplex } from 'node:stream';
import type { PoolClient } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { z } from 'zod';
import { partitionOf } from './ids.js';
import { append, envelopeOf, type Announcement, type Logged, type Move } from './log.js';
import { errorFields, logger } from './logging.js';
import { appendUnlocked, type Sabotage } from './sabotage.js';

/** A transaction in the name of somebody. Everything that changes the database takes one, so nothing can forget the account. */
export type Tx = {
  /** TypeORM on this transaction’s connection. */
  readonly db: EntityManager;
  /** Plain SQL, prepared once per connection: the rows. For hot paths. */
  sql<R extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<R[]>;
  readonly by: Actor;
  /** The account’s time (TIME-6): the only clock there is. */
  readonly at: Date;
  /** Does something after the commit that nothing depends on: a hint, a wake-up. Errors are logged. */
  after(effect: () => void | Promise<void>): void;
  /** What has been announced so far; `announce` is the way in. */
  readonly announced: Announcement[];
};

/** Where the facts of a database go after the commit. */
export type Outlet = { service: Service; push(rows: Logged[]): void; sabotage?: Sabotage };
const outlets = new WeakMap<DataSource, Outlet>();
/** Says where facts that are announced in this database are pushed. */
export const setOutlet = (db: DataSource, outlet: Outlet) => outlets.set(db, outlet);

/** The actor of what happens by itself: timers, policies. */
export const system = (account: string): Actor => ({ account, type: 'automation', id: null, scopes: [] });

/**
 * Runs `work` in one transaction in the name of `by`: the account is set for row-level security, announced facts are
 * appended right before COMMIT and pushed after it. Tried again when the database asks for it (40001, 40P01).
 *
 * A repeated command (`by.command`) has no second effect where `again` is given: `work` answers something with an `id`,
 * which is kept, and the repeat answers `again(tx, id)`.
 * @throws ContractError UNAVAILABLE when the database is away; whatever `work` throws.
 */
export async function within<T>(db: DataSource, by: Actor, work: (tx: Tx) => Promise<T>, again?: (tx: Tx, id: string) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptWithin(db, by, work, again);
    } catch (error) {
      if (isConflict(error) && attempt < 5) continue;
      if (error instanceof ContractError || !isInfrastructure(error)) throw error;
      logger.warn(errorFields(error), 'database away');
      throw new ContractError('UNAVAILABLE', 'The database does not answer');
    }
  }
}

async function attemptWithin<T>(db: DataSource, by: Actor, work: (tx: Tx) => Promise<T>, again?: (tx: Tx, id: string) => Promise<T>): Promise<T> {
  const tx = await Transaction.begin(db, by);
  let result: T;
  try {
    const done = again && by.command ? await tx.commandResult() : undefined;
    result = done ? await again!(tx, done.id) : await work(tx);
    if (again && by.command && !done) await tx.keepCommand((result as { id: string }).id);
    await tx.commit();
  } catch (error) {
    await tx.rollback(error);
    throw error;
  }
  tx.finish();
  return result;
}

/** The same transaction in another name, or at another time: for what is done on behalf of somebody, or is late. */
export const actingAs = (tx: Tx, other: Partial<Pick<Tx, 'by' | 'at'>>): Tx => Object.assign(Object.create(tx) as Tx, other);

/** Collects a fact for the log of this transaction: `data` is parsed by the contract, so nothing else can leak. */
export function announce<E extends Event>(
  tx: Tx, contract: E, fact: { key: string; partition?: number; ticket?: string | null; data: z.input<E['data']>; before?: object; actor?: Pick<Actor, 'type' | 'id'> },
) {
  const by = fact.actor ? { ...tx.by, ...fact.actor } : tx.by;
  const envelope = envelopeOf(contract, by, tx.at, fact.ticket ?? null, contract.data.parse(fact.data) as object, fact.before);
  tx.announced.push({
    partition: fact.partition ?? partitionOf(by.account, fact.key), id: envelope.id, account: by.account, key: fact.key, type: contract.type, envelope: JSON.stringify(envelope),
  });
  return envelope;
}

/** One transaction on one connection. Doors use `within`; hearing drives it by hand, as it serves several accounts in one. */
export class Transaction implements Tx {
  readonly announced: Announcement[] = [];
  private readonly effects: (() => void | Promise<void>)[] = [];
  private logged: Logged[] = [];
  by!: Actor;
  at!: Date;

  private constructor(private readonly source: DataSource, private readonly runner: QueryRunner, readonly client: PoolClient) {}

  get db() { return this.runner.manager; }

  /** `first` asks its questions in the packet that opens the transaction. */
  static async begin(source: DataSource, by: Actor | null, first?: (tx: Transaction) => Promise<void>) {
    const runner = source.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    const tx = new Transaction(source, runner, client);
    // TypeORM must know that it is inside a transaction: it would else open and commit its own.
    Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
    try {
      await tx.atOnce(() => [by ? tx.actFor(by, 'BEGIN;') : client.query('BEGIN'), first?.(tx)]);
    } catch (error) {
      await tx.rollback(error);
      throw error;
    }
    return tx;
  }

  /** Sends what is asked in one packet. Answers come in order; what fails makes the rest of the transaction fail, COMMIT too. */
  private atOnce<Q extends unknown[]>(ask: () => readonly [...Q]) {
    const { stream } = (this.client as unknown as { connection: { stream: Duplex } }).connection;
    stream.cork();
    try {
      return Promise.all(ask());
    } finally {
      stream.uncork();
    }
  }

  /** Acts for this account from here on. One round trip, with whatever comes `first`. */
  async actFor(by: Actor, first = '') {
    if (this.by?.account === by.account) {
      this.by = by;
      return;
    }
    if (!/^[0-9a-f-]{36}$/i.test(by.account)) throw new Error('no account id');
    const results = (await this.client.query(`${first} SELECT set_config('app.account_id', '${by.account}', true), parley_now('${by.account}') AS at`)) as unknown as { rows: { at: Date }[] } | { rows: { at: Date }[] }[];
    this.by = by;
    this.at = (Array.isArray(results) ? results.at(-1)! : results).rows[0]!.at;
  }

  // Properties, not methods: repositories take what they need of a Tx, `{ sql, by }`.
  readonly sql = async <R extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<R[]> =>
    (await this.client.query({ name: preparedName(text), text, values })).rows as R[];

  readonly after = (effect: () => void | Promise<void>) => { this.effects.push(effect); };

  async commandResult() {
    const [row] = await this.sql<{ result: { id: string } | null }>('SELECT result FROM processed_command WHERE command_id = $1 AND account_id = $2', [this.by.command, this.by.account]);
    return row?.result ?? undefined;
  }

  async keepCommand(id: string) {
    await this.sql('INSERT INTO processed_command (command_id, account_id, result) VALUES ($1, $2, $3)', [this.by.command, this.by.account, { id }]);
  }

  /** Appends what was announced, moves the cursors, commits. */
  async commit(move?: Move) {
    const broken = this.announced.length > 0 && outlets.get(this.source)?.sabotage === 'head';
    const unlocked = broken ? await appendUnlocked(this.source, this.client, this.announced) : [];
    const [logged] = await this.atOnce(() => [append(this.client, broken ? [] : this.announced, move), this.client.query('COMMIT')]);
    this.logged = [...unlocked, ...logged];
    Object.assign(this.runner, { isTransactionActive: false, transactionDepth: 0 });
    await this.runner.release();
  }

  async rollback(reason?: unknown) {
    const lost = isInfrastructure(reason);
    if (!lost) await this.client.query('ROLLBACK').catch(() => undefined);
    Object.assign(this.runner, { isTransactionActive: false, transactionDepth: 0 });
    // A connection in an unknown state does not go back to the pool.
    await (this.runner as unknown as { releasePostgresConnection(error?: Error): Promise<void> }).releasePostgresConnection(lost ? (reason as Error) : undefined);
  }

  /** After the commit: pushes the facts, then does what was left for afterwards. */
  finish() {
    if (this.logged.length) outlets.get(this.source)?.push(this.logged);
    for (const effect of this.effects) void Promise.resolve().then(effect).catch((error) => logger.warn(errorFields(error), 'after-commit effect failed'));
  }
}

const names = new Map<string, string>();
/** The same text is the same prepared statement. Texts built from filters are many, so only the first thousand get one. */
function preparedName(text: string) {
  let name = names.get(text);
  if (!name && names.size < 1000) names.set(text, (name = `q${names.size}`));
  return name;
}

/** Nobody’s fault: the connection, a timeout, a shutdown, a full disk. Never counted against a fact. */
export function isInfrastructure(error: unknown) {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
  if (error instanceof ContractError) return error.code === 'UNAVAILABLE';
  return /^(08|40|53|55P03|57|58|XX|25P0|ECONN|EPIPE|ETIMEDOUT)/.test(String(code)) || /connection (terminated|ended|error|is closed)|timeout|terminating connection|Connection ended|not queryable/i.test(message);
}
const isConflict = (error: unknown) => ['40001', '40P01'].includes((error as { code?: string })?.code ?? '');
