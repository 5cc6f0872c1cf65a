import { Weekday, type OfficeHours } from '@parley/contracts/office-hours';
import { DateTime } from 'luxon';

const DAYS = Weekday.options;
const HOUR = 3_600_000;
type Span = { from: number; to: number };

/** Does anybody work at this moment? The first instant of an interval is inside, its last one is not. */
export function isOpen(hours: OfficeHours, at: Date, zone: string): boolean {
  const day = DateTime.fromJSDate(at, { zone }).startOf('day');
  return [day.minus({ days: 1 }), day, day.plus({ days: 1 })].some((one) => spansOf(hours, one).some(({ from, to }) => from <= at.getTime() && at.getTime() < to));
}

/** When work begins next; this moment where it is under way; null where it never does. */
export function nextOpening(hours: OfficeHours, at: Date, zone: string): Date | null {
  if (isOpen(hours, at, zone)) return at;
  const today = DateTime.fromJSDate(at, { zone }).startOf('day');
  const farthest = 7 * (hours.holidays.length + 2);
  for (let n = 0; n <= farthest; n++) {
    const next = spansOf(hours, today.plus({ days: n })).find(({ from }) => from > at.getTime());
    if (next) return new Date(next.from);
  }
  return null;
}

function spansOf({ weekly, holidays }: OfficeHours, day: DateTime): Span[] {
  if (holidays.includes(day.toISODate()!)) return [];
  return (weekly[DAYS[day.weekday - 1]!] ?? []).map(({ from, to }) => ({ from: instantOf(day, from).first, to: instantOf(day, to).last })).filter(({ from, to }) => from < to);
}

/** When a wall clock shows this time on this day: once, twice where clocks are put back, else the next instant there is. */
function instantOf(day: DateTime, time: string): { first: number; last: number } {
  const [hour, minute] = time.split(':').map(Number) as [number, number];
  const wall = Date.UTC(day.year, day.month - 1, day.day, hour, minute);
  const offsetAt = (instant: number) => DateTime.fromMillis(instant, { zone: day.zone }).offset * 60_000;
  const guesses = [wall - offsetAt(wall - 24 * HOUR), wall - offsetAt(wall + 24 * HOUR)];
  const shown = guesses.filter((guess) => guess + offsetAt(guess) === wall);
  if (shown.length) return { first: Math.min(...shown), last: Math.max(...shown) };
  const leap = firstAfterLeap(Math.min(...guesses), Math.max(...guesses), offsetAt);
  return { first: leap, last: leap };
}

/** The first instant after clocks are put forward between two instants. */
function firstAfterLeap(before: number, after: number, offsetAt: (instant: number) => number): number {
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offsetAt(before)) low = middle;
    else high = middle;
  }
  return high;
}
