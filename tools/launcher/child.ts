import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { until } from './waiting.js';

/** How to run one process, and how to see that it serves. */
export interface ChildPlan {
  name: string;
  program: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** As root: who to be instead. */
  as?: { uid: number; gid: number };
  /** File that gets its output, appended. */
  log: string;
  /** True once it serves; asked again and again. */
  ready: () => Promise<boolean>;
  readyWithinMs?: number;
  /** What asks it to end in good order (SIGTERM), and what ends it at once without one (SIGKILL). */
  stopSignal?: NodeJS.Signals;
  killSignal?: NodeJS.Signals;
  /** Grace before SIGKILL when it is stopped. */
  graceMs?: number;
  /** Called when it ended and nobody had asked for that. */
  onCrash?: (how: string) => void;
}

/** A process of ours: can be started again after every end, with the same ports and data. */
export interface Child {
  readonly name: string;
  readonly log: string;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Resolves when it serves; rejects with the end of its log when it does not. */
  start(): Promise<void>;
  /** In good order; by force after the grace. */
  stop(): Promise<void>;
  /** As a crash. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Freezes it with its children. */
  pause(): void;
  resume(): void;
  /** kill() and start(). */
  restart(): Promise<void>;
}

/** When this process ends without having stopped them, they end with it. */
const living = new Map<ChildProcess, { name: string; signal: NodeJS.Signals }>();
process.on('exit', () => living.forEach(({ signal }, child) => child.kill(signal)));
let watcher = (_children: { name: string; pid: number | undefined }[]): void => {};
const tellWatcher = () => watcher([...living].map(([{ pid }, { name }]) => ({ name, pid })));

/** Tells from now on which processes run, whenever one was started or has ended. One watcher at a time. */
export function watchChildren(listener: typeof watcher): void {
  watcher = listener;
}

/** In a process group of its own: a Ctrl-C in the terminal reaches us alone, and we decide the order in which things end. */
function launch({ name, program, args, cwd, env, as, log, killSignal = 'SIGKILL' }: ChildPlan): ChildProcess {
  const output = openSync(log, 'a');
  const child = spawn(program, args, { cwd, env, ...as, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  living.set(child, { name, signal: killSignal });
  tellWatcher();
  return child;
}

/** Prepares a process; nothing runs before start(). */
export function makeChild(plan: ChildPlan): Child {
  let current: ChildProcess | undefined;
  let expected = false;
  let gone: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    if (current) return;
    const child = launch(plan);
    current = child;
    expected = false;
    let starting = true;
    let failure = '';
    gone = new Promise((resolve) => {
      const ended = (how: string) => {
        failure = how;
        living.delete(child);
        tellWatcher();
        if (current === child) current = undefined;
        resolve();
        if (!expected && !starting) plan.onCrash?.(how);
      };
      child.once('error', (error) => ended(error.message));
      child.once('exit', (code, signal) => ended(signal ? `was ended by ${signal}` : `ended with code ${code}`));
    });
    const serves = async () => failure !== '' || (await plan.ready());
    try {
      await until(serves, `${plan.name} is not ready`, plan.readyWithinMs ?? 120_000);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${tail(plan.log)}`, { cause: (error as Error).cause });
    } finally {
      starting = false;
    }
    if (failure) throw new Error(`${plan.name} ${failure} before it was ready\n${tail(plan.log)}`);
  }

  async function end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    const child = current;
    if (!child) return gone;
    expected = true;
    signalAll(child.pid, 'SIGCONT');
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(force);
  }

  const stop = () => end(plan.stopSignal ?? 'SIGTERM', plan.graceMs ?? 30_000);
  const kill = () => end(plan.killSignal ?? 'SIGKILL', 10_000);
  return {
    name: plan.name,
    log: plan.log,
    get pid() {
      return current?.pid;
    },
    start,
    stop,
    kill,
    pause: () => signalAll(current?.pid, 'SIGSTOP'),
    resume: () => signalAll(current?.pid, 'SIGCONT'),
    restart: () => kill().then(start),
  };
}

/** The process and its direct children, by their ids. */
function signalAll(pid: number | undefined, signal: NodeJS.Signals): void {
  if (!pid) return;
  const list = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(list) ? readFileSync(list, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
  for (const id of [pid, ...children]) {
    try {
      process.kill(id, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** The last lines of a log, for whoever must find out why. */
export function tail(file: string, lines = 15): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
  return `--- end of ${file}\n${text}`;
}

/** Whether a process with this id exists, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
