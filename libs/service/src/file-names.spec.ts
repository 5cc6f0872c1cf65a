import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanName, disposition, typeOf } from './file-names.js';

const RLO = '\u202e';
describe('names of files', () => {
  it.each([
    ['invoice.pdf', 'invoice.pdf'], ['../../etc/passwd', 'passwd'], ['..\\..\\windows\\win.ini', 'win.ini'], ['/', 'file'], ['..', 'file'], ['', 'file'], ['.htaccess', 'htaccess'],
    [`photo${RLO}gpj.exe`, 'photogpj.exe'], ['a\0b.png', 'ab.png'], ['a\r\nSet-Cookie: x.png', 'aSet-Cookie_ x.png'], ['a"b<c>d|e?.txt', 'a_b_c_d_e_.txt'], ['CON.txt', '_CON.txt'],
    ['\u200b\ufeff', 'file'], ['Gru\u0308\u00dfe \u00a0 aus.txt', 'Gr\u00fc\u00dfe aus.txt'], ['half \ud800 pair', 'half pair'], ['trailing. . ', 'trailing'], ['\u2066x\u2069.png', 'x.png'],
  ])('security 7: %j is saved as %j', (given, saved) => {
    expect(cleanName(given)).toBe(saved);
  });

  it('security 7: 300 characters keep their ending', () => {
    const name = cleanName(`${'ü'.repeat(300)}.tar.gz`);
    expect(Array.from(name)).toHaveLength(150);
    expect(name.endsWith('.gz')).toBe(true);
  });

  it('security 7: whatever the name, it is one, stays one, and its header is one line of ASCII', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.array(fc.constantFrom('../', '\0', RLO, '\r\n', '"', '%', "'", '\\', 'a', '.exe')).map((parts) => parts.join(''))), (given) => {
        const name = cleanName(given);
        expect(name).not.toMatch(/[/\\\0\r\n\u202a-\u202e\u2066-\u2069]/);
        expect(name.length).toBeGreaterThan(0);
        expect(cleanName(name)).toBe(name);
        const header = disposition('attachment', given);
        expect(header).toMatch(/^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]*$/);
        expect(decodeURIComponent(header.split("UTF-8''")[1]!)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });
});

const PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
const GIF = Buffer.from('GIF89a\x01\x00\x01\x00\x80\x00\x00', 'latin1');
const HTML = Buffer.from('<!doctype html><script>alert(1)</script>');
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');

describe('types of files', () => {
  it.each<[what: string, bytes: Buffer, declared: string, is: string]>([
    ['a picture', PNG, 'text/html', 'image/png'], ['a picture with a page behind it', Buffer.concat([JPEG, HTML]), 'text/html', 'image/jpeg'], ['a GIF that is a script', Buffer.concat([GIF, Buffer.from('=1;alert(1)')]), 'application/javascript', 'image/gif'],
    ['a page', HTML, 'image/png', 'application/octet-stream'], ['a page that says so', HTML, 'text/html', 'application/octet-stream'], ['a drawing that acts', SVG, 'image/svg+xml', 'application/octet-stream'],
    ['words', Buffer.from('Grüße'), 'text/plain; charset=utf-8', 'text/plain'], ['a table', Buffer.from('a,b\n'), 'text/csv', 'text/csv'], ['bytes that say they are words', Buffer.from([1, 0, 2, 0]), 'text/plain', 'application/octet-stream'],
    ['words cut inside a character', Buffer.from('ü').subarray(0, 1), 'text/plain', 'text/plain'], ['nothing known', Buffer.from('xyz'), '', 'application/octet-stream'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'image/jpeg', 'application/pdf'], ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100)]), 'image/png', 'application/x-msdownload'],
  ])('META-4 security 5: %s is told by its content', async (_what, bytes, declared, is) => {
    expect(await typeOf(bytes, declared)).toBe(is);
  });

  it('security 5: no bytes, whatever is said of them, become a type that acts', async () => {
    const ACTIVE = /html|script|svg|xml|flash/;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/javascript', 'text/xml', 'application/x-shockwave-flash'), async (bytes, declared) => {
        for (const start of [Buffer.alloc(0), PNG, JPEG, GIF, HTML]) expect(await typeOf(Buffer.concat([start, bytes]), declared)).not.toMatch(ACTIVE);
      }),
      { numRuns: 300 },
    );
  });
});
