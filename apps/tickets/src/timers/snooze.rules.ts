import { ContractError } from '@parley/contracts/errors';
import { DateTime } from 'luxon';

export type Preset = 'later_today' | 'tomorrow' | 'next_week';

/** TKT-6, in the account's zone. A nine o'clock that a change of the clocks leaves out becomes the next instant there is. */
export const PRESETS = {
  later_today: (local) => local.plus({ hours: 3 }),
  tomorrow: (local) => nineOClock(local.plus({ days: 1 })),
  next_week: (local) => nineOClock(local.plus({ days: 7 })),
} as const satisfies Record<Preset, (local: DateTime) => DateTime>;

const nineOClock = (day: DateTime) => day.startOf('day').set({ hour: 9 });

/** When a snooze ends. Refuses with VALIDATION_FAILED what is no preset or instant, or both, or not in the future. */
export function snoozeEnd(wish: { preset?: Preset; until?: string }, at: Date, zone: string): Date {
  if ((wish.preset === undefined) === (wish.until === undefined)) throw invalid('/preset', 'give either preset or until');
  if (wish.preset) return PRESETS[wish.preset](DateTime.fromJSDate(at, { zone })).toJSDate();
  const until = new Date(wish.until!);
  if (!(until > at)) throw invalid('/until', 'lies not in the future');
  return until;
}

const invalid = (pointer: string, message: string) => new ContractError('VALIDATION_FAILED', 'Until when?', { errors: [{ pointer, message }] });
