import { expect, it } from '@jest/globals';
import { fresh, isOld, wanted } from './imap.rules.js';

it('MAIL-1 a mailbox that was connected early in our day is searched from the day before, which it still is elsewhere', () => {
  const since = new Date('2026-11-20T00:30:00Z');
  const { since: asked } = wanted({ uidValidity: 1, uid: 0 }, since) as { since: Date };
  expect(asked.toISOString().slice(0, 10)).toBe('2026-11-19');
  // What that brings too much is told by its time.
  expect([isOld(new Date('2026-11-19T16:30:00-08:00'), since), isOld(new Date('2026-11-19T12:00:00-08:00'), since)]).toEqual([false, true]);
});

it('MAIL-1 after the first mail only numbers count', () => {
  expect(wanted({ uidValidity: 1, uid: 7 }, new Date())).toEqual({ uid: '8:*' });
  expect(fresh([7, 9, 8, 8], { uidValidity: 1, uid: 7 })).toEqual([8, 9]);
});
