import { Injectable } from '@nestjs/common';
import { serviceClock } from '@parley/contracts/clock';
import type { Actor } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { Alarm } from '@parley/service/alarm';
import { Services } from '@parley/service/services';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { AccountsService } from '../access/accounts.service.js';

const WITH_TIMERS = (['tickets', 'channels', 'notifications'] as const).map(serviceClock);
const ALL = [...WITH_TIMERS, serviceClock('reporting')];
/** Enough for a year of timers; whoever needs more asks again. */
const MOST_STEPS = 1000;
const DEADLINE_MS = 60_000;
const LOOK_AGAIN_MS = 10;

/**
 * TIME-6: moves the clock of a test account through all services. It goes from one due timer to the next, earliest first, and lets what that sets off
 * spread through all services before it goes on; so a timer that the first one sets still falls due on the way.
 */
@Injectable()
export class TestClockService {
  constructor(private readonly db: DataSource, private readonly alarm: Alarm, private readonly services: Services, private readonly accounts: AccountsService) {}

  async get(by: Actor) {
    await this.refuseUnlessTest(by);
    return this.now(by);
  }

  /** @throws ContractError NOT_A_TEST_ACCOUNT; UNAVAILABLE when a service is away or there is too much to do: what has happened stays, ask again */
  async advance(seconds: number, by: Actor) {
    await this.refuseUnlessTest(by);
    const inside: Actor = { account: by.account, type: 'system', id: null, scopes: ['internal'] };
    const start = await this.now(by);
    const target = Date.parse(start.now) + seconds * 1000;
    const end = performance.now() + DEADLINE_MS;
    for (let step = 0; step < MOST_STEPS; step++) {
      await this.settled(inside, end);
      const due = await this.nextDue(inside, target);
      if (due === null) {
        await this.setAll(start.shiftSeconds + seconds, inside);
        if ((await this.settled(inside, end)) && (await this.nextDue(inside, target)) === null) return this.now(by);
        continue;
      }
      await this.goTo(due, by, inside);
      if (performance.now() > end) break;
    }
    throw new ContractError('UNAVAILABLE', 'There is more to happen on the way than fits into one request: ask again for the rest');
  }

  /** Never backwards: what is due already only needs a moment. */
  private async goTo(due: number, by: Actor, inside: Actor) {
    const { now, shiftSeconds } = await this.now(by);
    const ahead = (due - Date.parse(now)) / 1000;
    if (ahead > 0) await this.setAll(shiftSeconds + ahead, inside);
    else await this.setAll(shiftSeconds, inside).then(() => pause());
  }

  private async nextDue(inside: Actor, target: number): Promise<number | null> {
    const answers = await Promise.all(WITH_TIMERS.map(({ next }) => this.services.ask(next, {}, inside)));
    const due = answers.flatMap(({ dueAt }) => (dueAt === null ? [] : [Date.parse(dueAt)])).filter((at) => at <= target);
    return due.length ? Math.min(...due) : null;
  }

  /** Our own clock first: a service that is asked about the way must not be ahead of us. */
  private async setAll(shiftSeconds: number, inside: Actor) {
    await this.alarm.shift(inside, shiftSeconds);
    for (const { set } of ALL) await this.services.ask(set, { shiftSeconds }, inside);
  }

  /** Twice in a row: what the last one heard may have been news to the first. */
  private async settled(inside: Actor, end: number): Promise<boolean> {
    for (let quiet = 0; quiet < 2; ) {
      const answers = await Promise.all(ALL.map(({ settled }) => this.services.ask(settled, {}, inside)));
      quiet = answers.every(({ settled }) => settled) ? quiet + 1 : 0;
      if (performance.now() > end) throw new ContractError('UNAVAILABLE', 'The services have not come to rest: ask again');
      if (!quiet) await pause();
    }
    return true;
  }

  private async now(by: Actor) {
    return within(this.db, by, async (tx) => {
      const [row] = await tx.sql<{ shift: number }>('SELECT extract(epoch FROM shift)::float8 AS shift FROM account_clock WHERE account_id = $1', [by.account]);
      return { now: tx.at.toISOString(), shiftSeconds: row?.shift ?? 0 };
    });
  }

  private async refuseUnlessTest(by: Actor) {
    const { mode } = await this.accounts.get(by);
    if (mode !== 'test') throw new ContractError('NOT_A_TEST_ACCOUNT', 'Sign up an account with mode test');
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
