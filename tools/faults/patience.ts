import { ContractError } from '@parley/contracts/errors';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * How long something may take that was given up so many times before. It grows: what a busy machine cannot do in three seconds it is not asked for again
 * and again at that pace, which would only keep it busy.
 */
export const patienceMs = (givenUp: number): number => Math.min(3000 * 2 ** givenUp, 60_000);

/** For the preparations, which are no part of the proof: asks again while something does not answer, for two minutes. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const away = error instanceof ContractError && ['UNAVAILABLE', 'REQUEST_IN_PROGRESS'].includes(error.code);
      if (!away || performance.now() > deadline) throw error;
      await pause(300);
    }
  }
}
