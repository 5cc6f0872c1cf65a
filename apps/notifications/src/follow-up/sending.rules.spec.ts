import { expect, it } from '@jest/globals';
import { isAddress, verdictOn, waitAfter } from './sending.rules.js';

it.each`
  attempt | seconds
  ${1}    | ${5}
  ${2}    | ${30}
  ${3}    | ${120}
  ${4}    | ${600}
  ${5}    | ${3600}
  ${6}    | ${21_600}
`('after try $attempt the next one comes in $seconds seconds, ±20 %', ({ attempt, seconds }) => {
  expect([0, 0.5, 1].map((chance) => waitAfter(Number(attempt), chance))).toEqual([0.8, 1, 1.2].map((share) => Number(seconds) * share));
});

it('the seventh try is the last', () => {
  expect(waitAfter(7, 0.5)).toBeNull();
});

it.each`
  what                             | error                                                | kind
  ${'nobody listens'}              | ${{ code: 'ESOCKET' }}                               | ${'again'}
  ${'greylisted'}                  | ${{ code: 'EENVELOPE', responseCode: 451 }}          | ${'again'}
  ${'mailbox unknown'}             | ${{ code: 'EENVELOPE', responseCode: 550 }}          | ${'failed'}
  ${'content refused'}             | ${{ code: 'EMESSAGE', responseCode: 554 }}           | ${'failed'}
  ${'our credentials are refused'} | ${{ code: 'EAUTH', responseCode: 535 }}              | ${'again'}
  ${'too slow'}                    | ${{ code: 'ABORT_ERR' }}                             | ${'again'}
`('$what: $kind', ({ error, kind }) => {
  expect(verdictOn({ message: 'x', ...(error as object) }).kind).toBe(kind);
});

it.each(['kim@customer.example', 'a.b+c@sub.shop.example', 'jürgen@exämple.example'])('%s is an address', (text) => {
  expect(isAddress(text)).toBe(true);
});

it.each([
  'kim@customer.example\r\nBcc: eve@evil.example', 'kim@customer.example\n', 'kim\0@customer.example', 'kim@customer.example,eve@evil.example', 'kim@customer.example eve@evil.example',
  '<kim@customer.example>', 'Kim <kim@customer.example>', '"kim"@customer.example', 'kim@@customer.example', 'kim', '@customer.example', 'kim@', `${'x'.repeat(250)}@customer.example`, '',
])('%j is no address', (text) => {
  expect(isAddress(text)).toBe(false);
});
