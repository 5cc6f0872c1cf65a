/** So many requests a minute, all of which may come at once. */
export type Bucket = { left: number; at: number };
export type Taken = { bucket: Bucket; allowed: boolean; limit: number; remaining: number; resetSeconds: number; retryAfterSeconds: number };

/** Takes one from a bucket that refills evenly. `nowMs`: any clock that only goes forward. */
export function takeOne(bucket: Bucket | undefined, perMinute: number, nowMs: number): Taken {
  const perMs = perMinute / 60_000;
  const filled = bucket ? Math.min(perMinute, bucket.left + (nowMs - bucket.at) * perMs) : perMinute;
  const allowed = filled >= 1;
  const left = allowed ? filled - 1 : filled;
  return {
    bucket: { left, at: nowMs },
    allowed,
    limit: perMinute,
    remaining: Math.floor(left),
    resetSeconds: Math.ceil((perMinute - left) / perMs / 1000),
    retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((1 - left) / perMs / 1000)),
  };
}
