import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import type { Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { links } from '@parley/contracts/links';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { rig, type Rig } from '@parley/service/testing/rig';
import { openDesk, type Desk } from './desk.js';

const TARGETS: Record<string, string> = { aaaaaaaaaa: 'https://shop.example/track?id=1&x=%C3%A4' };
const asked: Input<typeof links.open>[] = [];
/** Stands in for channels, which knows where links lead. */
@Controller()
class Links {
  @Handles(links.open)
  async open(input: Input<typeof links.open>) {
    asked.push(input);
    if (input.code === 'eeeeeeeeee') throw new ContractError('LINK_EXPIRED', 'The link has expired');
    const url = TARGETS[input.code];
    if (!url) throw new ContractError('LINK_NOT_FOUND', 'No such link');
    return { url };
  }
}
@Module({ controllers: [Links] })
class LinksModule {}

describe('short links', () => {
  let desk: Desk;
  let channels: Rig;
  beforeAll(async () => {
    desk = await openDesk();
    channels = await rig({ name: 'channels', module: LinksModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env: { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! } });
  });
  afterAll(async () => {
    await channels?.close();
    await desk?.close();
  });

  const follow = (path: string, init: RequestInit = {}) => fetch(desk.gateway.url + path, { redirect: 'manual', ...init });

  it('SMS-4 a link leads where it was written to lead, with nothing of the request in it', async () => {
    for (const path of ['/l/aaaaaaaaaa', '/l/aaaaaaaaaa?url=https://evil.example', '/l/aaaaaaaaaa?next=//evil.example']) {
      const answer = await follow(path, { headers: { 'x-forwarded-host': 'evil.example', 'user-agent': 'Mozilla/5.0' } });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, TARGETS['aaaaaaaaaa']]);
      expect([answer.headers.get('cache-control'), answer.headers.get('referrer-policy'), answer.headers.get('x-robots-tag')]).toEqual(['no-store', 'no-referrer', 'noindex, nofollow']);
    }
  });

  it('SMS-4 what tells a person from a program is passed on', async () => {
    await follow('/l/aaaaaaaaaa', { headers: { 'user-agent': 'Mozilla/5.0 (iPhone)', 'sec-purpose': 'prefetch' } });
    expect(asked.at(-1)).toEqual({ code: 'aaaaaaaaaa', method: 'GET', userAgent: 'Mozilla/5.0 (iPhone)', purpose: 'prefetch' });
    const head = await follow('/l/aaaaaaaaaa', { method: 'HEAD' });
    expect([head.status, asked.at(-1)!.method]).toEqual([302, 'HEAD']);
  });

  it.each([
    ['/l/zzzzzzzzzz', 404],
    ['/l/eeeeeeeeee', 410],
    ['/l/short', 404],
    ['/l/https:%2F%2Fevil.example', 404],
    ['/l/%2e%2e%2fetc', 404],
    ['/l//evil.example', 404],
    ['/l/', 404],
  ])('SMS-4 %s: %j, and no way out', async (path, status) => {
    const answer = await follow(path);
    expect([answer.status, answer.headers.get('location')]).toEqual([status, null]);
  });

  it('SMS-4 nothing is changed by other methods', async () => {
    const before = asked.length;
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await follow('/l/aaaaaaaaaa', { method })).status).toBeGreaterThanOrEqual(400);
    expect(asked).toHaveLength(before);
  });
});
