import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { newId } from '../src/ids.js';
import { rig, type Rig } from '../src/testing/rig.js';
import { Echo, echoApp } from './echo.js';

describe('the alarm', () => {
  let here: Rig;
  let echo: Echo;
  beforeAll(async () => {
    here = await rig(echoApp);
    echo = here.app.get(Echo, { strict: false });
  });
  afterAll(() => here?.close());

  const boiled = (id: string) => here.tx((tx) => tx.sql('SELECT FROM boiled WHERE timer_id = $1', [id])).then((rows) => rows.length);
  const set = (inMs: number, subject = newId(), generation = 1) => here.tx((tx) => echo.set(tx, subject, new Date(tx.at.getTime() + inMs), generation));

  it('TIME-5 rings a timer once, however often it is rung', async () => {
    const timer = await set(0);
    await Promise.all(Array.from({ length: 8 }, () => here.running.alarm.ring(timer.id)));
    await here.until(() => boiled(timer.id), 'the egg');
    expect(await boiled(timer.id)).toBe(1);
  });

  it('TIME-5 fires though Redis was emptied', async () => {
    const timer = await set(60_000);
    const redis = new Redis(process.env['REDIS_URL']!);
    for (const key of await redis.keys(`*${here.env['PARLEY_PREFIX']}*`)) await redis.del(key);
    redis.disconnect();
    await here.db.query(`UPDATE scheduled_action SET due_at = now() - interval '3 seconds' WHERE id = $1`, [timer.id]);
    await here.running.alarm.sweep();
    expect(await boiled(timer.id)).toBe(1);
  });

  it('TIME-6 rings when the account’s clock is moved there, and not before', async () => {
    const timer = await set(3_600_000);
    await here.advance(3500);
    expect(await boiled(timer.id)).toBe(0);
    await here.advance(100);
    expect(await boiled(timer.id)).toBe(1);
  });

  it('TIME-5 a moved timer rings at its new time only; a cancelled one never; a fired one not again', async () => {
    const subject = newId();
    const timer = await set(100_000, subject);
    expect((await set(300_000, subject)).id).toBe(timer.id);
    await here.advance(200);
    expect(await boiled(timer.id)).toBe(0);
    await here.advance(200);
    expect(await boiled(timer.id)).toBe(1);
    expect((await set(0, subject)).state).toBe('done');
    const other = await set(100_000);
    await here.tx((tx) => here.running.alarm.cancelOne(tx, other.id));
    await here.advance(200);
    expect(await boiled(other.id)).toBe(0);
  });
});
