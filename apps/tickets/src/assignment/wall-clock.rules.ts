import { Weekday } from '@parley/contracts/office-hours';
import { DateTime } from 'luxon';

const DAYS = Weekday.options;

/** `HH:mm` and the day of the week by the clocks of the zone. */
export function wallClock(at: Date, zone: string): { time: string; day: Weekday; dayBefore: Weekday } {
  const local = DateTime.fromJSDate(at, { zone });
  return { time: local.toFormat('HH:mm'), day: DAYS[local.weekday - 1]!, dayBefore: DAYS[(local.weekday + 5) % 7]! };
}
