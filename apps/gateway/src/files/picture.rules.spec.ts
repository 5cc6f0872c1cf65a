import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withoutNotes } from './picture.rules.js';

const CANARY = 'CANARY-52.5200N-13.4050E';
const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'application/pdf'];

const segment = (marker: number, body: string | Buffer) => {
  const bytes = Buffer.from(body as string, 'latin1');
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(bytes.length + 2, 2);
  return Buffer.concat([head, bytes]);
};
/** EXIF with a turning and a place. */
const exif = (turning: number, big = false) => {
  const tiff = Buffer.alloc(26);
  const [short, long] = big ? ['writeUInt16BE', 'writeUInt32BE'] as const : ['writeUInt16LE', 'writeUInt32LE'] as const;
  tiff.write(big ? 'MM' : 'II', 0, 'latin1');
  tiff[short](42, 2);
  tiff[long](8, 4);
  tiff[short](1, 8);
  tiff[short](0x0112, 10);
  tiff[short](3, 12);
  tiff[long](1, 14);
  tiff[short](turning, 18);
  return segment(0xe1, `Exif\0\0${tiff.toString('latin1')}${CANARY}`);
};
const SOI = Buffer.from([0xff, 0xd8]);
const SCAN = Buffer.concat([segment(0xda, '\x01\x01\x00\x00\x3f\x00'), Buffer.from([1, 2, 0xff, 0x00, 3, 0xff, 0xd0, 4]), Buffer.from([0xff, 0xd9])]);
const PICTURE = [segment(0xe0, 'JFIF\0\x01\x01'), segment(0xe2, 'ICC_PROFILE\0colours'), segment(0xee, 'Adobe'), segment(0xdb, 'tables'), segment(0xc0, 'frame')];
const jpeg = (...notes: Buffer[]) => Buffer.concat([SOI, ...notes, ...PICTURE, SCAN]);

describe('what a camera notes in a picture', () => {
  it('TKT-10 JPEG: place, device and comments are gone, colours and turning stay, and nothing hangs behind', () => {
    const clean = withoutNotes(Buffer.concat([jpeg(exif(6), segment(0xfe, CANARY), segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${CANARY}`), segment(0xed, CANARY), segment(0xe2, `MPF\0${CANARY}`)), Buffer.from(`<script>${CANARY}`)]), 'image/jpeg')!;
    expect(clean.toString('latin1')).not.toContain('CANARY');
    const [start, turned, ...rest] = [clean.subarray(0, 2), clean.subarray(2, 38), clean.subarray(38)];
    expect(start).toEqual(SOI);
    expect([turned.readUInt16BE(0), turned.toString('latin1', 4, 8), turned.readUInt16LE(28)]).toEqual([0xffe1, 'Exif', 6]);
    expect(rest[0]).toEqual(Buffer.concat([...PICTURE, SCAN]));
  });

  it.each([[8, true], [3, false], [2, true]])('TKT-10 JPEG: turned by %s (big-endian: %s) it stays so, cleaned once or twice', (turning, big) => {
    const once = withoutNotes(jpeg(exif(turning, big)), 'image/jpeg')!;
    expect(once.readUInt16LE(30)).toBe(turning);
    expect(withoutNotes(once, 'image/jpeg')).toEqual(once);
  });

  it('TKT-10 JPEG: one that stands as it is, or says nonsense of it, has no notes at all', () => {
    for (const notes of [exif(1), exif(99), segment(0xe1, 'Exif\0\0II*'), segment(0xe1, `Exif\0\0${CANARY}`)]) expect(withoutNotes(jpeg(notes), 'image/jpeg')).toEqual(jpeg());
  });

  it('TKT-10 PNG: text, time and EXIF are gone, the picture stays', () => {
    const chunk = (type: string, body = '') => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length);
      return Buffer.concat([length, Buffer.from(type + body, 'latin1'), Buffer.from('crc!')]);
    };
    const signature = Buffer.from('89504e470d0a1a0a', 'hex');
    const [head, colours, data, end] = [chunk('IHDR', '1234567890123'), chunk('iCCP', 'colours'), chunk('IDAT', 'pixels'), chunk('IEND')];
    const noted = Buffer.concat([signature, head, chunk('tEXt', CANARY), colours, chunk('eXIf', CANARY), data, chunk('iTXt', CANARY), chunk('zTXt', CANARY), chunk('tIME', '1234567'), end, Buffer.from(CANARY)]);
    expect(withoutNotes(noted, 'image/png')).toEqual(Buffer.concat([signature, head, colours, data, end]));
  });

  it('TKT-10 WebP: EXIF and XMP are gone, and the header says so', () => {
    const chunk = (type: string, body: Buffer) => {
      const head = Buffer.alloc(8);
      head.write(type, 0, 'latin1');
      head.writeUInt32LE(body.length, 4);
      return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
    };
    const file = (...chunks: Buffer[]) => {
      const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
      const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
      head.writeUInt32LE(body.length, 4);
      return Buffer.concat([head, body]);
    };
    const flags = (value: number) => chunk('VP8X', Buffer.from([value, 0, 0, 0, 1, 0, 0, 1, 0, 0]));
    const pixels = chunk('VP8 ', Buffer.from('odd'));
    expect(withoutNotes(file(flags(0x2c), pixels, chunk('EXIF', Buffer.from(CANARY)), chunk('XMP ', Buffer.from(CANARY))), 'image/webp')).toEqual(file(flags(0x20), pixels));
  });

  it('TKT-10 other files are left alone, and broken pictures are told as such', () => {
    const pdf = Buffer.from('%PDF-1.7');
    expect(withoutNotes(pdf, 'application/pdf')).toBe(pdf);
    const whole = jpeg(exif(6));
    for (let length = 0; length < whole.length; length++) expect(withoutNotes(whole.subarray(0, length), 'image/jpeg')).toBeNull();
    expect(withoutNotes(Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png')).toBeNull();
    expect(withoutNotes(Buffer.from('RIFF'), 'image/webp')).toBeNull();
  });

  it('TKT-10 whatever the bytes, nothing throws and nothing grows', () => {
    const flawed = fc.tuple(fc.constant(jpeg(exif(6), segment(0xfe, CANARY))), fc.array(fc.tuple(fc.nat(120), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })).map(([bytes, flaws]) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of flaws) copy[at] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)), flawed), fc.constantFrom(...TYPES), (bytes, type) => {
        const clean = withoutNotes(bytes, type);
        expect(clean === null || clean.length <= bytes.length + 36).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
