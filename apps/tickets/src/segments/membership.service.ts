import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { errorFields, logger } from '@parley/service/logging';
import { Rounds } from '@parley/service/rounds';
import { system, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { hasTime } from './condition.rules.js';
import { SegmentsRepository } from './segments.repository.js';

const PAUSE_MS = 300;
/** In one transaction: short enough for whoever waits, long enough to be quick. */
const CHANGED_AT_ONCE = 500;
const ALL_AT_ONCE = 10_000;
/** Where time alone changes the answer, everybody is asked again this often; else once a day, in case anything was missed. */
const AGAIN_SECONDS = { time: 3600, other: 86_400 };

/** Accounts with work, by their own time (TIME-6). */
const DUE = `SELECT account_id FROM segment_work WHERE due_at <= now()
  UNION SELECT w.account_id FROM account_clock c JOIN segment_work w USING (account_id) WHERE w.due_at <= now() + c.shift`;

/** Keeps the membership of segments (PRO-8): works through the queue that changes of customers, events and conditions leave behind, by the account's time. */
@Injectable()
export class MembershipService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds = new Rounds(() => this.work(), PAUSE_MS, 'segments not computed');

  constructor(
    private readonly db: DataSource,
    private readonly segments: SegmentsRepository,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  onApplicationShutdown() {
    return this.rounds.stop();
  }

  /** Does everything that is due, of all accounts; what fails for one is tried again and keeps no other waiting. */
  async work(): Promise<void> {
    const due = (await this.db.query(DUE)) as { account_id: string }[];
    for (const { account_id: account } of due) await this.workFor(account).catch((error) => logger.warn({ ...errorFields(error), account }, 'segments not computed'));
  }

  private async workFor(account: string): Promise<void> {
    while (!this.rounds.stopped && (await within(this.db, system(account), (tx) => this.step(tx))));
  }

  /** One short transaction of work; whether there may be more. */
  private async step(tx: Tx): Promise<boolean> {
    if (!(await this.segments.claim(tx))) return false;
    const ids = await this.segments.takeChanged(tx, CHANGED_AT_ONCE);
    if (ids.length) {
      for (const segment of await this.segments.definitions(tx, null)) await this.segments.compute(tx, segment, { ids });
      return true;
    }
    const next = await this.segments.nextDue(tx);
    if (!next) return false;
    const [segment] = await this.segments.definitions(tx, [next.subject]);
    const upTo = await this.segments.endOf(tx, next.after, ALL_AT_ONCE);
    await this.segments.compute(tx, segment!, { after: next.after, upTo });
    if (upTo) await this.segments.goOn(tx, next.subject, upTo);
    else {
      await this.segments.done(tx, next.subject);
      await this.segments.queue(tx, next.subject, hasTime(segment!.condition) ? AGAIN_SECONDS.time : AGAIN_SECONDS.other);
    }
    return true;
  }
}
