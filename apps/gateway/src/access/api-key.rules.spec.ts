import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { composeKey, hashOf, isKey, KEY_BYTES, prefixOf } from './api-key.rules.js';

describe('an API key', () => {
  it('ACC-3 tells its mode, its id and its check sum', () => {
    const key = composeKey('test', randomBytes(KEY_BYTES));
    expect(key).toMatch(/^plk_test_[a-z2-7]{8}_[a-z2-7]{32}_[0-9a-f]{8}$/);
    expect(isKey(key)).toBe(true);
    expect(prefixOf(key)).toBe(key.slice(0, 17));
  });

  it('ACC-3 is known as a typo without a look into the database', () => {
    const key = composeKey('live', randomBytes(KEY_BYTES));
    const typo = key.replace(/_(.)(?=[a-z2-7]{31}_)/, (_all, letter: string) => `_${letter === 'a' ? 'b' : 'a'}`);
    expect(typo).not.toBe(key);
    expect(isKey(typo)).toBe(false);
    expect(isKey(`${key} `)).toBe(false);
    expect(isKey('')).toBe(false);
  });

  it('ACC-3 is the same key from the same bytes, and another from others', () => {
    const bytes = randomBytes(KEY_BYTES);
    expect(composeKey('live', bytes)).toBe(composeKey('live', bytes));
    expect(composeKey('live', bytes)).not.toBe(composeKey('live', randomBytes(KEY_BYTES)));
    expect(hashOf('a')).toHaveLength(32);
  });
});
