import { DateTime } from 'luxon';

/** How finely a report looks at its range. Weeks begin on Monday (ISO 8601). */
export type Interval = 'hour' | 'day' | 'week' | 'month';
/** Half-open: `from` belongs to it, `to` to the next one. Milliseconds since 1970. */
export type Bucket = { from: number; to: number };

/** More points than a chart can show or a reader take in. */
export const MAX_BUCKETS = 2000;

/**
 * REP-4: cuts [from, to) at the local hours, midnights, Mondays or firsts of the month of an IANA zone. The first and the last
 * bucket end where the range does; a day at a change of clocks has 23 or 25 hours; a midnight that does not exist is the first
 * instant after it. `null` where there would be more than MAX_BUCKETS.
 */
export function buckets(from: number, to: number, zone: string, interval: Interval): Bucket[] | null {
  const cut: Bucket[] = [];
  for (let start = from; start < to; ) {
    if (cut.length === MAX_BUCKETS) return null;
    const end = Math.min(to, nextBoundary(start, zone, interval));
    cut.push({ from: start, to: end });
    start = end;
  }
  return cut;
}

/** The first boundary after an instant. */
function nextBoundary(instant: number, zone: string, interval: Interval): number {
  const local = DateTime.fromMillis(instant, { zone });
  if (interval === 'hour') return nextHour(local);
  return local.startOf(interval).plus({ [interval]: 1 }).startOf(interval).toMillis();
}

/** Hours are counted in real time, so the hour that comes twice in autumn is two; where clocks move by half an hour, one is shorter. */
function nextHour(local: DateTime): number {
  const later = local.plus({ hours: 1 });
  const aligned = later.minus({ minutes: later.minute, seconds: later.second, milliseconds: later.millisecond }).toMillis();
  return aligned > local.toMillis() ? aligned : later.toMillis();
}
