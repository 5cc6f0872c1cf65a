import { expect, it } from '@jest/globals';
import { newId } from './ids.js';
import { FileLinks } from './links.js';

const links = new FileLinks(Buffer.alloc(32, 7).toString('base64'));
const bearer = { file: newId(), account: newId(), kind: 'session' as const, holder: newId() };

it('security 6: a link says whose it is to whoever has the key, and nothing to anybody else', async () => {
  const { token, expiresAt } = await links.make(bearer, 300);
  expect(await links.open(token)).toEqual(bearer);
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  expect(Buffer.from(token.split('.').join(''), 'base64url').toString('latin1')).not.toContain(bearer.holder);
  expect(await new FileLinks(Buffer.alloc(32, 8).toString('base64')).open(token)).toBeNull();
});

it('security 6: late, altered or made up, it is none', async () => {
  const { token } = await links.make(bearer, -1);
  expect(await links.open(token)).toBeNull();
  const { token: good } = await links.make(bearer, 300);
  for (const place of [good.length - 5, Math.floor(good.length / 2)]) expect(await links.open(good.slice(0, place) + (good[place] === 'A' ? 'B' : 'A') + good.slice(place + 1))).toBeNull();
  for (const nonsense of ['', 'a.b.c.d.e', `${good}x`]) expect(await links.open(nonsense)).toBeNull();
});
