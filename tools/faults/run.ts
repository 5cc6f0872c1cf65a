import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilSignal } from '../launcher/foreground.js';
import { forgetPostgres } from '../launcher/postgres.js';
import { startSystem, type System } from '../launcher/system.js';
import { startStandIns, type StandIns } from '../stand-ins/stand-ins.js';
import { openBooks } from './books.js';
import { checkAccounts } from './checks/accounts.js';
import { checkFeeds } from './checks/feeds.js';
import { checkLogs } from './checks/logs.js';
import { checkMessages } from './checks/messages.js';
import { checkBooks, loseALine } from './checks/reconciliation.js';
import { checkOutside } from './checks/outside.js';
import { checkReporting } from './checks/reporting.js';
import { checkTimers } from './checks/timers.js';
import { drain } from './drain.js';
import { Findings } from './findings.js';
import { inflict, type Done } from './inflict.js';
import { playClients, type Played } from './load.js';
import type { Options } from './options.js';
import { countedMetrics } from './metrics.js';

/** What came of a run; printed as one line of JSON. */
export interface Result {
  verdict: 'green' | 'red';
  violations: Record<string, number>;
  [figure: string]: unknown;
}

const TWO_OF_EACH = { gateway: 2, tickets: 2, channels: 2, notifications: 2, reporting: 2 };
const WARM_UP_MS = 1000;

/** Starts everything, plays clients and faults, waits for the drain, checks. Data of a red run stay; `say` tells where. */
export async function runFaults(options: Options, say: (line: string) => void): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-faults-'));
  chmodSync(dataDir, 0o711);
  writeFileSync(join(dataDir, 'schedule.json'), `${JSON.stringify(options.schedule, null, 2)}\n`);
  say(`schedule: ${join(dataDir, 'schedule.json')}`);
  const world = await startStandIns();
  let system: System | undefined;
  let keep = true;
  try {
    const env = {
      PARLEY_TWILIO_BASE_URL: world.twilioUrl, PARLEY_OUTBOUND_SMTP_URL: world.smtpUrl, PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8',
      PARLEY_LOG_LEVEL: 'warn', PARLEY_RATE_LIMIT_PER_MINUTE: '1000000', ...(options.control && options.control !== 'books' && { PARLEY_SABOTAGE: options.control }),
    };
    const abort = untilSignal();
    system = await startSystem({ dataDir, replicas: TWO_OF_EACH, env, restartCrashed: true, say });
    const result = await unlessAborted(abort, playAndCheck(system, world, options, say));
    keep = result.verdict === 'red' && !options.control;
    return result;
  } finally {
    await system?.stop();
    await world.close();
    if (keep) say(`data, logs and schedule of this run are kept in ${dataDir}`);
    else forget(dataDir);
  }
}

/** Whoever ends a run by a signal leaves no services behind. */
function unlessAborted<T>(abort: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = new Promise<never>((_, reject) => {
    const end = () => reject(new Error(`ended by ${String(abort.reason)}`));
    if (abort.aborted) end();
    abort.addEventListener('abort', end);
  });
  return Promise.race([work, ended]);
}

async function playAndCheck(system: System, world: StandIns, options: Options, say: (line: string) => void): Promise<Result> {
  const { schedule, messages } = options;
  const metrics = countedMetrics(system);
  const since = new Date();
  const began = performance.now() + WARM_UP_MS;
  const state = { faulty: true };
  const over = () => !state.faulty && performance.now() - began > schedule.seconds * 1000;
  const faulted = inflict(system, schedule, began, say).finally(() => (state.faulty = false));
  const [played, faults] = await Promise.all([playClients(system, { ...schedule, messages, over }), faulted]);
  say(`${played.history.accepted.length} messages accepted; waiting until all of it is done …`);
  const books = await openBooks(system.databases);
  try {
    const findings = new Findings();
    const { left, tookMs } = await drain(books, played.readers, { seconds: options.drainSeconds, say });
    await played.close();
    findings.none('not finished', left);
    if (options.control === 'books') await loseALine(books);
    const figures = {
      ...(await checkMessages(books, played.history, findings)),
      ...(await checkLogs(books, findings)),
      ...(await checkFeeds(books, played, findings)),
      timers: await checkTimers(books, played.snoozes, findings),
      ...(await checkReporting(books, findings)),
    };
    checkOutside(played.history, { world, visitors: played.visitors, faults }, findings);
    await checkBooks(books, { ...played, since }, findings);
    await checkAccounts(books, played.brands.map(({ account }) => account), findings);
    checkWork(played, faults, options, findings);
    findings.told().forEach((line) => say(line));
    return resultOf(options, { played, faults, findings, figures, drainMs: tookMs, ...(await metrics.end()) });
  } finally {
    await books.close();
  }
}

/** A run that did less than it was asked for proves less. */
function checkWork({ history, snoozes }: Played, faults: Done[], { schedule, messages }: Options, findings: Findings): void {
  findings.none('fewer messages than asked for', history.accepted.length < messages ? [`${history.accepted.length} of ${messages}`] : []);
  findings.none('fewer faults than asked for', faults.length < schedule.faults.length ? [`${faults.length} of ${schedule.faults.length}`] : []);
  findings.none('no timers', snoozes.length === 0 ? ['none'] : []);
  findings.none('no forged messages', history.forged.refused === 0 ? ['none'] : []);
}

interface Outcome {
  played: Played;
  faults: Done[];
  findings: Findings;
  figures: object;
  drainMs: number;
  gapReads: number;
}

function resultOf({ schedule, control }: Options, { played: { history }, faults, findings, figures, drainMs, gapReads }: Outcome): Result {
  const done: Record<string, number> = {};
  for (const { fault } of faults) done[fault.kind] = (done[fault.kind] ?? 0) + 1;
  const violations = findings.counts;
  return {
    seed: schedule.seed, seconds: schedule.seconds, ...(control && { control }),
    accepted: history.accepted.length, sent: history.tries, repeats: history.repeats, unknown: history.unknown, forged: history.forged.refused,
    faults: done, gapReads, drainMs, ...figures, checks: findings.looked.length, violations,
    verdict: Object.keys(violations).length ? 'red' : 'green',
  };
}

function forget(dataDir: string): void {
  forgetPostgres(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
}
