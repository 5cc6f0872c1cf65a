import { X509Certificate } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { selfSigned } from './self-signed.js';

it('MAIL-1 a certificate made here is one by the book, for its name, with a key that nobody else has', () => {
  const at = new Date('2026-11-20T12:00:00Z');
  const [one, two] = [selfSigned('inbound.parley.example', at), selfSigned('inbound.parley.example', at)];
  const certificate = new X509Certificate(one.cert);
  expect(certificate.subject).toBe('CN=inbound.parley.example');
  expect(certificate.checkHost('inbound.parley.example')).toBe('inbound.parley.example');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect([certificate.validFrom, certificate.validTo]).toEqual(['Nov 19 12:00:00 2026 GMT', 'Nov 17 12:00:00 2036 GMT']);
  expect(one.key).not.toBe(two.key);
});
