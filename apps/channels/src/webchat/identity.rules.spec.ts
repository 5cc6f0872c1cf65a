import { describe, expect, it } from '@jest/globals';
import { mayUse, visitorOf } from './identity.rules.js';

const now = 1_795_166_105;
const claims = { sub: 'shop-customer-5512', email: 'Erika@Customer.example', name: 'Erika', iat: now - 5, exp: now + 3_595, aud: 'parley-widget:wk_demo' };

describe('CHAT-2 claims', () => {
  it('CHAT-2 name the visitor', () => {
    expect(visitorOf(claims, now)).toEqual({ id: 'shop-customer-5512', name: 'Erika', email: 'erika@customer.example' });
    expect(visitorOf({ sub: 'x', exp: now + 60 }, now)).toEqual({ id: 'x', name: null, email: null });
  });

  it.each`
    fault                          | change
    ${'no subject'}                | ${{ sub: undefined }}
    ${'an empty subject'}          | ${{ sub: '' }}
    ${'a subject that is no text'} | ${{ sub: { $ne: '' } }}
    ${'a control in the subject'}  | ${{ sub: 'a\0b' }}
    ${'an endless subject'}        | ${{ sub: 'x'.repeat(256) }}
    ${'no expiry'}                 | ${{ exp: undefined }}
    ${'a life of two hours'}       | ${{ exp: now + 7_200 }}
    ${'a life of two hours, half spent'} | ${{ iat: now - 3_590, exp: now + 3_600 }}
    ${'a birth in the future'}     | ${{ iat: now + 600, exp: now + 1_200 }}
    ${'an e-mail that is none'}    | ${{ email: 'erika' }}
    ${'a name that is no text'}    | ${{ name: ['Erika'] }}
  `('CHAT-2 $fault: refused', ({ change }) => {
    expect(visitorOf({ ...claims, ...(change as object) }, now)).toEqual({ refused: expect.any(String) });
  });
});

it.each`
  allowed                       | origin                       | may
  ${[]}                         | ${'https://any.example'}     | ${true}
  ${[]}                         | ${undefined}                 | ${true}
  ${['https://shop.example']}   | ${'https://shop.example'}    | ${true}
  ${['https://shop.example']}   | ${'https://SHOP.example'}    | ${true}
  ${['https://shop.example']}   | ${undefined}                 | ${true}
  ${['https://shop.example']}   | ${'http://shop.example'}     | ${false}
  ${['https://shop.example']}   | ${'https://shop.example.evil'} | ${false}
  ${['https://shop.example']}   | ${'null'}                    | ${false}
`('a page of $origin where $allowed may: $may', ({ allowed, origin, may }) => {
  expect(mayUse(allowed as string[], origin as string | undefined)).toBe(may);
});
