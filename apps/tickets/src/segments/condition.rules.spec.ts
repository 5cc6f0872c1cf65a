import { describe, expect, it } from '@jest/globals';
import { Condition, type Part } from '@parley/contracts/segments';
import { faultsOf, hasTime } from './condition.rules.js';

const set = { of: 'field', field: 'email', is: 'set' } as const;

describe('conditions', () => {
  it.each<{ part: Part; has: boolean }>`
    rule       | part                                                                              | has
    ${'PRO-8'} | ${{ all: [set] }}                                                                 | ${false}
    ${'PRO-8'} | ${{ all: [set, { any: [{ of: 'event', metric: 'X', atLeast: 1 }] }] }}            | ${false}
    ${'PRO-8'} | ${{ all: [{ any: [{ of: 'event', metric: 'X', atLeast: 1, withinDays: 3 }] }] }}  | ${true}
    ${'PRO-8'} | ${{ any: [{ of: 'orders', measure: 'last', beforeDays: 90 }] }}                   | ${true}
    ${'PRO-8'} | ${{ any: [{ of: 'created', withinDays: 7 }] }}                                    | ${true}
  `('$rule time alone changes $part: $has', ({ part, has }) => {
    expect(hasTime(part)).toBe(has);
  });

  it.each<{ question: object; faulty: boolean }>`
    rule       | question                                                             | faulty
    ${'PRO-8'} | ${{ of: 'field', field: 'name', is: 'equals' }}                       | ${true}
    ${'PRO-8'} | ${{ of: 'field', field: 'name', is: 'not_set' }}                      | ${false}
    ${'PRO-8'} | ${{ of: 'property', name: 'n', is: 'greater', value: '3' }}           | ${true}
    ${'PRO-8'} | ${{ of: 'property', name: 'n', is: 'less', value: 3 }}                | ${false}
    ${'PRO-8'} | ${{ of: 'property', name: 'n', is: 'equals', value: false }}          | ${false}
    ${'PRO-8'} | ${{ of: 'consent', kind: 'email', state: 'never_said' }}              | ${false}
  `('$rule $question lacks a value: $faulty', ({ question, faulty }) => {
    expect(faultsOf({ all: [set, { any: [question as Part] }] }, '/condition').map(({ pointer }) => pointer)).toEqual(faulty ? ['/condition/all/1/any/0/value'] : []);
  });

  it.each<{ condition: unknown; fits: boolean }>`
    rule       | condition                                                           | fits
    ${'PRO-8'} | ${{ all: [set] }}                                                   | ${true}
    ${'PRO-8'} | ${{ all: [{ any: [{ all: [set] }] }] }}                             | ${true}
    ${'PRO-8'} | ${{ all: [{ any: [{ all: [{ any: [set] }] }] }] }}                  | ${false}
    ${'PRO-8'} | ${{ all: [] }}                                                      | ${false}
    ${'PRO-8'} | ${{ all: Array(21).fill(set) }}                                     | ${false}
    ${'PRO-8'} | ${{ all: Array(4).fill({ any: Array(16).fill(set) }) }}             | ${false}
    ${'PRO-8'} | ${{ all: [{ of: 'field', field: 'shoe', is: 'set' }] }}             | ${false}
    ${'PRO-8'} | ${{ all: [{ of: 'orders', measure: 'total', currency: 'euro' }] }}  | ${false}
  `('$rule a condition is bounded: $fits', ({ condition, fits }) => {
    expect(Condition.safeParse(condition).success).toBe(fits);
  });
});
