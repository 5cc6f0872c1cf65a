import { expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LOCK = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

it('OPS-1 package-lock.json names the binaries of every platform, so that npm ci takes it everywhere', () => {
  const complete = fileURLToPath(new URL('./complete-lock.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [complete, '--check'], { encoding: 'utf8' })).toBe('');
});

it('package-lock.json names no registry', () => {
  expect(readFileSync(LOCK, 'utf8').match(/https?:\/\/[^/"]*(registry|npm)[^"]*\.tgz/)).toBeNull();
});
