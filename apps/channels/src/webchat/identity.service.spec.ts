import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type GenerateKeyPairResult, type JWK, SignJWT } from 'jose';
import { IdentityService } from './identity.service.js';
import { KeyRing } from './key-ring.js';

const SECRET = 'widget_test_secret_at_least_32_bytes_long!!';
const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../../test/fixtures/webchat/${name}.json`, import.meta.url), 'utf8'));
const channel = (more: { widgetKey?: string; credentials?: Record<string, string>; settings?: Record<string, unknown> } = {}) => ({ widgetKey: 'wk_demo', credentials: { identitySecret: SECRET }, settings: {}, ...more });
const JWKS = { jwksUrl: 'https://shop.example/jwks.json' };
const service = (keys: JWK[] = []) => new IdentityService(new KeyRing(async () => ({ keys })));
const refused = { code: 'IDENTITY_TOKEN_INVALID' };

describe('CHAT-2 tokens by a secret', () => {
  const verify = ({ widgetKey, token, clock }: { widgetKey: string; token: string; clock: number }, later = 0) => service().verify(channel({ widgetKey }), token, new Date((clock + later) * 1000));

  it('CHAT-2 webchat/01 a valid token, at its clock, is a proven visitor', async () => {
    expect(await verify(fixture('01-identify-jwt-valid'))).toEqual({ visitor: { id: 'shop-customer-5512', name: 'Erika Mustermann', email: 'erika@customer.example' }, once: null, until: expect.any(Number) });
  });

  it('CHAT-2 webchat/01 an hour later it has expired', async () => {
    await expect(verify(fixture('01-identify-jwt-valid'), 3_700)).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_EXPIRED' });
  });

  it('CHAT-2 webchat/04 the same token at another widget is refused', async () => {
    await expect(verify(fixture('04-identify-wrong-audience'))).rejects.toMatchObject(refused);
  });

  it('CHAT-2 while the secret is changed both are good, afterwards the new one alone', async () => {
    const [older, newer] = ['the-older-secret-of-the-widget-0000001', 'the-newer-secret-of-the-widget-0000002'];
    const tokens = await Promise.all([older, newer].map((secret) => signed('HS256', new TextEncoder().encode(secret))));
    const changing = channel({ credentials: { identitySecret: newer, formerIdentitySecret: older } });
    for (const token of tokens) expect(await service().verify(changing, token)).toMatchObject({ visitor: { id: 'erika' } });
    await expect(service().verify(channel({ credentials: { identitySecret: newer } }), tokens[0]!)).rejects.toMatchObject(refused);
  });

  it('CHAT-2 a token that is not good yet, or names an extension that nobody knows, is refused', async () => {
    const key = new TextEncoder().encode(SECRET);
    await expect(service().verify(channel(), await signed('HS256', key, { nbf: Math.floor(Date.now() / 1000) + 3_000 }))).rejects.toMatchObject(refused);
    await expect(service().verify(channel(), await signed('HS256', key, {}, { crit: ['b64'], b64: true }))).resolves.toBeDefined();
    const forged = (await signed('HS256', key)).split('.');
    forged[0] = Buffer.from(JSON.stringify({ alg: 'HS256', crit: ['x'], x: 1 })).toString('base64url');
    await expect(service().verify(channel(), forged.join('.'))).rejects.toMatchObject(refused);
  });
});

describe('CHAT-2 tokens by keys of the brand', () => {
  const pairs: Record<string, GenerateKeyPairResult> = {};
  const jwks: Record<string, JWK> = {};
  beforeAll(async () => {
    for (const [name, alg] of [['rsa', 'RS256'], ['ec', 'ES256'], ['other', 'ES256']] as const) {
      pairs[name] = await generateKeyPair(alg, { extractable: true });
      jwks[name] = { ...(await exportJWK(pairs[name].publicKey)), kid: name, alg };
    }
  });
  const withKeys = channel({ credentials: {}, settings: JWKS });

  it.each([['RS256', 'rsa'], ['ES256', 'ec']] as const)('CHAT-2 %s is proven', async (alg, kid) => {
    const token = await signed(alg, pairs[kid]!.privateKey, { jti: 'one' }, { kid });
    expect(await service([jwks['rsa']!, jwks['ec']!]).verify(withKeys, token)).toMatchObject({ visitor: { id: 'erika' }, once: 'one' });
  });

  it('CHAT-2 without a name of the key, the only one of its kind is taken', async () => {
    expect(await service([jwks['rsa']!, jwks['ec']!]).verify(withKeys, await signed('ES256', pairs['ec']!.privateKey))).toMatchObject({ visitor: { id: 'erika' } });
  });

  it('CHAT-2 what is signed by a key that is not among them is refused, whatever name it bears', async () => {
    const keys = [jwks['ec']!];
    for (const kid of ['ec', 'other']) await expect(service(keys).verify(withKeys, await signed('ES256', pairs['other']!.privateKey, {}, { kid }))).rejects.toMatchObject(refused);
    const embedded = await signed('ES256', pairs['other']!.privateKey, {}, { jwk: jwks['other']! });
    await expect(service(keys).verify(withKeys, embedded)).rejects.toMatchObject(refused);
    const elsewhere = await signed('ES256', pairs['other']!.privateKey, {}, { jku: 'https://evil.example/jwks.json' });
    await expect(service(keys).verify(withKeys, elsewhere)).rejects.toMatchObject(refused);
  });

  it('CHAT-2 one kind of key never stands for another: public keys are no secrets, and other algorithms are not taken', async () => {
    const keys = [jwks['rsa']!, jwks['ec']!];
    const pem = await exportSPKI(pairs['rsa']!.publicKey);
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    for (const secret of [pem, pem.trim(), der, JSON.stringify(jwks['rsa']), jwks['rsa']!.n!]) {
      const token = await signed('HS256', typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret), {}, { kid: 'rsa' });
      for (const credentials of [{}, { identitySecret: SECRET }] as Record<string, string>[]) await expect(service(keys).verify(channel({ credentials, settings: JWKS }), token)).rejects.toMatchObject(refused);
    }
    const symmetric: JWK = { kty: 'oct', k: Buffer.from(SECRET).toString('base64url'), kid: 'oct', alg: 'HS256' };
    await expect(service([symmetric]).verify(withKeys, await signed('HS256', new TextEncoder().encode(SECRET), {}, { kid: 'oct' }))).rejects.toMatchObject(refused);
    const ps = await generateKeyPair('PS256', { extractable: true });
    await expect(service([{ ...(await exportJWK(ps.publicKey)), kid: 'ps' }]).verify(withKeys, await signed('PS256', ps.privateKey, {}, { kid: 'ps' }))).rejects.toMatchObject(refused);
    const [, body] = (await signed('ES256', pairs['ec']!.privateKey)).split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
    await expect(service(keys).verify(withKeys, none)).rejects.toMatchObject(refused);
  });

  it('CHAT-2 a widget without keys takes no token by keys, and for another widget or too long ones are refused, too', async () => {
    const token = await signed('ES256', pairs['ec']!.privateKey);
    await expect(service([jwks['ec']!]).verify(channel(), token)).rejects.toMatchObject(refused);
    await expect(service([jwks['ec']!]).verify({ ...withKeys, widgetKey: 'wk_other' }, token)).rejects.toMatchObject(refused);
    await expect(service([jwks['ec']!]).verify(withKeys, await signed('ES256', pairs['ec']!.privateKey, {}, {}, '2h'))).rejects.toMatchObject(refused);
    await expect(service([jwks['ec']!]).verify(withKeys, await signed('ES256', pairs['ec']!.privateKey, {}, {}, '-2m'))).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_EXPIRED' });
  });
});

function signed(alg: string, key: CryptoKey | Uint8Array, claims: object = {}, header: object = {}, lives = '10m') {
  return new SignJWT({ sub: 'erika', ...claims }).setProtectedHeader({ alg, ...header }).setAudience('parley-widget:wk_demo').setIssuedAt().setExpirationTime(lives).sign(key);
}
