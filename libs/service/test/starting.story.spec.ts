import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readEnv, SERVICE_ENV } from '../src/config.js';
import { startService, type Running } from '../src/starting.js';
import { testDatabase } from '../src/testing/database.js';
import { TEST_KEYS } from '../src/testing/rig.js';
import { echoApp } from './echo.js';

let running: Running;
let database: { url: string; drop(): Promise<void> };
beforeAll(async () => {
  database = await testDatabase(echoApp.migrations);
  // Port 1: nobody listens there.
  const env = readEnv(SERVICE_ENV, { DATABASE_URL: database.url, NATS_URL: 'nats://127.0.0.1:1', REDIS_URL: 'redis://127.0.0.1:1', PARLEY_ACTOR_PUBLIC_KEY: TEST_KEYS.PARLEY_ACTOR_PUBLIC_KEY });
  running = await startService(echoApp, env);
});
afterAll(() => database?.drop());

it('OPS-2 starts while NATS and Redis are away, says so, and stops cleanly', async () => {
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${running.port}${path}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: { capabilities: { http: 'ok', database: 'ok', rpc: 'waits for NATS', hear: 'waits for NATS' } } });
  expect(await ask('/readyz/accept')).toMatchObject({ status: 200 });
  expect(await ask('/startupz')).toMatchObject({ status: 200 });
  await running.stop();
});
