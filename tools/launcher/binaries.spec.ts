import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServers } from './binaries.js';

let folder = '';
const program = (name: string, mode = 0o755) => {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n', { mode });
  return file;
};
const look = (env: Record<string, string>) => findServers(['nats-server', 'redis-server'], () => {}, { env, folders: [join(folder, 'system')], install: false });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-binaries-'));
  for (const name of ['path/nats-server', 'path/redis-server', 'system/redis-server', 'own/nats-server']) program(name);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a program that is named goes before PATH, and PATH before the folders of the system', () => {
  expect(look({ PATH: join(folder, 'path'), NATS_SERVER_BIN: join(folder, 'own/nats-server') })).toEqual({
    'nats-server': join(folder, 'own/nats-server'),
    'redis-server': join(folder, 'path/redis-server'),
  });
  expect(look({ PATH: '', NATS_SERVER_BIN: join(folder, 'own/nats-server') })['redis-server']).toBe(join(folder, 'system/redis-server'));
});

it('a program that is named and cannot be run is refused by the name of the variable', () => {
  expect(() => look({ NATS_SERVER_BIN: program('text', 0o644) })).toThrow(/NATS_SERVER_BIN is .*text, which cannot be run/);
});

it('what is missing is told with what to do: install it, name it, use a running one, or take compose', () => {
  const words = /needs nats-server, not found[\s\S]*apt-get install[\s\S]*NATS_SERVER_BIN=[\s\S]*NATS_URL=[\s\S]*docker compose up/;
  expect(() => look({ PATH: '' })).toThrow(words);
});
