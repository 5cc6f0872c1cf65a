import { expect, it } from '@jest/globals';
import { Secrets } from './secrets.js';

const secrets = new Secrets(Buffer.alloc(32, 1).toString('base64'));

it('what is sealed opens only unchanged and with the same key', () => {
  const sealed = secrets.seal('{"authToken":"obviously-fake"}');
  expect(sealed).not.toContain('fake');
  expect(secrets.seal('x')).not.toBe(secrets.seal('x'));
  expect(secrets.open(sealed)).toBe('{"authToken":"obviously-fake"}');
  expect(() => secrets.open(sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA'))).toThrow();
  expect(() => new Secrets(Buffer.alloc(32, 2).toString('base64')).open(sealed)).toThrow();
});

it('a code is 26 characters of lower-case base32, bound to purpose and every part', () => {
  const mac = secrets.mac('reply', 'thread-1', 'channel-1');
  expect(mac).toMatch(/^[a-z2-7]{26}$/);
  expect(secrets.verifyMac(mac.toUpperCase(), 'reply', 'thread-1', 'channel-1')).toBe(true);
  expect(secrets.verifyMac(mac, 'reply', 'thread-1channel-1', '')).toBe(false);
  expect(secrets.verifyMac(mac, 'link', 'thread-1', 'channel-1')).toBe(false);
  expect(secrets.verifyMac('', 'reply', 'thread-1', 'channel-1')).toBe(false);
  expect(secrets.verifyMac(mac.slice(1), 'reply', 'thread-1', 'channel-1')).toBe(false);
});
