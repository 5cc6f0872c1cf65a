import { describe, expect, it } from '@jest/globals';
import type { ChannelType, DeliveryState } from '@parley/contracts/channels';
import fc from 'fast-check';
import { BACKOFF_SECONDS, BLIND_REPEATS, forbidden, isProgress, RANK, waitSeconds } from './delivery.rules.js';

const STATES = Object.keys(RANK) as DeliveryState[];

describe('TKT-8 delivery states', () => {
  it.each<[from: DeliveryState, onwards: DeliveryState[]]>([
    ['queued', ['sent', 'failed', 'delivered', 'read']],
    ['sent', ['failed', 'delivered', 'read']],
    ['failed', ['delivered', 'read']],
    ['delivered', ['read']],
    ['read', []],
  ])('TKT-8 from %j only to %j', (from, onwards) => {
    expect(STATES.filter((to) => isProgress(from, to))).toEqual(onwards);
  });

  it('TKT-8 the order of callbacks changes nothing', () => {
    const end = (said: DeliveryState[]) => said.reduce((now, to) => (isProgress(now, to) ? to : now), 'queued' as DeliveryState);
    fc.assert(fc.property(fc.shuffledSubarray([...STATES, ...STATES]), (said) => expect(end(said)).toBe(end([...said].reverse()))));
  });
});

describe('TKT-8 another try', () => {
  it.each(BACKOFF_SECONDS.map((seconds, n) => [n + 1, seconds] as const))('TKT-8 after try %i: %i seconds, give or take a fifth', (attempt, seconds) => {
    expect([waitSeconds(attempt, 0), waitSeconds(attempt, 0.5), waitSeconds(attempt, 1)]).toEqual([expect.closeTo(seconds * 0.8), expect.closeTo(seconds), expect.closeTo(seconds * 1.2)]);
  });

  it('TKT-8 never earlier than the provider wishes, and never longer than a day because of it', () => {
    expect([waitSeconds(1, 0.5, 60), waitSeconds(3, 0.5, 60), waitSeconds(1, 0.5, 1e9)]).toEqual([60, 120, 86_400]);
  });

  it('TKT-8 gives up after the last', () => expect(waitSeconds(BACKOFF_SECONDS.length + 1, 0.5)).toBeNull());
  it('TKT-8 what nobody can be asked about is repeated once', () => expect(BLIND_REPEATS).toBe(1));
});

describe('TKT-11 asked again at the moment of sending', () => {
  const [g, r] = ['granted', 'revoked'] as const;
  it.each<[channel: ChannelType, consents: object, blocked: boolean, answer: string | null]>([
    ['sms', {}, false, null],
    ['sms', { sms_marketing: g }, false, null],
    ['sms', { sms_transactional: r }, false, 'opted_out'],
    ['sms', { sms_marketing: r, sms_transactional: r }, false, 'opted_out'],
    ['sms', { sms_marketing: g, sms_transactional: r }, false, null],
    ['sms', { email: r }, false, null],
    ['sms', { sms_marketing: g }, true, 'blocked'],
    ['email', { email: r }, false, 'opted_out'],
    ['email', { sms_marketing: r }, false, null],
    ['whatsapp', { whatsapp: r }, false, 'opted_out'],
    ['instagram', { whatsapp: r, email: r, sms_marketing: r }, false, null],
    ['webchat', { email: r }, false, null],
    ['webchat', {}, true, 'blocked'],
  ])('TKT-11 %j with %j, blocked %j: %j', (channel, consents, blocked, answer) => {
    expect(forbidden(channel, consents, blocked)).toBe(answer);
  });
});
