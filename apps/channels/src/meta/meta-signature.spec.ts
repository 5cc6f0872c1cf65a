import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { fixture, META_APP_SECRET, META_VERIFY_TOKEN } from '../../test/meta-fixtures.js';
import { handshakeOf, isSignedByMeta } from './meta-signature.rules.js';
import { piecesOf } from './pieces.rules.js';

describe('META-1 the handshake', () => {
  const query = fixture('whatsapp', '00-verify-challenge.txt').body.toString().trim();
  const asked = (change: (query: string) => string) => handshakeOf({ url: `https://parley.example.com/hooks/k?${change(query)}` }, META_VERIFY_TOKEN);

  it('META-1 gives the bare challenge back', () => expect(asked((one) => one)).toEqual({ status: 200, contentType: 'text/plain', body: '1158201444' }));

  it.each<[string, (query: string) => string]>([
    ['another token', (one) => one.replace('7f3a', '7f3b')],
    ['no token', (one) => one.replace(/&hub.verify_token=[^&]*/, '')],
    ['another mode', (one) => one.replace('subscribe', 'unsubscribe')],
    ['a challenge that is markup', (one) => one.replace('1158201444', '%3Cscript%3E')],
    ['no challenge', (one) => one.replace('1158201444', '')],
    ['nothing', () => ''],
  ])('META-1 %s gets none', (_, change) => expect(asked(change)).toBeNull());
});

describe('META-1 the signature', () => {
  const sign = (body: string, secret: string) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const check = (body: string, signature: string | undefined, secrets = ['a-newer-one', META_APP_SECRET]) => isSignedByMeta({ body: Buffer.from(body), headers: { 'x-hub-signature-256': signature } }, secrets);

  it('META-1 is that of the bytes, escapes and all', () => {
    const wire = '{"text":"\\u00c4r det\\/ull? \\ud83e\\uddf6"}';
    expect(check(wire, sign(wire, META_APP_SECRET))).toBe(true);
    expect(check(JSON.stringify(JSON.parse(wire)), sign(wire, META_APP_SECRET))).toBe(false);
  });

  it('META-1 may be by any of the secrets, and by no other', () => {
    expect(check('{}', sign('{}', 'a-newer-one'))).toBe(true);
    expect(check('{}', sign('{}', 'an-older-one'))).toBe(false);
    expect(check('{}', sign('{}', META_APP_SECRET), [])).toBe(false);
  });

  it.each([undefined, '', 'sha256=', 'sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709', `sha256=${'z'.repeat(64)}`, `sha256=${'0'.repeat(63)}`])('META-1 %s is none', (signature) => expect(check('{}', signature)).toBe(false));
});

describe('META-3 long words', () => {
  it.each([
    ['', 5, []],
    ['short', 5, ['short']],
    ['one two three', 8, ['one two', 'three']],
    ['a\nlong line', 6, ['a\nlong', 'line']],
    ['unbreakable', 5, ['unbre', 'akabl', 'e']],
    ['🧶🧶🧶', 5, ['🧶', '🧶', '🧶']],
    ['🧶', 1, ['🧶']],
  ])('META-3 %j in pieces of %d bytes', (text, most, pieces) => expect(piecesOf(text, most, Buffer.byteLength)).toEqual(pieces));
});
