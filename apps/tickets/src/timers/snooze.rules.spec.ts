import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { snoozeEnd, type Preset } from './snooze.rules.js';

const end = (preset: Preset, at: string, zone: string) => snoozeEnd({ preset }, new Date(at), zone).toISOString();

describe('snooze presets', () => {
  it.each<{ zone: string; now: string; preset: Preset; wakes: string }>`
    rule       | zone                  | now                       | preset           | wakes
    ${'TKT-6'} | ${'UTC'}              | ${'2026-11-20T10:00:00Z'} | ${'later_today'} | ${'2026-11-20T13:00:00.000Z'}
    ${'TKT-6'} | ${'UTC'}              | ${'2026-11-20T10:00:00Z'} | ${'tomorrow'}    | ${'2026-11-21T09:00:00.000Z'}
    ${'TKT-6'} | ${'UTC'}              | ${'2026-11-20T10:00:00Z'} | ${'next_week'}   | ${'2026-11-27T09:00:00.000Z'}
    ${'TKT-6'} | ${'Europe/Berlin'}    | ${'2026-11-20T23:30:00Z'} | ${'tomorrow'}    | ${'2026-11-22T08:00:00.000Z'}
    ${'TKT-6'} | ${'America/New_York'} | ${'2026-11-20T02:00:00Z'} | ${'tomorrow'}    | ${'2026-11-20T14:00:00.000Z'}
    ${'TKT-6'} | ${'Asia/Kathmandu'}   | ${'2026-11-20T10:00:00Z'} | ${'tomorrow'}    | ${'2026-11-21T03:15:00.000Z'}
    ${'TKT-6'} | ${'Europe/Berlin'}    | ${'2026-03-28T10:00:00Z'} | ${'tomorrow'}    | ${'2026-03-29T07:00:00.000Z'}
    ${'TKT-6'} | ${'Europe/Berlin'}    | ${'2026-10-24T10:00:00Z'} | ${'tomorrow'}    | ${'2026-10-25T08:00:00.000Z'}
    ${'TKT-6'} | ${'Europe/Berlin'}    | ${'2026-10-21T10:00:00Z'} | ${'next_week'}   | ${'2026-10-28T08:00:00.000Z'}
    ${'TKT-6'} | ${'Europe/Berlin'}    | ${'2026-03-29T00:30:00Z'} | ${'later_today'} | ${'2026-03-29T03:30:00.000Z'}
  `('$rule $preset in $zone at $now: $wakes', ({ zone, now, preset, wakes }) => {
    expect(end(preset, now, zone)).toBe(wakes);
  });

  it('TKT-6 in every zone and at every instant, tomorrow is the next day at nine and next week the seventh', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const instants = fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2037-12-31T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(zones, instants, fc.constantFrom(['tomorrow', 1] as const, ['next_week', 7] as const), (zone, at, [preset, days]) => {
        const wakes = snoozeEnd({ preset }, at, zone);
        const local = DateTime.fromJSDate(wakes, { zone });
        expect(wakes > at).toBe(true);
        expect(local.toFormat('HH:mm:ss')).toBe('09:00:00');
        expect(local.toISODate()).toBe(DateTime.fromJSDate(at, { zone }).plus({ days }).toISODate());
      }),
      { numRuns: 2000 },
    );
  });

  it('TKT-6 an instant lies in the future', () => {
    const at = new Date('2026-11-20T10:00:00Z');
    expect(snoozeEnd({ until: '2026-11-20T10:00:00.001Z' }, at, 'UTC').toISOString()).toBe('2026-11-20T10:00:00.001Z');
    expect(snoozeEnd({ until: '2026-11-20T12:00:00+01:00' }, at, 'UTC').toISOString()).toBe('2026-11-20T11:00:00.000Z');
    expect(() => snoozeEnd({ until: '2026-11-20T10:00:00Z' }, at, 'UTC')).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  it.each([{}, { preset: 'tomorrow', until: '2027-01-01T00:00:00Z' }] as const)('TKT-6 %j is no end of a snooze', (wish) => {
    expect(() => snoozeEnd(wish, new Date('2026-11-20T10:00:00Z'), 'UTC')).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});
