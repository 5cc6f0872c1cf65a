import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mailHtml, remoteImages, safeHtml } from './safe-html.js';

const CALLS = ['alert(1)', 'fetch(`//x.example`)', 'document.cookie'];
const TAGS = ['script', 'img', 'svg', 'iframe', 'object', 'embed', 'form', 'input', 'button', 'math', 'style', 'link', 'meta', 'base', 'video', 'audio', 'body', 'details', 'marquee', 'template', 'textarea', 'a', 'p', 'td', 'x-y'];
const HANDLERS = ['onerror', 'onload', 'onclick', 'ONMOUSEOVER', 'onfocus', 'ontoggle', 'onbegin', 'on\nerror', 'onpointerenter'];
const URLS = ['javascript:', 'JaVaScRiPt:', 'java\tscript:', ' javascript:', 'java\0script:', '&#106;avascript:', '&#x6a;avascript&colon;', 'vbscript:', 'data:text/html,<script>', 'data:image/svg+xml;base64,PHN2Zz4=', '//evil.example/', 'file:///', 'blob:x'];
const FIELDS = ['href', 'src', 'action', 'formaction', 'xlink:href', 'style', 'srcset', 'background', 'poster', 'data', 'srcdoc', 'class', 'id', 'name'];
/** Each way to act, in each tag: about 1,900 texts. */
const PAYLOADS = [
  ...TAGS.flatMap((tag) => HANDLERS.flatMap((on) => CALLS.map((call) => `<${tag} ${on}="${call}">x</${tag}>`))),
  ...TAGS.flatMap((tag) => URLS.flatMap((url) => FIELDS.slice(0, 3).map((field) => `<${tag} ${field}="${url}alert(1)">x</${tag}>`))),
  ...FIELDS.flatMap((field) => URLS.map((url) => `<a ${field}='${url}alert(1)'>x</a><p ${field}=${url}alert(1)>`)),
  '<scr<script>ipt>alert(1)</scr</script>ipt>', '<<script>script>alert(1)<</script>/script>', '<img src="x" onerror="alert(1)"', '<!--><script>alert(1)</script>-->', '<![CDATA[<script>alert(1)</script>]]>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">', '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<svg><style><img src=x onerror=alert(1)></style>', '<xmp><script>alert(1)</script></xmp>',
  '<textarea></textarea><script>alert(1)</script>', '<title><script>alert(1)</script></title>', '<plaintext><script>alert(1)</script>', '<a href="https://x.example" target="_top">x</a>', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
];
const ACTS = [/<\s*(script|iframe|object|embed|form|input|button|style|link|meta|base|svg|math|video|audio|template|textarea|body|details)/i, /<[^>]*\son\w+\s*=/i, /<[^>]*(javascript|vbscript|data|file|blob):/i, /<[^>]*\s(style|class|id|srcset|srcdoc|action|formaction)\s*=/i];

describe('HTML as it is shown', () => {
  it(`security 4: nothing of ${PAYLOADS.length} texts acts, and what is safe stays so`, () => {
    expect(PAYLOADS.length).toBeGreaterThan(1500);
    for (const payload of PAYLOADS) {
      const safe = safeHtml(payload);
      for (const act of ACTS) expect({ payload, safe, act, acts: act.test(safe) }).toEqual({ payload, safe, act, acts: false });
      expect(safeHtml(safe)).toBe(safe);
    }
  });

  it('security 4: s(s(x)) = s(x) for whatever is put together of them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...PAYLOADS), fc.string(), fc.constantFrom('<p>', '</p>', '<', '>', '"', '&', '<table><td>')), { maxLength: 6 }), (parts) => {
        const safe = safeHtml(parts.join(''));
        for (const act of ACTS) expect(act.test(safe)).toBe(false);
        expect(safeHtml(safe)).toBe(safe);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['<p>Hi <b>you</b><br>there</p>', '<p>Hi <b>you</b><br />there</p>'],
    ['<a href="https://shop.example/?a=1&amp;b=2" onclick="x">s</a>', '<a href="https://shop.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow" target="_blank">s</a>'],
    ['<a href="/admin">s</a>', '<a>s</a>'],
    ['<img src="cid:logo@x" alt="L" width="10" height="9999999"><img src="https://track.example/1.gif">', '<img src="cid:logo@x" alt="L" width="10" /><img data-remote="https://track.example/1.gif" />'],
    ['<img src="https://track.example/1.gif" width="1" height="1"><img src="//x.example/a.png"><img src="data:image/png;base64,AA"><img src="x.png">words', 'words'],
    ['<img data-remote="https://x.example/a.png?b=1&amp;c=2" onerror="x"><img data-remote="javascript:alert(1)"><img data-attachment="1">', '<img data-remote="https://x.example/a.png?b=1&amp;c=2" />'],
    ['<table><tr><td colspan="2" style="x">1</td></tr></table>', '<table><tr><td colspan="2">1</td></tr></table>'],
    ['<blockquote>quoted</blockquote><ul><li>a</li></ul>', '<blockquote>quoted</blockquote><ul><li>a</li></ul>'],
    ['<style>p{}</style><title>t</title>words', 'words'],
    ['<p><A<p><p>', '<p></p><p></p><p></p>'],
  ])('security 4: %s is shown as %s', (html, shown) => {
    expect(safeHtml(html)).toBe(shown);
  });

  it('security 23: deep and long HTML is read in time that grows with its length', () => {
    expect(safeHtml('<div>'.repeat(10_000)).length).toBeLessThan(200_000);
    expect(safeHtml('<'.repeat(65_536)).length).toBeLessThan(400_000);
  });
});

describe('MAIL-5 images of a mail', () => {
  const file = (id: string, contentId: string) => ({ id, contentId, name: 'a.png', contentType: 'image/png', sizeBytes: 1, inline: true });

  it('MAIL-5 what the mail brought bears the id of its file, what it lost its words, and nothing else can name a file', () => {
    expect(mailHtml('<img src="CID:Logo%40x" alt="L"><img src="cid:gone@x" alt="Gone"><img src="cid:a&amp;b" data-attachment="stolen">', [file('one', 'logo@X'), file('two', 'a&b')])).toBe(
      '<img data-attachment="one" src="CID:Logo%40x" alt="L" /><img alt="Gone" /><img data-attachment="two" src="cid:a&amp;b" />');
  });

  it('MAIL-5 what stands elsewhere is held back, and can be asked for by its place', () => {
    const html = '<img src="https://x.example/1.png?a=1&amp;b=2"><img src="cid:a"><img src="http://x.example/2.png" alt="x">';
    expect(safeHtml(html)).not.toMatch(/\ssrc="http/);
    expect(remoteImages(html)).toEqual(['https://x.example/1.png?a=1&b=2', 'http://x.example/2.png']);
  });
});
