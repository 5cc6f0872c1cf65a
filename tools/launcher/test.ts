// npm test: private servers, every spec of every project, nothing left behind. Ends with a line `N passed, N failed`.
// Arguments go to Jest: `npm test -- apps/tickets`.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInForeground, untilSignal } from './foreground.js';
import { openScratch } from './scratch.js';
import { tally } from './tally.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const JEST = ['--experimental-vm-modules', '--no-warnings', join(ROOT, 'node_modules/jest/bin/jest.js'), '-c', join(ROOT, 'jest.config.mjs')];

/** Whole systems, one after the other; everything else, two at a time. */
const RUNS = [
  ['--testPathIgnorePatterns', '/node_modules/', '/dist/', '/types/', String.raw`\.e2e\.spec\.ts$`],
  ['--runInBand', '--testPathPatterns', String.raw`\.e2e\.spec\.ts$`, '--passWithNoTests'],
];

const abort = untilSignal();
const own = process.argv.slice(2);
const scratch = await openScratch((line) => console.error(`parley: ${line}`)).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
const codes: number[] = [];
const results: string[] = [];
try {
  for (const args of own.length > 0 ? [own] : RUNS) {
    if (abort.aborted) break;
    const result = join(scratch.folder, `jest-${results.length}.json`);
    results.push(result);
    const all = [...JEST, '--json', `--outputFile=${result}`, ...args];
    codes.push(await runInForeground(process.execPath, all, { ...process.env, ...scratch.env }, abort));
  }
  const { passed, failed } = tally(results);
  process.exitCode = abort.aborted ? 130 : Math.max(...codes, failed > 0 ? 1 : 0);
  console.log(`${passed} passed, ${failed} failed${abort.aborted ? ' (interrupted)' : ''}`);
} finally {
  await scratch.close();
}
