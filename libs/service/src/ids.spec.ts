import { expect, it } from '@jest/globals';
import { newId, partitionOf } from './ids.js';

it('D4 the partition of a key is the same for ever', () => {
  expect(partitionOf('acc_1', 'sms:ch_1:+33612345678')).toBe(10);
  expect(partitionOf('acc_1', 'sms:ch_1:+33612345679')).not.toBe(partitionOf('acc_2', 'sms:ch_1:+33612345679'));
});

it('ids made later sort later', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect([...ids].sort()).toEqual(ids);
});
