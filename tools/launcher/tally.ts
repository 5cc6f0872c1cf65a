import { existsSync, readFileSync } from 'node:fs';

/** What came of several runs of Jest, added up. A suite that could not start counts as a failure; so does a run without a result. */
export interface Tally {
  passed: number;
  failed: number;
}

/** Adds up the result files that Jest wrote (`--json --outputFile`). */
export function tally(files: string[]): Tally {
  const sum: Tally = { passed: 0, failed: 0 };
  for (const file of files) {
    if (!existsSync(file)) {
      sum.failed += 1;
      continue;
    }
    const result = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    sum.passed += result.numPassedTests ?? 0;
    sum.failed += (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
  }
  return sum;
}
