import { describe, expect, it } from '@jest/globals';
import type { RoutingConditions } from '@parley/contracts/assignment';
import { asks, route, type RoutingFacts } from './routing.rules.js';

const FACTS: RoutingFacts = {
  channel: 'email', channelId: 'c1', language: 'pt-BR', tags: ['VIP'], segmentIds: ['s1'],
  text: 'Olá, quero a DEVOLUÇÃO do pedido #1234. Não serviu!', at: new Date('2026-11-20T22:30:00Z'), zone: 'Europe/Berlin',
};
const rule = (conditions: RoutingConditions, teamId = 't') => ({ conditions, actions: { teamId } });

describe('routing', () => {
  it.each<{ conditions: RoutingConditions; holds: boolean }>`
    rule       | conditions                                                           | holds
    ${'RTE-2'} | ${{}}                                                                | ${true}
    ${'RTE-2'} | ${{ channels: ['sms', 'email'] }}                                     | ${true}
    ${'RTE-2'} | ${{ channels: ['sms'] }}                                              | ${false}
    ${'RTE-2'} | ${{ channelIds: ['c1'] }}                                             | ${true}
    ${'RTE-2'} | ${{ channelIds: ['c2'] }}                                             | ${false}
    ${'RTE-2'} | ${{ languages: ['pt'] }}                                              | ${true}
    ${'RTE-2'} | ${{ languages: ['pt-BR'] }}                                           | ${true}
    ${'RTE-2'} | ${{ languages: ['pt-PT', 'es'] }}                                     | ${false}
    ${'RTE-2'} | ${{ tags: ['vip'] }}                                                  | ${true}
    ${'RTE-2'} | ${{ tags: ['wholesale'] }}                                            | ${false}
    ${'RTE-2'} | ${{ segmentIds: ['s2', 's1'] }}                                       | ${true}
    ${'RTE-2'} | ${{ segmentIds: ['s2'] }}                                             | ${false}
    ${'RTE-2'} | ${{ text: ['devolucao'] }}                                            | ${true}
    ${'RTE-2'} | ${{ text: ['Devolução do PEDIDO'] }}                                  | ${true}
    ${'RTE-2'} | ${{ text: ['devol'] }}                                                | ${false}
    ${'RTE-2'} | ${{ text: ['nao serviu', 'refund'] }}                                 | ${true}
    ${'RTE-2'} | ${{ text: ['!!!'] }}                                                  | ${false}
    ${'RTE-2'} | ${{ hours: { from: '23:00', to: '23:31' } }}                          | ${true}
    ${'RTE-2'} | ${{ hours: { from: '23:00', to: '23:30' } }}                          | ${false}
    ${'RTE-2'} | ${{ hours: { from: '22:00', to: '06:00' } }}                          | ${true}
    ${'RTE-2'} | ${{ hours: { days: ['friday'], from: '22:00', to: '06:00' } }}        | ${true}
    ${'RTE-2'} | ${{ hours: { days: ['saturday'], from: '22:00', to: '06:00' } }}      | ${false}
    ${'RTE-2'} | ${{ channels: ['email'], languages: ['de'] }}                         | ${false}
    ${'RTE-2'} | ${{ channels: ['email'], languages: ['pt'], tags: ['vip'] }}          | ${true}
  `('$rule $conditions: $holds', ({ conditions, holds }) => {
    expect(asks(rule(conditions), FACTS).holds).toBe(holds);
  });

  it('RTE-2 hours over midnight belong to the day on which they begin', () => {
    const night: RoutingConditions = { hours: { days: ['friday'], from: '22:00', to: '06:00' } };
    expect(asks(rule(night), { ...FACTS, at: new Date('2026-11-21T03:00:00Z') }).holds).toBe(true);
    expect(asks(rule(night), { ...FACTS, at: new Date('2026-11-20T03:00:00Z') }).holds).toBe(false);
  });

  it('RTE-2 languages without blanks are searched, too', () => {
    expect(asks(rule({ text: ['返品'] }), { ...FACTS, text: '商品を返品したいです' }).holds).toBe(true);
  });

  it('RTE-2 the first rule that holds decides', () => {
    const rules = [rule({ channels: ['sms'] }, 'one'), rule({ languages: ['pt'] }, 'two'), rule({}, 'three')];
    const { match, asked } = route(rules, FACTS);
    expect(match).toBe(rules[1]);
    expect(asked.map(({ holds }) => holds)).toEqual([false, true]);
    expect(route([rules[0]!], FACTS).match).toBeNull();
  });

  it('RTE-7 reasons say what was wanted and found, and quote nobody', () => {
    const { reasons } = asks(rule({ channels: ['sms'], text: ['refund', 'devolucao'] }), FACTS);
    expect(reasons).toEqual([
      { condition: 'channels', wanted: ['sms'], found: 'email', holds: false },
      { condition: 'text', wanted: ['refund', 'devolucao'], found: ['devolucao'], holds: true },
    ]);
  });
});
