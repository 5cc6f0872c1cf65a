import type { Actor } from '@parley/contracts/contract';
import type { Envelope, Service } from '@parley/contracts/events';
import type { DataSource } from 'typeorm';
import type { Broker } from './broker.js';
import { FailureBook } from './failures.js';
import { isKnown, type Fact, type Listeners } from './hears.js';
import { newId, PARTITIONS } from './ids.js';
import type { HeadsAnswer, HeadsQuestion, ReadAnswer, ReadQuestion } from './log-server.js';
import type { Move } from './log.js';
import { errorFields, logger } from './logging.js';
import { Partition, PER_PARTITION } from './partition.js';
import type { Sabotage } from './sabotage.js';
import { isInfrastructure, Transaction } from './tx.js';

/** At most so many facts in one transaction: whoever waits for a lock of the transaction must not wait longer than locks are waited for. */
const TOGETHER = 128;
/** Under load a batch starts at most this often: fewer, larger transactions. */
const LINGER_MS = 3;
/** A partition stays with the replica that moved it last; the others wait for its hint this long before they take over. */
const OWNER_HEAD_START_MS = 40;
/** Facts that nobody waits for are left lying until several share a transaction. */
const REST_MS = 100;
const POLL_MS = 500;

type LockedCursor = { partition: number; position: number; last_event_id: string | null };

/** What hearing has done so far: shown as metrics. In a run without faults `gapReads` stays near 0. */
export type HearingCounts = { applied: number; batches: number; gapReads: number; failures: number; parked: number };

/**
 * One service hears one source (messaging.md section 5). A push or a heads answer only says how far a partition has come;
 * whether there is work is state (`position < head`), so no wake can be missed. The row lock on the cursor decides which
 * replica works; effects, announced facts and the cursor commit together.
 */
