import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical, displayName, isSendable, oneLine, replyAddress, tokenIn } from './address.rules.js';

const TOKEN = 'abcdefghijklmnopqrstuvwxyz';

describe('reply tokens in addresses', () => {
  it.each`
    address                                  | token
    ${`support+t_${TOKEN}@parley.example`}   | ${TOKEN}
    ${`t_${TOKEN}@reply.example`}            | ${TOKEN}
    ${`T_${TOKEN.toUpperCase()}@x.example`}  | ${TOKEN}
    ${`support+vip+t_${TOKEN}@x.example`}    | ${TOKEN}
    ${'support@parley.example'}              | ${null}
    ${'support+t_short@x.example'}           | ${null}
    ${`xt_${TOKEN}@x.example`}               | ${null}
    ${`t_${TOKEN}`}                          | ${null}
    ${`a@t_${TOKEN}`}                        | ${null}
  `('MAIL-2 $address: $token', ({ address, token }) => {
    expect(tokenIn(address as string)).toBe(token);
  });

  it('MAIL-7 the reply address carries the token as its plus part, within the 64 octets of a local part', () => {
    const address = replyAddress(`in-${'0'.repeat(32)}@inbound.parley.example`, TOKEN);
    expect(tokenIn(address)).toBe(TOKEN);
    expect(address.indexOf('@')).toBeLessThanOrEqual(64);
  });
});

describe('where mail may be sent', () => {
  it.each(['ada@customer.example', 'a.b+c@x.co', '用户@例子.example', "o'hara@x.example"])('%s: yes', (address) => {
    expect(isSendable(address)).toBe(true);
  });

  it.each(['', '@x', 'a@', 'a@b@c.example', 'a b@x.example', 'a@x.example\r\nBcc: b@y.example', 'a@x.example\0', 'a,b@x.example', '<a@x.example>', '"a"@x.example', 'a@x..example', 'a@-x.example', `${'a'.repeat(65)}@x.example`, 'a@x.example,b@y.example'])(
    '%j: no', (address) => {
      expect(isSendable(address)).toBe(false);
    });

  it('nothing with a control, a blank, a comma or a bracket passes', () => {
    fc.assert(fc.property(fc.string(), fc.constantFrom('\r', '\n', '\0', ' ', ',', ';', '<', '>', '"'), fc.string(), (before, bad, after) => !isSendable(`${before}${bad}${after}@x.example`)));
  });
});

describe('decoded header text', () => {
  it('a display name is one line without hidden directions', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => !/[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\p{Surrogate}]/u.test(displayName(name)) && displayName(name).length <= 200));
    expect(oneLine('a\r\nBcc: x\u202e')).toBe('a Bcc: x');
  });

  it('an address is compared in lower case and NFC', () => {
    expect(canonical('  Jo\u0308rg@X.Example ')).toBe('jörg@x.example');
  });
});
