import { ContractError } from '@parley/contracts/errors';
import { setTimeout as pause } from 'node:timers/promises';

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
