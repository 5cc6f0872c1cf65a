import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readEnv } from '@parley/service/config';
import { type Running, startService } from '@parley/service/starting';
import { until } from '@parley/service/testing/rig';
import { channelsApp } from '../src/channels.app.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

/** A cable to Postgres that can be pulled. */
class Cable {
  private readonly ends = new Set<Socket>();
  private pulled = false;
  private readonly server = createServer((near) => {
    if (this.pulled) return near.destroy();
    const far = connect(Number(this.to.port || 5432), this.to.hostname);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      this.ends.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy()).on('close', () => (this.ends.delete(one), other.destroy()));
    }
  });

  constructor(private readonly to: URL) {}

  async lay(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return Object.assign(new URL(this.to), { hostname: '127.0.0.1', port: String((this.server.address() as AddressInfo).port) }).toString();
  }

  pull(pulled: boolean) {
    this.pulled = pulled;
    if (pulled) for (const end of this.ends) end.destroy();
  }

  close() {
    this.pull(true);
    this.server.close();
  }
}

describe('OPS-6 webhooks while something is down', () => {
  let desk: SmsDesk;
  let replica: Running;
  const cables: Record<string, Cable> = {};
  beforeAll(async () => {
    desk = await smsDesk();
    const env = { ...desk.here.env };
    for (const name of ['DATABASE_URL', 'NATS_URL', 'REDIS_URL']) env[name] = await (cables[name] = new Cable(new URL(env[name]!))).lay();
    replica = await startService(channelsApp, readEnv(channelsApp.env, Object.fromEntries(Object.keys(channelsApp.env).map((name) => [name, env[name]]))) as never);
    await until(() => replica.broker.connected, 'the replica to reach the broker');
  });
  afterAll(async () => {
    for (const cable of Object.values(cables)) cable.pull(false);
    await replica?.stop();
    for (const cable of Object.values(cables)) cable.close();
    await desk?.close();
  });
  const post = (fields: Record<string, string>) => desk.post(fields, { url: `http://127.0.0.1:${replica.port}` });
  const accepted = async () => (await desk.received()).map(({ text }) => text);

  it('OPS-6 without NATS and Redis they are accepted and stand in the log', async () => {
    cables.NATS_URL!.pull(true);
    cables.REDIS_URL!.pull(true);
    await until(() => !replica.broker.connected, 'the replica to lose the broker');
    expect((await post(desk.text('Broker is away'))).status).toBe(200);
    expect(await accepted()).toEqual(['Broker is away']);
  });

  it('OPS-6 without Postgres they are told to come again, and what was told 200 is there', async () => {
    cables.DATABASE_URL!.pull(true);
    const again = desk.text('Postgres is away');
    const refused = await post(again);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    cables.DATABASE_URL!.pull(false);
    await until(async () => (await post(again)).status === 200, 'webhooks to be taken again');
    expect(await accepted()).toEqual(['Broker is away', 'Postgres is away']);
  });
});
