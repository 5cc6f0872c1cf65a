import { expect, it } from '@jest/globals';
import { type Allowance, spend } from './smtp-limits.rules.js';

it('a host may hand over so many mails a minute; the allowance grows back evenly', () => {
  let known: Allowance | undefined;
  const at = (now: number) => {
    const { allowed, ...left } = spend(known, now, 60);
    known = left;
    return allowed;
  };
  expect(Array.from({ length: 60 }, () => at(0)).every(Boolean)).toBe(true);
  expect([at(0), at(900), at(2_000), at(2_000)]).toEqual([false, false, true, false]);
  expect(Array.from({ length: 61 }, () => at(10 * 60_000)).filter(Boolean)).toHaveLength(60);
});
