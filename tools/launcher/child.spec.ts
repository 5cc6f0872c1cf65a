import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeChild, type ChildPlan } from './child.js';
import { until } from './waiting.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-child-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = (name: string, script: string, more: Partial<ChildPlan> = {}): ChildPlan => ({
  name,
  program: process.execPath,
  args: ['-e', script],
  env: process.env,
  log: join(folder, `${name}.log`),
  ready: () => Promise.resolve(true),
  ...more,
});

it('a process that ends before it is ready is refused, with the end of its log', async () => {
  const child = makeChild(plan('broken', "console.error('no such table'); process.exit(3)", { ready: () => Promise.resolve(false) }));
  await expect(child.start()).rejects.toThrow(/ended with code 3 before it was ready[\s\S]*no such table/);
  expect(child.pid).toBeUndefined();
});

it('a program that is not there is refused by name', async () => {
  const child = makeChild(plan('missing', '', { program: join(folder, 'no-such-program'), ready: () => Promise.resolve(false) }));
  await expect(child.start()).rejects.toThrow(/no-such-program/);
});

it('a process that hangs on SIGTERM is ended by force', async () => {
  const child = makeChild(plan('deaf', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)", { graceMs: 50 }));
  await child.start();
  await child.stop();
  expect(child.pid).toBeUndefined();
});

it('an end that nobody asked for is told; one that was asked for is not', async () => {
  const ends: string[] = [];
  const child = makeChild(plan('mortal', 'setInterval(() => {}, 1000)', { onCrash: (how) => ends.push(how) }));
  await child.start();
  await child.kill();
  await child.start();
  process.kill(child.pid ?? 0, 'SIGKILL');
  await until(() => ends.length > 0, 'the crash is told', 60_000);
  expect(ends).toEqual(['was ended by SIGKILL']);
  expect(child.pid).toBeUndefined();
});
