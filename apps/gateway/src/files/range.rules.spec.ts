import { describe, expect, it } from '@jest/globals';
import { rangeOf } from './range.rules.js';

describe('pieces of files', () => {
  it.each<{ header: string | undefined; piece: unknown }>`
    rule       | header             | piece
    ${'META-4'} | ${undefined}       | ${'all'}
    ${'META-4'} | ${'bytes=0-0'}     | ${{ start: 0, end: 0 }}
    ${'META-4'} | ${'bytes=2-5'}     | ${{ start: 2, end: 5 }}
    ${'META-4'} | ${'bytes=2-500'}   | ${{ start: 2, end: 9 }}
    ${'META-4'} | ${'bytes=7-'}      | ${{ start: 7, end: 9 }}
    ${'META-4'} | ${'bytes=-3'}      | ${{ start: 7, end: 9 }}
    ${'META-4'} | ${'bytes=-300'}    | ${{ start: 0, end: 9 }}
    ${'META-4'} | ${'bytes=10-'}     | ${'none'}
    ${'META-4'} | ${'bytes=-0'}      | ${'none'}
    ${'META-4'} | ${'bytes=5-2'}     | ${'all'}
    ${'META-4'} | ${'bytes=0-1,4-5'} | ${'all'}
    ${'META-4'} | ${'bytes=-'}       | ${'all'}
    ${'META-4'} | ${'lines=1-2'}     | ${'all'}
    ${'META-4'} | ${'bytes=1e3-'}    | ${'all'}
  `('$rule $header of ten bytes: $piece', ({ header, piece }) => {
    expect(rangeOf(header, 10)).toEqual(piece);
  });
});
