import { describe, expect, it } from '@jest/globals';
import { dayIn } from './days.rules.js';

describe('OPS-6 a day of the books', () => {
  it.each<[day: string, zone: string, hours: number, from: string]>([
    ['2026-11-20', 'UTC', 24, '2026-11-20T00:00:00.000Z'],
    ['2026-11-20', 'Europe/Berlin', 24, '2026-11-19T23:00:00.000Z'],
    ['2026-03-29', 'Europe/Berlin', 23, '2026-03-28T23:00:00.000Z'],
    ['2026-10-25', 'Europe/Berlin', 25, '2026-10-24T22:00:00.000Z'],
    ['2026-09-06', 'America/Santiago', 23, '2026-09-06T04:00:00.000Z'],
    ['2026-11-20', 'Pacific/Kiritimati', 24, '2026-11-19T10:00:00.000Z'],
  ])('OPS-6 %j in %j has %j hours', (day, zone, hours, first) => {
    const { from, to } = dayIn(day, zone);
    expect([from.toISOString(), (to.getTime() - from.getTime()) / 3_600_000]).toEqual([first, hours]);
  });
});
