import { setTimeout as pause } from 'node:timers/promises';

/** Asks again every few milliseconds until the answer is true; an error counts as no. Rejects with `what` after the deadline. */
export async function until(check: () => Promise<boolean> | boolean, what: string, deadlineMs: number, everyMs = 30): Promise<void> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${deadlineMs / 1000} s`, { cause: last });
    await pause(everyMs);
  }
}
