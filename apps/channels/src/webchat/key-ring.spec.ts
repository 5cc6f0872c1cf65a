import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { KeyRing } from './key-ring.js';

const URL_ = 'https://shop.example/jwks.json';
const MINUTE = 60_000;
const token = { payload: '', signature: '' };

async function keyOf(kid: string): Promise<JWK> {
  return { ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)), kid, use: 'sig' };
}

/** A brand's server whose keys are ours to change, and a clock of ours. */
function world(keys: JWK[]) {
  const state = { keys, asked: 0, down: false, now: 1000 };
  const ring = new KeyRing(async () => {
    state.asked += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (state.down) throw new Error('answered 503');
    return { keys: state.keys };
  }, () => state.now);
  return { state, find: (kid: string) => ring.key(URL_, { alg: 'ES256', kid }, token) };
}

describe('CHAT-2 keys of a brand', () => {
  it('CHAT-2 are fetched once for many, and again after ten minutes', async () => {
    const { state, find } = world([await keyOf('a')]);
    await Promise.all(Array.from({ length: 20 }, () => find('a')));
    state.now += 9 * MINUTE;
    await find('a');
    expect(state.asked).toBe(1);
    state.now += 2 * MINUTE;
    await find('a');
    expect(state.asked).toBe(2);
  });

  it('CHAT-2 a new one is found at once, one that was taken away is good for ten minutes more', async () => {
    const [a, b] = [await keyOf('a'), await keyOf('b')];
    const { state, find } = world([a]);
    await find('a');
    state.keys = [b];
    state.now += MINUTE;
    await find('b');
    expect(state.asked).toBe(2);
    await expect(find('a')).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  it('CHAT-2 whatever strangers name, the server is asked at most every half minute', async () => {
    const { state, find } = world([await keyOf('a')]);
    for (let n = 0; n < 200; n++) {
      await expect(find(`made-up-${n}`)).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
      state.now += 300;
    }
    expect(state.asked).toBeLessThanOrEqual(3);
  });

  it('CHAT-2 go on for an hour where the server is away, then nobody is let in', async () => {
    const { state, find } = world([await keyOf('a')]);
    await find('a');
    state.down = true;
    state.now += 59 * MINUTE;
    await find('a');
    state.now += 2 * MINUTE;
    await expect(find('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    state.down = false;
    state.now += MINUTE;
    await find('a');
  });

  it('CHAT-2 what is no set of keys is as good as none', async () => {
    for (const keys of [null, 'x', [{ kty: 'EC' }]]) await expect(world(keys as never).find('a')).rejects.toMatchObject({ code: expect.stringMatching(/UNAVAILABLE|ERR_J/) });
  });
});
