import { describe, expect, it } from '@jest/globals';
import type { Role } from '@parley/contracts/access';
import { leavesNoOwner, mayChange } from './people.rules.js';

describe('who may change whom', () => {
  it.each<{ by: Role; target: Role; to: Role; may: boolean }>`
    by           | target       | to           | may
    ${'owner'}   | ${'owner'}   | ${'support'} | ${true}
    ${'owner'}   | ${'admin'}   | ${'owner'}   | ${true}
    ${'admin'}   | ${'owner'}   | ${'owner'}   | ${false}
    ${'admin'}   | ${'owner'}   | ${'support'} | ${false}
    ${'admin'}   | ${'admin'}   | ${'manager'} | ${true}
    ${'admin'}   | ${'support'} | ${'admin'}   | ${true}
    ${'admin'}   | ${'support'} | ${'owner'}   | ${false}
    ${'manager'} | ${'support'} | ${'admin'}   | ${false}
    ${'support'} | ${'analyst'} | ${'analyst'} | ${true}
    ${'analyst'} | ${'support'} | ${'support'} | ${false}
  `('ACC-2 $by makes $target a $to: $may', ({ by, target, to, may }) => {
    expect(mayChange(by, target, to)).toBe(may);
  });

  it.each<{ before: { role: Role; active: boolean }; after: { role: Role; active: boolean }; owners: number; alone: boolean }>`
    before                               | after                                 | owners | alone
    ${{ role: 'owner', active: true }}   | ${{ role: 'admin', active: true }}    | ${1}   | ${true}
    ${{ role: 'owner', active: true }}   | ${{ role: 'owner', active: false }}   | ${1}   | ${true}
    ${{ role: 'owner', active: true }}   | ${{ role: 'admin', active: true }}    | ${2}   | ${false}
    ${{ role: 'owner', active: true }}   | ${{ role: 'owner', active: true }}    | ${1}   | ${false}
    ${{ role: 'owner', active: false }}  | ${{ role: 'support', active: false }} | ${1}   | ${false}
    ${{ role: 'support', active: true }} | ${{ role: 'support', active: false }} | ${1}   | ${false}
  `('ACC-2 of $owners owners, $before becomes $after: nobody left $alone', ({ before, after, owners, alone }) => {
    expect(leavesNoOwner(before, after, owners)).toBe(alone);
  });
});
