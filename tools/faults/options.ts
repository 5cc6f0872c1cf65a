import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drawSchedule, type Schedule } from './schedule.js';

export const CONTROLS = ['cursor', 'head', 'timer', 'books'] as const;
export type Control = (typeof CONTROLS)[number];

/** One run of the harness. */
export interface Options {
  schedule: Schedule;
  /** At least so many must be accepted. */
  messages: number;
  /** The promise that is broken on purpose. */
  control?: Control;
  /** How long to wait for everything to be finished, in seconds. */
  drainSeconds: number;
}

export const HELP = `npm run faults                        60 seconds, 10,000 messages, 14 faults, a fresh seed
  --seconds N --messages N --faults N  how long, how many
  --seed N                             the same chances again
  --replay FILE                        the faults of a schedule that an earlier run has written
  --control cursor|head|timer|books    break this promise on purpose: the run must go red
  --controls                           all four of them, 30 seconds each; succeeds when all are red`;

const PER_SECOND = 10_000 / 60;
const FAULTS_PER_SECOND = 14 / 60;

/** Reads the command line; `all` when every control is to be run. */
export function readOptions(argv: string[]): { help: boolean; all: boolean; run: Options } {
  const number = { type: 'string' } as const;
  const { values } = parseArgs({
    args: argv,
    options: { help: { type: 'boolean' }, controls: { type: 'boolean' }, seconds: number, messages: number, faults: number, seed: number, replay: number, control: number },
  });
  const control = CONTROLS.find((one) => one === values.control);
  if (values.control && !control) throw new Error(`--control ${values.control}: say one of ${CONTROLS.join(', ')}`);
  const seconds = count('seconds', values.seconds, values.controls || control ? 30 : 60);
  const seed = count('seed', values.seed, Math.floor(Math.random() * 1_000_000));
  const drawn = drawSchedule(seed, seconds, count('faults', values.faults, Math.round(seconds * FAULTS_PER_SECOND)));
  const schedule = values.replay ? (JSON.parse(readFileSync(values.replay, 'utf8')) as Schedule) : drawn;
  const messages = count('messages', values.messages, Math.round(schedule.seconds * PER_SECOND));
  return { help: values.help ?? false, all: values.controls ?? false, run: { schedule, messages, control, drainSeconds: control ? 15 : 400 } };
}

/** The run that breaks one promise: few messages, and only faults that strike between two commits. */
export function controlOf({ schedule }: Options, control: Control): Options {
  return { schedule: drawSchedule(schedule.seed, schedule.seconds, 7), messages: schedule.seconds * 60, control, drainSeconds: 15 };
}

function count(name: string, given: string | undefined, otherwise: number): number {
  const value = Number(given ?? otherwise);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} ${given}: say a whole number`);
  return value;
}
