import { describe, expect, it } from '@jest/globals';
import { Weekday, type OfficeHours } from '@parley/contracts/office-hours';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { isOpen, nextOpening } from './office-hours.js';

const NINE_TO_FIVE = [{ from: '09:00', to: '17:00' }];
const WEEK: OfficeHours = { weekly: { monday: [{ from: '09:00', to: '12:00' }, { from: '13:00', to: '17:30' }], tuesday: NINE_TO_FIVE, saturday: [{ from: '00:00', to: '24:00' }] }, holidays: ['2026-11-24'] };
const SUNDAY_NIGHT: OfficeHours = { weekly: { sunday: [{ from: '02:30', to: '03:30' }] }, holidays: [] };
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Pacific/Apia', 'America/St_Johns', 'Africa/Casablanca', 'Asia/Gaza'];

describe('office hours', () => {
  it.each<{ at: string; open: boolean }>`
    rule       | at                        | open
    ${'RTE-1'} | ${'2026-11-23T07:59:59Z'} | ${false}
    ${'RTE-1'} | ${'2026-11-23T08:00:00Z'} | ${true}
    ${'RTE-1'} | ${'2026-11-23T10:59:59Z'} | ${true}
    ${'RTE-1'} | ${'2026-11-23T11:00:00Z'} | ${false}
    ${'RTE-1'} | ${'2026-11-23T12:00:00Z'} | ${true}
    ${'RTE-1'} | ${'2026-11-23T16:30:00Z'} | ${false}
    ${'RTE-1'} | ${'2026-11-24T10:00:00Z'} | ${false}
    ${'RTE-1'} | ${'2026-12-01T10:00:00Z'} | ${true}
    ${'RTE-1'} | ${'2026-11-20T22:59:59Z'} | ${false}
    ${'RTE-1'} | ${'2026-11-20T23:00:00Z'} | ${true}
    ${'RTE-1'} | ${'2026-11-21T22:59:59Z'} | ${true}
    ${'RTE-1'} | ${'2026-11-21T23:00:00Z'} | ${false}
  `('$rule in Berlin at $at: $open', ({ at, open }) => {
    expect(isOpen(WEEK, new Date(at), 'Europe/Berlin')).toBe(open);
  });

  it.each<{ why: string; at: string; open: boolean }>`
    rule       | why                                                          | at                        | open
    ${'RTE-1'} | ${'half past two is left out: work begins at three, summer'} | ${'2026-03-29T00:59:59Z'} | ${false}
    ${'RTE-1'} | ${'half past two is left out: work begins at three, summer'} | ${'2026-03-29T01:00:00Z'} | ${true}
    ${'RTE-1'} | ${'…and ends at half past three, summer'}                    | ${'2026-03-29T01:29:59Z'} | ${true}
    ${'RTE-1'} | ${'…and ends at half past three, summer'}                    | ${'2026-03-29T01:30:00Z'} | ${false}
    ${'RTE-1'} | ${'half past two comes twice: work begins at the first'}     | ${'2026-10-25T00:29:59Z'} | ${false}
    ${'RTE-1'} | ${'half past two comes twice: work begins at the first'}     | ${'2026-10-25T00:30:00Z'} | ${true}
    ${'RTE-1'} | ${'half past two comes twice: work begins at the first'}     | ${'2026-10-25T01:15:00Z'} | ${true}
    ${'RTE-1'} | ${'…and ends at half past three, winter'}                    | ${'2026-10-25T02:30:00Z'} | ${false}
  `('$rule $why ($at: $open)', ({ at, open }) => {
    expect(isOpen(SUNDAY_NIGHT, new Date(at), 'Europe/Berlin')).toBe(open);
  });

  it.each<{ at: string; next: string | null }>`
    rule       | at                        | next
    ${'RTE-4'} | ${'2026-11-23T08:30:00Z'} | ${'2026-11-23T08:30:00.000Z'}
    ${'RTE-4'} | ${'2026-11-23T11:30:00Z'} | ${'2026-11-23T12:00:00.000Z'}
    ${'RTE-4'} | ${'2026-11-23T18:00:00Z'} | ${'2026-11-27T23:00:00.000Z'}
  `('$rule after $at work begins at $next', ({ at, next }) => {
    expect(nextOpening(WEEK, new Date(at), 'Europe/Berlin')?.toISOString() ?? null).toBe(next);
  });

  it('RTE-4 where nobody ever works, nothing begins', () => {
    expect(nextOpening({ weekly: {}, holidays: [] }, new Date('2026-11-23T08:30:00Z'), 'UTC')).toBeNull();
    expect(nextOpening({ weekly: { monday: [] }, holidays: ['2026-11-30'] }, new Date('2026-11-23T08:30:00Z'), 'UTC')).toBeNull();
  });

  const time = fc.integer({ min: 0, max: 24 * 60 }).map((minutes) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`);
  const day = fc.uniqueArray(time, { minLength: 0, maxLength: 6 }).map((times) => {
    const sorted = times.toSorted();
    return Array.from({ length: Math.floor(sorted.length / 2) }, (_, n) => ({ from: sorted[2 * n]!, to: sorted[2 * n + 1]! }));
  });
  const hours = fc.record({ monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day }).map((weekly): OfficeHours => ({ weekly, holidays: [] }));
  const instant = fc.date({ min: new Date('2025-01-01T00:00:00Z'), max: new Date('2028-01-01T00:00:00Z'), noInvalidDate: true });

  it('RTE-1 in every zone, away from changes of the clocks, what the clock on the wall says holds', () => {
    fc.assert(
      fc.property(hours, instant, fc.constantFrom(...ZONES), (week, at, zone) => {
        const local = DateTime.fromJSDate(at, { zone });
        const isSteady = [-2, -1, 0, 1, 2].every((days) => local.plus({ days }).offset === local.offset);
        const [now, today] = [local.toFormat('HH:mm'), Weekday.options[local.weekday - 1]!];
        if (isSteady) expect(isOpen(week, at, zone)).toBe(week.weekly[today]!.some(({ from, to }) => from <= now && now < to));
      }),
      { numRuns: 400 },
    );
  });

  it('RTE-4 in every zone and over every change of the clocks, work has begun at its beginning and not a moment before', () => {
    const change = fc.constantFrom('2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z', '2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z', '2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z');
    const nearChange = fc.tuple(change, fc.integer({ min: -36 * 60, max: 36 * 60 })).map(([at, minutes]) => new Date(Date.parse(at) + minutes * 60_000));
    fc.assert(
      fc.property(hours, fc.oneof(instant, nearChange), fc.constantFrom(...ZONES), (week, at, zone) => {
        const next = nextOpening(week, at, zone);
        if (next === null) return expect(Object.values(week.weekly).flat()).toEqual([]);
        expect(next.getTime()).toBeGreaterThanOrEqual(at.getTime());
        expect(isOpen(week, next, zone)).toBe(true);
        if (next > at) expect(isOpen(week, new Date(next.getTime() - 1), zone)).toBe(false);
        if (next > at) expect(isOpen(week, new Date((next.getTime() + at.getTime()) / 2), zone)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});
