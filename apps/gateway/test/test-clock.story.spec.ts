import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { clock } from '@parley/contracts/clock';
import { Alarm, Rings } from '@parley/service/alarm';
import { SERVICE_ENV } from '@parley/service/config';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import type { Tx } from '@parley/service/tx';
import { openDesk, type Desk, type Shop } from './desk.js';

/** What rang, in order, with the account’s time when it did. */
const rang: { kind: string; at: string }[] = [];

/** Stands in for every service with timers: one that sets another, and one that only rings. */
@Injectable()
class Timers {
  constructor(private readonly alarm: Alarm) {}
  @Rings('first')
  async first(tx: Tx, ring: { claim(): Promise<boolean>; subject: { type: string; id: string } }) {
    if (!(await ring.claim())) return;
    rang.push({ kind: 'first', at: tx.at.toISOString() });
    await this.alarm.set(tx, { kind: 'second', subject: ring.subject, generation: 1, dueAt: new Date(tx.at.getTime() + 60_000), reason: {} });
  }
  @Rings('second')
  async second(tx: Tx, ring: { claim(): Promise<boolean> }) {
    if (await ring.claim()) rang.push({ kind: 'second', at: tx.at.toISOString() });
  }
}
@Module({ providers: [Timers] })
class TimersModule {}

let desk: Desk;
let shop: Shop;
const services: Rig[] = [];
beforeAll(async () => {
  desk = await openDesk();
  for (const name of ['tickets', 'channels', 'notifications', 'reporting'] as const) {
    services.push(await rig({ name, module: TimersModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env: { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! } }));
  }
  shop = await desk.shop('test');
});
afterAll(async () => {
  for (const service of services) await service.close();
  await desk?.close();
});

const set = (service: Rig, kind: string, afterSeconds: number) =>
  service.tx((tx) => service.running.alarm.set(tx, { kind, subject: { type: 'ticket', id: newId() }, generation: 1, dueAt: new Date(tx.at.getTime() + afterSeconds * 1000), reason: {} }), { ...desk.gateway.by, account: shop.account });
const seconds = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 1000);

describe('the test clock', () => {
  it('TIME-6 rings every timer on the way, in order, at its own time, in whichever service', async () => {
    const { now } = await shop.owner.ask(clock.get, {});
    await set(services[1]!, 'second', 200);
    await set(services[0]!, 'first', 180);
    await set(services[2]!, 'second', 9_999);
    const after = await shop.owner.ask(clock.advance, { seconds: 600 });
    expect(rang.map(({ kind, at }) => [kind, Math.round(seconds(now, at) / 20) * 20])).toEqual([['first', 180], ['second', 200], ['second', 240]]);
    expect(after.shiftSeconds).toBeCloseTo(600, 0);
    for (const service of services) {
      const [row] = await service.db.query('SELECT extract(epoch FROM shift)::float8 AS shift FROM account_clock WHERE account_id = $1', [shop.account]);
      expect(row.shift).toBeCloseTo(600, 0);
    }
    await shop.owner.ask(clock.advance, { seconds: 9_400 });
    expect(rang).toHaveLength(4);
  });

  it('TIME-6 belongs to test accounts alone', async () => {
    const live = await desk.shop('live');
    await expect(live.owner.ask(clock.advance, { seconds: 60 })).rejects.toMatchObject({ code: 'NOT_A_TEST_ACCOUNT' });
    await expect(live.owner.ask(clock.get, {})).rejects.toMatchObject({ code: 'NOT_A_TEST_ACCOUNT' });
  });

  it('TIME-6 moves nobody else’s time', async () => {
    const other = await desk.shop('test');
    expect((await other.owner.ask(clock.get, {})).shiftSeconds).toBe(0);
  });
});
