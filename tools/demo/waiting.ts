import { setTimeout as pause } from 'node:timers/promises';

/** Looks again and again until something is there, and gives it; an error counts as nothing. Rejects with `what` after the deadline. */
export async function eventually<T>(what: string, look: () => T | Promise<T>, seconds = 60): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what}: did not come within ${seconds} s${last ? ` (last: ${(last as Error).message})` : ''}`, { cause: last });
    await pause(25);
  }
}
