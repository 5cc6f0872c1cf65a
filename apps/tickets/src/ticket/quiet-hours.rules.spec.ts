import { describe, expect, it } from '@jest/globals';
import { quietHours, zonesOf } from './quiet-hours.rules.js';

const paris = { type: 'phone', value: '+33612345678' } as const;
const american = { type: 'phone', value: '+15035550142' } as const;
const at = (instant: string) => new Date(instant);

describe('quiet hours', () => {
  it.each<{ local: string; instant: string; is: boolean }>`
    local                   | instant                       | is
    ${'07:59:59.999 Paris'} | ${'2026-11-20T06:59:59.999Z'} | ${true}
    ${'08:00:00.000 Paris'} | ${'2026-11-20T07:00:00.000Z'} | ${false}
    ${'20:00:00.000 Paris'} | ${'2026-11-20T19:00:00.000Z'} | ${false}
    ${'20:00:00.001 Paris'} | ${'2026-11-20T19:00:00.001Z'} | ${true}
    ${'23:30 Paris'}        | ${'2026-11-20T22:30:00.000Z'} | ${true}
    ${'07:30 in summer'}    | ${'2026-07-01T05:30:00.000Z'} | ${true}
    ${'08:30 in summer'}    | ${'2026-07-01T06:30:00.000Z'} | ${false}
  `('SMS-7 $local: $is', ({ instant, is }) => expect(quietHours(paris, null, at(instant)) !== null).toBe(is));

  it('SMS-7 the warning says what time it is there, and when morning comes', () => {
    expect(quietHours(paris, null, at('2026-11-20T22:30:20.000Z'))).toEqual({ kind: 'quiet_hours', timezone: 'Europe/Paris', localTime: '2026-11-20T23:30:00+01:00', sendAt: '2026-11-21T07:00:00.000Z' });
    expect(quietHours(paris, null, at('2026-11-20T05:00:00.000Z'))).toMatchObject({ sendAt: '2026-11-20T07:00:00.000Z' });
  });

  it('SMS-7 the profile’s own zone wins over the number’s', () => {
    expect(quietHours(paris, 'America/New_York', at('2026-11-20T22:30:00.000Z'))).toBeNull();
    expect(quietHours(paris, 'Asia/Tokyo', at('2026-11-20T12:00:00.000Z'))).toMatchObject({ timezone: 'Asia/Tokyo', localTime: '2026-11-20T21:00:00+09:00' });
  });

  it('SMS-7 a country with several zones is quiet where any of them is, and morning is when none is', () => {
    expect(zonesOf(american, null)).toEqual(expect.arrayContaining(['America/New_York', 'America/Los_Angeles', 'Pacific/Honolulu']));
    // 17:30 in Honolulu, 22:30 in New York.
    const warning = quietHours(american, null, at('2026-11-21T03:30:00.000Z'));
    expect(warning).toMatchObject({ kind: 'quiet_hours', sendAt: '2026-11-21T18:00:00.000Z' });
    // 09:30 in Honolulu, 14:30 in New York.
    expect(quietHours(american, null, at('2026-11-20T19:30:00.000Z'))).toBeNull();
  });

  it.each([
    ['+14165550100', 'America/Toronto'],
    ['+79161234567', 'Europe/Moscow'],
    ['+61412345678', 'Australia/Sydney'],
  ])('SMS-7 %s may be in %s', (value, zone) => expect(zonesOf({ type: 'phone', value }, null)).toContain(zone));

  it('SMS-7 where nothing is known nobody is warned', () => {
    for (const customer of [{ type: 'alnum', value: 'ACME' }, { type: 'phone', value: '12345' }] as const) expect(quietHours(customer, null, at('2026-11-20T22:30:00.000Z'))).toBeNull();
  });
});
