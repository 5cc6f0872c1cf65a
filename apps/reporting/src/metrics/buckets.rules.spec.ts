import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime, IANAZone } from 'luxon';
import { MAX_BUCKETS, buckets, type Interval } from './buckets.rules.js';

const HOUR = 3_600_000;
const instant = (text: string, zone = 'UTC') => DateTime.fromISO(text, { zone }).toMillis();
const hours = (from: string, to: string, zone: string, interval: Interval = 'day') =>
  buckets(instant(from, zone), instant(to, zone), zone, interval)!.map((bucket) => (bucket.to - bucket.from) / HOUR);

it.each`
  what                                             | zone                   | from            | to              | expected
  ${'spring: a day of 23 hours'}                   | ${'Europe/Berlin'}     | ${'2026-03-28'} | ${'2026-03-31'} | ${[24, 23, 24]}
  ${'autumn: a day of 25 hours'}                   | ${'Europe/Berlin'}     | ${'2026-10-24'} | ${'2026-10-27'} | ${[24, 25, 24]}
  ${'no change, no difference'}                    | ${'Asia/Kolkata'}      | ${'2026-03-28'} | ${'2026-03-31'} | ${[24, 24, 24]}
  ${'a midnight that does not exist'}              | ${'Africa/Cairo'}      | ${'2023-04-27'} | ${'2023-04-30'} | ${[24, 23, 24]}
  ${'a midnight that comes twice'}                 | ${'America/Havana'}    | ${'2025-11-01'} | ${'2025-11-04'} | ${[24, 25, 24]}
  ${'clocks go back at midnight into yesterday'}   | ${'America/Asuncion'}  | ${'2024-03-22'} | ${'2024-03-25'} | ${[24, 25, 24]}
  ${'a change of half an hour'}                    | ${'Australia/Lord_Howe'} | ${'2026-04-04'} | ${'2026-04-07'} | ${[24, 24.5, 24]}
  ${'a day that the island left out'}              | ${'Pacific/Apia'}      | ${'2011-12-29'} | ${'2012-01-01'} | ${[24, 24]}
`('REP-4 days in $zone, $what', ({ zone, from, to, expected }) => {
  expect(hours(from as string, to as string, zone as string)).toEqual(expected);
});

it('REP-4 the hour that comes twice in autumn is two buckets, the one that is missing in spring none', () => {
  expect(hours('2026-10-25', '2026-10-26', 'Europe/Berlin', 'hour')).toHaveLength(25);
  expect(hours('2026-03-29', '2026-03-30', 'Europe/Berlin', 'hour')).toHaveLength(23);
});

it('REP-4 weeks begin on Monday, months on the first', () => {
  const starts = (interval: Interval) => buckets(instant('2026-01-01'), instant('2026-02-10'), 'UTC', interval)!.map(({ from }) => new Date(from).toISOString().slice(0, 10));
  expect(starts('week')).toEqual(['2026-01-01', '2026-01-05', '2026-01-12', '2026-01-19', '2026-01-26', '2026-02-02', '2026-02-09']);
  expect(starts('month')).toEqual(['2026-01-01', '2026-02-01']);
});

it('REP-4 the first and the last bucket end where the range does', () => {
  expect(hours('2026-05-01T18:00', '2026-05-03T06:00', 'Europe/Paris')).toEqual([6, 24, 6]);
});

it('more buckets than anybody can look at are refused', () => {
  expect(buckets(0, MAX_BUCKETS * HOUR, 'UTC', 'hour')).toHaveLength(MAX_BUCKETS);
  expect(buckets(0, MAX_BUCKETS * HOUR + 1, 'UTC', 'hour')).toBeNull();
});

describe('REP-4 in every zone, over any range', () => {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => IANAZone.isValidZone(zone));
  const range = fc.record({
    zone: fc.constantFrom(...zones),
    interval: fc.constantFrom<Interval>('hour', 'day', 'week', 'month'),
    from: fc.integer({ min: instant('2010-01-01'), max: instant('2035-01-01') }),
    days: fc.integer({ min: 1, max: 20 }),
  });

  it('the buckets cover the range without gap or overlap, and every inner boundary is a local one', () => {
    fc.assert(
      fc.property(range, ({ zone, interval, from, days }) => {
        const to = from + days * 24 * HOUR;
        const cut = buckets(from, to, zone, interval)!;
        const wrong = cut.filter((bucket, index) => bucket.to <= bucket.from || bucket.from !== (cut[index - 1]?.to ?? from) || (index > 0 && !isBoundary(bucket.from, zone, interval)));
        expect({ wrong, end: cut.at(-1)!.to }).toEqual({ wrong: [], end: to });
      }),
      { numRuns: 1000 },
    );
  });

  it('two instants share a day exactly when they share a local date', () => {
    fc.assert(
      fc.property(range, fc.nat(), fc.nat(), ({ zone, from, days }, first, second) => {
        const to = from + days * 24 * HOUR;
        const [a, b] = [first, second].map((offset) => from + (offset % (to - from)));
        const at = (moment: number) => buckets(from, to, zone, 'day')!.findIndex((bucket) => bucket.from <= moment && moment < bucket.to);
        const date = (moment: number) => DateTime.fromMillis(moment, { zone }).toISODate();
        expect(at(a!) === at(b!)).toBe(date(a!) === date(b!));
      }),
      { numRuns: 1000 },
    );
  });

  /** Found by looking: one millisecond earlier it was another local day, week or month. */
  function isBoundary(moment: number, zone: string, interval: Interval) {
    const unit = (time: number) => {
      const local = DateTime.fromMillis(time, { zone });
      return { hour: time, day: local.toISODate(), week: `${local.weekYear}-${local.weekNumber}`, month: local.toFormat('yyyy-MM') }[interval];
    };
    return unit(moment) !== unit(moment - 1);
  }
});
