import { describe, expect, it } from '@jest/globals';
import { takeOne, type Bucket } from './rate-limit.rules.js';

describe('a bucket of 60 a minute', () => {
  it('lets 60 through at once and not one more', () => {
    let bucket: Bucket | undefined;
    for (let i = 0; i < 60; i++) ({ bucket } = takeOne(bucket, 60, 0));
    expect(takeOne(bucket, 60, 0)).toMatchObject({ allowed: false, remaining: 0, limit: 60, resetSeconds: 60, retryAfterSeconds: 1 });
  });

  it('refills one a second, and never above its size', () => {
    const empty = { left: 0, at: 0 };
    expect(takeOne(empty, 60, 999).allowed).toBe(false);
    expect(takeOne(empty, 60, 1000)).toMatchObject({ allowed: true, remaining: 0 });
    expect(takeOne(empty, 60, 10 * 60_000)).toMatchObject({ allowed: true, remaining: 59, resetSeconds: 1 });
  });

  it('says how long to wait', () => {
    expect(takeOne({ left: 0.5, at: 0 }, 6, 0)).toMatchObject({ allowed: false, retryAfterSeconds: 5 });
  });
});
