import { describe, expect, it } from '@jest/globals';
import { localTime } from './local-time.rules.js';

describe('local time', () => {
  it.each<{ at: string; timezone: string; local: string }>`
    rule       | at                            | timezone              | local
    ${'PRO-4'} | ${'2026-11-20T13:05:00.000Z'} | ${'Europe/Berlin'}    | ${'2026-11-20T14:05:00+01:00'}
    ${'PRO-4'} | ${'2026-07-20T13:05:00.000Z'} | ${'Europe/Berlin'}    | ${'2026-07-20T15:05:00+02:00'}
    ${'PRO-4'} | ${'2026-11-20T20:05:00.000Z'} | ${'Asia/Kolkata'}     | ${'2026-11-21T01:35:00+05:30'}
    ${'PRO-4'} | ${'2026-11-20T02:05:00.000Z'} | ${'America/New_York'} | ${'2026-11-19T21:05:00-05:00'}
    ${'PRO-4'} | ${'2026-11-20T00:00:00.000Z'} | ${'UTC'}              | ${'2026-11-20T00:00:00+00:00'}
  `('$rule $at is $local in $timezone', ({ at, timezone, local }) => {
    expect(localTime(new Date(at), timezone)).toBe(local);
  });
});
