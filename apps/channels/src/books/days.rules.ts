import { DateTime } from 'luxon';

/** From the first instant of a day in a zone to the first of the next, whatever the clocks do in between: [from, to). */
export function dayIn(day: string, timezone: string): { from: Date; to: Date } {
  const start = DateTime.fromISO(day, { zone: timezone }).startOf('day');
  return { from: start.toJSDate(), to: start.plus({ days: 1 }).startOf('day').toJSDate() };
}