export class Hearing {
  readonly counts: HearingCounts = { applied: 0, batches: 0, gapReads: 0, failures: 0, parked: 0 };
  /** The source’s numbers went back: nothing is heard from it until an operator has decided (`parley log resync`). */
  rewound = false;
  private verified = false;
  private readonly me = newId();
  private readonly partitions = Array.from({ length: PARTITIONS }, () => new Partition());
  private readonly failures: FailureBook;
  private running: Promise<void> | null = null;
  private startedAt = 0;
  private restUntil = 0;
  private timer?: NodeJS.Timeout;
  private timerAt = Infinity;
  private poller?: NodeJS.Timeout;
  private stopped = false;
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly db: DataSource, private readonly broker: Broker, private readonly consumer: string,
    readonly source: Service, private readonly listeners: Listeners, private readonly sabotage?: Sabotage,
  ) {
    this.failures = new FailureBook(db, consumer);
  }

  async start() {
    await this.db.query('INSERT INTO log_cursor (consumer, source, partition) SELECT $1, $2, generate_series(0, $3::int) ON CONFLICT DO NOTHING', [this.consumer, this.source, PARTITIONS - 1]);
    await this.readCursors();
    this.ends.push(
      this.broker.subscribe(`evt.${this.source}.*`, (body, subject) => this.onPush(Number(subject.slice(subject.lastIndexOf('.') + 1)), body)),
      this.broker.subscribe(`cur.${this.consumer}.${this.source}`, (body) => this.onHint(body)),
    );
    this.broker.onConnect(() => {
      this.verified = false;
      void this.poll();
    });
    void this.pollForever();
  }

  async stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.poller);
    for (const end of this.ends) end();
    await this.running;
  }

  /** Positions and highest heads heard of: for metrics and for tests that wait. */
  lag() {
    return this.partitions.map((p) => p.lag);
  }

  /** Asks the source how far it has come, and looks whether its numbers still continue what was heard. */
  async poll(): Promise<boolean> {
    try {
      await this.readCursors();
      const question: HeadsQuestion = { consumer: this.consumer, at: this.partitions.map((p) => [p.position, p.lastEventId]) };
      const answer = JSON.parse(await this.broker.ask(`rpc.${this.source}.log.heads.v1`, JSON.stringify(question))) as HeadsAnswer;
      const rewound = answer.rewound.length > 0 && (await this.stillThere(question, answer));
      if (rewound && !this.rewound) logger.error({ source: this.source, partitions: answer.rewound }, 'log was rewound: hearing of this source stops; see `parley log resync`');
      this.rewound = rewound;
      this.verified = true;
      answer.heads.forEach((head, n) => this.partitions[n]!.correct(head));
    } catch {
      return false; // away: pushes and the next poll tell
    }
    await this.retryDeadLetters().catch((error) => logger.warn(errorFields(error), 'dead letters not looked at'));
    this.kick();
    return true;
  }

  /** A cursor that another replica moved while we asked looks like a rewind: only what still stands counts. */
  private async stillThere(question: HeadsQuestion, answer: HeadsAnswer) {
    await this.readCursors();
    return answer.rewound.some((p) => this.partitions[p]!.position === question.at[p]![0] && this.partitions[p]!.lastEventId === question.at[p]![1]);
  }

  private async pollForever() {
    await this.poll();
    if (!this.stopped) this.poller = setTimeout(() => void this.pollForever(), POLL_MS);
  }

  private async readCursors() {
    const rows = (await this.db.query('SELECT partition, position, last_event_id FROM log_cursor WHERE consumer = $1 AND source = $2', [this.consumer, this.source])) as { partition: number; position: number; last_event_id: string | null }[];
    for (const row of rows) {
      const p = this.partitions[row.partition]!;
      // An operator may have set the cursor back: what is buffered is then worth nothing.
      if (row.position < p.position && !p.busy) p.facts.clear();
      if (!p.busy) Object.assign(p, { position: row.position, lastEventId: row.last_event_id });
    }
  }

  private onPush(partition: number, body: string) {
    const p = this.partitions[partition];
    if (!p) return;
    const [first, envelopes] = JSON.parse(body) as [number, Envelope[]?];
    const now = performance.now();
    this.rest(p, now, envelopes);
    if (envelopes) p.take(first, envelopes);
    else p.head = Math.max(p.head, first);
    if (p.owner !== this.me && p.dueAt < now) p.dueAt = Math.max(now, p.restUntil) + (p.owner ? OWNER_HEAD_START_MS : Math.random() * 10);
    this.kick();
  }

  /** What hurries takes along what rests in its partition; partitions that rest do so together. */
  private rest(p: Partition, now: number, envelopes: Envelope[] | undefined) {
    if (!envelopes || envelopes.some(({ type }) => this.listeners.hurries(this.source, type))) p.restUntil = 0;
    else if (p.position >= p.head) {
      if (this.restUntil < now) this.restUntil = now + REST_MS;
      p.restUntil = this.restUntil;
    }
  }

  private onHint(body: string) {
    const [who, steps] = JSON.parse(body) as [string, [number, number, string][]];
    if (who === this.me) return;
    for (const [partition, position, lastEventId] of steps) {
      const p = this.partitions[partition]!;
      if (position <= p.position || p.busy) continue;
      p.moved(position, lastEventId);
      p.owner = who;
      p.dueAt = p.position < p.head ? performance.now() + OWNER_HEAD_START_MS : 0;
    }
  }

  private kickAt(at: number) {
    if (at >= this.timerAt || this.stopped) return;
    clearTimeout(this.timer);
    this.timerAt = at;
    this.timer = setTimeout(() => {
      this.timerAt = Infinity;
      this.kick();
    }, Math.max(0, at - performance.now()));
  }

  private kick() {
    if (this.running || this.stopped || this.rewound || !this.verified) return;
    const now = performance.now();
    if (now < this.startedAt + LINGER_MS) return this.kickAt(this.startedAt + LINGER_MS);
    const ready: number[] = [];
    this.partitions.forEach((p, number) => {
      if (p.busy || p.fetching || !p.lag) return;
      const dueAt = Math.max(p.dueAt, p.restUntil);
      if (dueAt > now) this.kickAt(dueAt);
      else if (!p.next) void this.readGap(number);
      else ready.push(number);
    });
    if (!ready.length) return;
    // A partition whose batch failed goes alone, one fact at a time, so that neighbours do not suffer.
    const group = this.partitions[ready[0]!]!.alone ? [ready[0]!] : ready.filter((n) => !this.partitions[n]!.alone);
    for (const n of group) this.partitions[n]!.busy = true;
    this.startedAt = now;
    this.running = this.batch(group).finally(() => {
      this.running = null;
      for (const n of group) this.partitions[n]!.busy = false;
      this.kick();
    });
  }

  private async readGap(number: number) {
    const p = this.partitions[number]!;
    p.fetching = true;
    this.counts.gapReads++;
    try {
      const question: ReadQuestion = { partition: number, after: p.position, lastEventId: p.lastEventId, limit: 500 };
      const answer = JSON.parse(await this.broker.ask(`rpc.${this.source}.log.read.v1`, JSON.stringify(question))) as ReadAnswer;
      if (answer.rewound) void this.poll();
      else p.take(answer.first, answer.envelopes as Envelope[]);
      if (!answer.envelopes.length) p.dueAt = performance.now() + 100;
    } catch {
      p.dueAt = performance.now() + 200;
    }
    p.fetching = false;
    this.kick();
  }

  private async batch(group: number[]) {
    let steps: Move['steps'] = [];
    let facts: Fact[] = [];
    let tx: Transaction | undefined;
    const alone = this.partitions[group[0]!]!.alone;
    try {
      let locked: LockedCursor[] = [];
      tx = await Transaction.begin(this.db, this.expected(group), async (begun) => { locked = await this.lock(begun, group); });
      ({ steps, facts } = this.collect(locked, group, alone ? 1 : PER_PARTITION));
      if (!facts.length) return await tx.rollback();
      const move = { consumer: this.consumer, source: this.source, steps };
      if (this.sabotage === 'cursor') {
        await tx.commit(move);
        tx = await Transaction.begin(this.db, null);
      }
      if (await this.isHopeless(facts)) await this.park(tx, facts[0]!);
      else {
        await this.bookStarts(group, facts);
        await this.tell(tx, facts);
      }
      await tx.commit(this.sabotage === 'cursor' ? undefined : move);
    } catch (error) {
      await tx?.rollback(error).catch(() => undefined);
      await this.failed(error, group, alone ? facts[0] : undefined);
      return;
    }
    this.succeeded(tx, group, steps, facts);
  }

  /** Who acts in what comes next, as far as it is known before the lock: most batches serve one account, which is then set already. */
  private expected(group: number[]): Actor | null {
    const [fact] = group.flatMap((n) => this.partitions[n]!.next ?? []).sort(byAccount);
    return fact ? actorOf(fact) : null;
  }

  private lock(tx: Transaction, group: number[]) {
    return tx.sql<LockedCursor>(
      'SELECT partition, position, last_event_id FROM log_cursor WHERE consumer = $1 AND source = $2 AND partition = ANY ($3::smallint[]) ORDER BY partition FOR UPDATE SKIP LOCKED',
      [this.consumer, this.source, group],
    );
  }

  private collect(locked: LockedCursor[], group: number[], most: number) {
    const steps: Move['steps'] = [];
    const facts: Fact[] = [];
    const fair = Math.min(most, Math.ceil(TOGETHER / locked.length));
    for (const row of locked) {
      const p = this.partitions[row.partition]!;
      p.moved(row.position, row.last_event_id);
      const own = [...p.following(fair)].map(({ seq, envelope }) => ({ ...envelope, source: this.source, partition: row.partition, seq }));
      const last = own.at(-1);
      if (last) steps.push({ partition: row.partition, position: last.seq, lastEventId: last.id });
      facts.push(...own);
    }
    const got = new Set(locked.map((row) => row.partition));
    // Another replica is at it: look again soon.
    for (const n of group) if (!got.has(n)) this.partitions[n]!.dueAt = performance.now() + 15;
    return { steps, facts };
  }

  /** Every account’s facts together, in order; the account is set anew for each, so that row-level security binds. */
  private async tell(tx: Transaction, facts: Fact[]) {
    const accounts = new Map<string, [Fact, ...Fact[]]>();
    for (const fact of facts) {
      if (!isKnown(fact.type) || !this.listeners.cares(fact)) continue;
      const own = accounts.get(fact.account);
      if (own) own.push(fact);
      else accounts.set(fact.account, [fact]);
    }
    // In one order everywhere: batches of two replicas that meet in the same accounts would else wait for each other.
    for (const own of [...accounts.values()].sort(([a], [b]) => byAccount(a, b))) {
      await tx.actFor(actorOf(own[0]));
      await this.listeners.tell(tx, own);
    }
  }

  /** Only a fact on its own can be judged; asked when there is a reason to, as it costs a query. */
  private async isHopeless([fact, ...others]: Fact[]) {
    return !others.length && this.partitions[fact!.partition]!.suspect && this.failures.isHopeless(fact!);
  }

  private async park(tx: Transaction, fact: Fact) {
    await tx.actFor({ account: fact.account, type: 'system', id: null, scopes: [] });
    const error = await this.failures.park(tx, fact);
    await this.listeners.tellParked(tx, fact, error);
    this.counts.parked++;
    logger.error({ event: fact.id, type: fact.type, source: this.source, code: error.slice(0, 200) }, 'fact parked as a dead letter');
  }

  /** The first batch after a start counts its starts, so that a fact that kills the process is found, too. */
  private async bookStarts(group: number[], facts: Fact[]) {
    const suspects = this.suspects(facts);
    if (!suspects.length || !(await this.failures.started(suspects))) return;
    for (const n of group) this.partitions[n]!.alone = true;
    throw Object.assign(new Error('one of these facts may have ended the process: one at a time'), { code: '57P00' });
  }

  private suspects(facts: Fact[]) {
    return facts.filter((fact) => this.partitions[fact.partition]!.suspect);
  }

  private succeeded(tx: Transaction, group: number[], steps: Move['steps'], facts: Fact[]) {
    const counted = this.suspects(facts);
    for (const step of steps) {
      const p = this.partitions[step.partition]!;
      p.moved(step.position, step.lastEventId);
      Object.assign(p, { owner: this.me, alone: false, careful: false });
    }
    this.counts.applied += facts.length;
    this.counts.batches++;
    tx.finish();
    this.broker.publish(`cur.${this.consumer}.${this.source}`, JSON.stringify([this.me, steps.map((s) => [s.partition, s.position, s.lastEventId])]));
    if (counted.length) void this.failures.clear(counted).catch(() => undefined);
  }

  private async failed(error: unknown, group: number[], fact?: Fact) {
    const infrastructure = isInfrastructure(error);
    const now = performance.now();
    for (const n of group) {
      this.partitions[n]!.dueAt = now + (infrastructure ? 100 : 0);
      if (!infrastructure) this.partitions[n]!.alone = true;
    }
    if (infrastructure) return logger.debug({ ...errorFields(error), source: this.source }, 'hearing: infrastructure, trying again');
    this.counts.failures++;
    logger.warn({ ...errorFields(error), source: this.source, event: fact?.id, type: fact?.type }, 'hearing failed');
    if (!fact) return;
    const waitMs = await this.failures.failed(fact, error).catch(() => 200);
    this.partitions[fact.partition]!.dueAt = performance.now() + waitMs;
  }

  /** Dead letters that an operator wants to be tried again (`parley dead retry`). */
  private async retryDeadLetters() {
    for (const letter of await this.failures.lettersToRetry(this.source)) {
      const tx = await Transaction.begin(this.db, null);
      try {
        if (!(await this.failures.claimLetter(tx, letter.event_id))) {
          await tx.rollback();
          continue;
        }
        await this.tell(tx, [{ ...letter.envelope, source: this.source, partition: letter.partition, seq: letter.seq }]);
        await tx.commit();
        tx.finish();
      } catch (error) {
        await tx.rollback(error);
        if (!isInfrastructure(error)) await this.failures.letterFailed(letter.event_id, error);
      }
    }
  }
}

const byAccount = (a: Envelope, b: Envelope) => (a.account < b.account ? -1 : 1);
const actorOf = ({ account, actor }: Envelope): Actor => ({ account, ...actor, scopes: [] });
