import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lengthOf, plainSpelling, withLinks } from './sms.js';

/** The same by another way: by bytes as they stand in PDUs, from the tables of 3GPP TS 23.038 by code point. */
const GSM = new Map<number, number>();
for (const code of [
  0x40, 0xa3, 0x24, 0xa5, 0xe8, 0xe9, 0xf9, 0xec, 0xf2, 0xc7, 0x0a, 0xd8, 0xf8, 0x0d, 0xc5, 0xe5, 0x394, 0x5f, 0x3a6, 0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398, 0x39e, 0xc6, 0xe6, 0xdf, 0xc9,
  0x20, 0x21, 0x22, 0x23, 0xa4, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0xa1, 0xc4, 0xd6, 0xd1, 0xdc, 0xa7, 0xbf, 0xe4, 0xf6, 0xf1, 0xfc, 0xe0,
]) GSM.set(code, 1);
for (const [from, to] of [[0x30, 0x39], [0x41, 0x5a], [0x61, 0x7a]] as const) for (let code = from; code <= to; code++) GSM.set(code, 1);
for (const code of [0x0c, 0x5e, 0x7b, 0x7d, 0x5c, 0x5b, 0x7e, 0x5d, 0x7c, 0x20ac]) GSM.set(code, 2);

function reference(text: string) {
  const points = Array.from(text, (letter) => letter.codePointAt(0)!);
  const isGsm = points.every((point) => GSM.has(point));
  // A segment is what fits into 140 bytes, or 134 beside the header that joins them; septets are packed.
  const room = (bytes: number) => (isGsm ? Math.floor((bytes * 8) / 7) : Math.floor(bytes / 2));
  const queue = points.map((point) => (isGsm ? GSM.get(point)! : point > 0xffff ? 2 : 1));
  const units = queue.reduce((sum, size) => sum + size, 0);
  const fits = units <= room(140);
  const segments: number[] = [];
  while (queue.length) {
    let left = fits ? room(140) : room(134);
    while (queue.length && queue[0]! <= left) left -= queue.shift()!;
    segments.push(left);
  }
  return { encoding: isGsm ? 'GSM-7' : 'UCS-2', units, segments: segments.length, unitsLeft: segments.at(-1) ?? room(140) };
}

describe('the length of a text', () => {
  const letters = (pool: string) => fc.array(fc.constantFrom(...pool), { maxLength: 500, size: 'max' }).map((all) => all.join(''));

  it('SMS-6 plain texts are counted as another implementation counts them', () => {
    fc.assert(fc.property(letters('abc XYZ09äöüñà@£\n€^{}[]~\\|\f'), (text) => expect(lengthOf(text)).toEqual(reference(text))), { numRuns: 400 });
  });

  it('SMS-6 texts of any letters, too: halves of a pair are never parted', () => {
    fc.assert(fc.property(letters('ab’ç👋🏽👨‍👩‍👧'), (text) => expect(lengthOf(text)).toEqual(reference(text))), { numRuns: 400 });
    fc.assert(fc.property(fc.string({ unit: 'grapheme-composite', maxLength: 300, size: 'max' }), (text) => expect(lengthOf(text)).toEqual(reference(text))), { numRuns: 200 });
  });

  it.each<[what: string, text: string, encoding: string, units: number, segments: number, left: number]>([
    ['nothing', '', 'GSM-7', 0, 0, 160],
    ['160 letters', 'a'.repeat(160), 'GSM-7', 160, 1, 0],
    ['161 letters', 'a'.repeat(161), 'GSM-7', 161, 2, 145],
    ['306 letters', 'a'.repeat(306), 'GSM-7', 306, 2, 0],
    ['80 euros', '€'.repeat(80), 'GSM-7', 160, 1, 0],
    ['a euro at the end of a segment', `${'a'.repeat(152)}€${'a'.repeat(10)}`, 'GSM-7', 164, 2, 141],
    ['70 quotation marks', '’'.repeat(70), 'UCS-2', 70, 1, 0],
    ['71 of them', '’'.repeat(71), 'UCS-2', 71, 2, 63],
    ['a hand at the end of a segment', `${'ж'.repeat(66)}👋${'ж'.repeat(10)}`, 'UCS-2', 78, 2, 55],
    ['a family', '👨‍👩‍👧‍👦', 'UCS-2', 11, 1, 59],
    ['a small cedilla', 'ça va', 'UCS-2', 5, 1, 65],
    ['a big one', 'Ça va', 'GSM-7', 5, 1, 155],
  ])('SMS-6 %s', (_, text, encoding, units, segments, unitsLeft) => expect(lengthOf(text)).toEqual({ encoding, units, segments, unitsLeft }));

  it('SMS-6 plain punctuation is offered where it is cheaper', () => {
    expect(plainSpelling(`It’s “here” – soon…${'x'.repeat(80)}`)).toBe(`It's "here" - soon...${'x'.repeat(80)}`);
    expect([plainSpelling('It’s here'), plainSpelling(`It’s 👋${'x'.repeat(80)}`), plainSpelling('plain')]).toEqual([null, null, null]);
  });
});

describe('links of a text', () => {
  const found = (text: string) => {
    const urls: string[] = [];
    withLinks(text, (url) => (urls.push(url), null));
    return urls;
  };

  it.each<[text: string, urls: string[]]>([
    ['Go to https://shop.example.', ['https://shop.example']],
    ['(http://shop.example/a)', ['http://shop.example/a']],
    ['https://de.wikipedia.org/wiki/Bern_(Stadt), too', ['https://de.wikipedia.org/wiki/Bern_(Stadt)']],
    ['https://shop.example/?q=a,b&c=d!', ['https://shop.example/?q=a,b&c=d']],
    ['“https://shop.example/x”', ['https://shop.example/x']],
    ['javascript:alert(1) ftp://x.example data:text/html,x mailto:a@b.example', []],
    ['https://', []],
    ['HTTPS://SHOP.EXAMPLE/A b', ['HTTPS://SHOP.EXAMPLE/A']],
  ])('SMS-4 "%s"', (text, urls) => expect(found(text)).toEqual(urls));

  it('SMS-4 what is not shortened stays as it was', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), fc.constantFrom('https://shop.example/x?y=1', 'http://shop.example/(a)', 'HTTP://SHOP.EXAMPLE'), (words, url) => expect(withLinks(`${words} ${url} ${words}`, () => null)).toBe(`${words} ${url} ${words}`)), { numRuns: 30 });
  });
});
