import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tally } from './tally.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-tally-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const result = (name: string, more: Record<string, number>) => {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, ...more }));
  return file;
};

it('the runs are added up', () => {
  const files = [result('a', { numPassedTests: 3, numFailedTests: 1 }), result('b', { numPassedTests: 4 })];
  expect(tally(files)).toEqual({ passed: 7, failed: 1 });
});

it('a suite that could not start is a failure', () => {
  expect(tally([result('c', { numPassedTests: 2, numRuntimeErrorTestSuites: 1 })])).toEqual({ passed: 2, failed: 1 });
});

it('a run without a result is a failure', () => {
  expect(tally([join(folder, 'missing')])).toEqual({ passed: 0, failed: 1 });
});
