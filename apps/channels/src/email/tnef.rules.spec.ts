import { readFileSync } from 'node:fs';
import { describe as group, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tnefIn } from './tnef.rules.js';

const u16 = (n: number) => Buffer.from([n & 0xff, n >> 8]);
const u32 = (n: number) => Buffer.from([n & 0xff, (n >> 8) & 0xff, (n >> 16) & 0xff, (n >>> 24) & 0xff]);
const attribute = (id: number, value: Buffer) => Buffer.concat([Buffer.from([id < 0x00060000 ? 1 : 2]), u32(id), u32(value.length), value, u16(0)]);
const pad = (value: Buffer) => Buffer.concat([value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
const property = (type: number, number: number, value: Buffer) => Buffer.concat([u16(type), u16(number), u32(1), u32(value.length), pad(value)]);
const named = (value: Buffer) => Buffer.concat([u16(0x1f), u16(0x8001), Buffer.alloc(16), u32(1), u32(6), pad(Buffer.from('abc', 'utf16le')), u32(1), u32(value.length), pad(value)]);
const properties = (...all: Buffer[]) => Buffer.concat([u32(all.length), ...all]);
const tnef = (...attributes: Buffer[]) => Buffer.concat([u32(0x223e9f78), u16(1), ...attributes]);

const WHOLE = tnef(
  attribute(0x00069007, Buffer.concat([u32(1252), u32(0)])),
  attribute(0x00069003, properties(Buffer.concat([u16(0x03), u16(0x0fff), u32(7)]), named(Buffer.from('x')), property(0x102, 0x1013, Buffer.from('<p>Gr\xfc\xdfe</p>', 'latin1')), property(0x1f, 0x1000, Buffer.from('Grüße\0', 'utf16le')))),
  attribute(0x00069002, Buffer.alloc(14)), attribute(0x00018010, Buffer.from('PICTUR~1.PNG\0')), attribute(0x0006800f, Buffer.from('bytes')),
  attribute(0x00069005, properties(property(0x1f, 0x3707, Buffer.from('Größe.png\0', 'utf16le')), property(0x1e, 0x370e, Buffer.from('image/png\0')), property(0x1e, 0x3712, Buffer.from('<a@x>\0')))),
  attribute(0x00069002, Buffer.alloc(14)), attribute(0x00018010, Buffer.from('second.txt\0')), attribute(0x0006800f, Buffer.from('more')),
);

group('MAIL-5 winmail.dat', () => {
  it('MAIL-5 is unpacked: the text, and files under their long names', () => {
    expect(tnefIn(WHOLE)).toEqual({
      text: 'Grüße', html: '<p>Grüße</p>',
      files: [{ name: 'Größe.png', contentType: 'image/png', contentId: 'a@x', content: Buffer.from('bytes') }, { name: 'second.txt', contentType: null, contentId: null, content: Buffer.from('more') }],
    });
  });

  it('MAIL-5 as another program made it', () => {
    const mail = readFileSync(new URL('../../test/fixtures/email/30-winmail-tnef.eml', import.meta.url)).toString();
    const packed = Buffer.from(/winmail\.dat"\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/.exec(mail)![1]!, 'base64');
    expect(tnefIn(packed)).toMatchObject({ files: [{ name: 'hello.txt', content: Buffer.from('hello from tnef\r\n') }] });
  });

  it('MAIL-6 of nonsense, and of what was cut or changed, as much is found as can be; nothing throws', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('winmail'), u32(0x223e9f78), tnef(), tnef(attribute(0x00069002, Buffer.alloc(14)))]) expect(tnefIn(bytes)).toBeNull();
    fc.assert(fc.property(fc.nat(WHOLE.length - 1), fc.uint8Array({ maxLength: 8 }), fc.nat(WHOLE.length), (at, put, cut) => {
      const changed = Buffer.from(WHOLE);
      changed.set(put.subarray(0, WHOLE.length - at), at);
      for (const { content } of tnefIn(changed.subarray(0, cut))?.files ?? []) expect(content.length).toBeLessThanOrEqual(WHOLE.length);
    }), { numRuns: 5000 });
  });
});
