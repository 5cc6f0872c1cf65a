import type { Attachment } from '@parley/contracts/channels';
import sanitize from 'sanitize-html';

const LINKS = ['http', 'https', 'mailto', 'tel'];

/** The one allow-list (security.md 4): words and their structure. No style, no class, no form, nothing that is fetched from elsewhere: images are shown where the mail brought them, others are named in `data-remote` and held back (MAIL-5). */
const ALLOWED: sanitize.IOptions = {
  allowedTags: [
    'p', 'br', 'div', 'span', 'b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'small', 'code', 'pre', 'blockquote', 'hr', 'a', 'ul', 'ol', 'li', 'dl', 'dt', 'dd',
    'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'img',
  ],
  allowedAttributes: { a: ['href', 'rel', 'target'], img: ['src', 'data-remote', 'alt', 'width', 'height'], td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'] },
  allowedSchemes: LINKS,
  allowedSchemesByTag: { img: ['cid'] },
  allowProtocolRelative: false,
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  disallowedTagsMode: 'discard',
  // What stands in these is no text for anybody.
  nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title', 'template', 'svg', 'math', 'iframe', 'object', 'xmp', 'noembed', 'noframes', 'plaintext'],
  nestingLimit: 100,
  transformTags: {
    a: (tagName, { href }) => ({ tagName, attribs: href && isAbsolute(href) ? { href, rel: 'noopener noreferrer nofollow', target: '_blank' } : ({} as sanitize.Attributes) }),
    img: (tagName, { src = '', 'data-remote': held = '', alt, width, height }) => ({ tagName, attribs: kept({ ...imageAt(src, held, isPixel(width) || isPixel(height)), alt, width: digits(width), height: digits(height) }) }),
  },
  exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !attribs['src'] && !attribs['data-remote'],
};

/** So often what was made safe is read again; what is still another then is shown as words. */
const MOST_ROUNDS = 5;

/**
 * HTML of anybody's as it may be shown. It is stored as it came and made safe here, each time it is answered or told. What comes out is read
 * like this by whoever reads it again: a browser that closes tags in its own way finds nothing to close.
 */
export function safeHtml(html: string): string {
  let safe = sanitize(html, ALLOWED);
  for (let round = 1; round < MOST_ROUNDS; round++) {
    const again = sanitize(safe, ALLOWED);
    if (again === safe) return safe;
    safe = again;
  }
  return sanitize(safe, { ...ALLOWED, allowedTags: [] });
}

/**
 * HTML of a mail with its images: those that it brought bear the id of their file (`data-attachment`); one that was lost shows its words alone.
 * @param attachments of the message
 */
export function mailHtml(html: string, attachments: readonly Attachment[]): string {
  const files = new Map(attachments.flatMap(({ id, contentId }) => (contentId ? [[contentId.toLowerCase(), id] as const] : [])));
  return safeHtml(html).replace(/<img src="cid:([^"]*)"/gi, (whole, cid: string) => {
    const id = files.get(unescaped(cid).toLowerCase());
    return id ? `<img data-attachment="${id}"${whole.slice(4)}` : '<img';
  });
}

/** The addresses of the images that are held back, in their order. */
export const remoteImages = (html: string): string[] => [...safeHtml(html).matchAll(/<img data-remote="([^"]*)"/g)].map(([, url]) => plain(url!));

/** Where an image is: in the mail, or elsewhere. A single dot is no image, it counts who reads. */
function imageAt(src: string, held: string, isDot: boolean): Record<string, string | undefined> {
  if (/^cid:[^\s"'<>]{1,998}$/i.test(src)) return { src };
  const url = src || held;
  return { 'data-remote': !isDot && /^https?:\/\/[^\s"'<>`]{1,2000}$/i.test(url) ? url : undefined };
}
const isPixel = (size: string | undefined) => size !== undefined && /^\s*[01](px)?\s*$/.test(size);

const plain = (escaped: string) => escaped.replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
function unescaped(cid: string): string {
  try {
    return decodeURIComponent(plain(cid));
  } catch {
    return plain(cid);
  }
}

/** A link of a mail leads somewhere by itself, never to where it is shown. */
const isAbsolute = (href: string) => /^\s*(https?:\/\/|mailto:|tel:)/i.test(href);
const digits = (value: string | undefined) => (value && /^\d{1,4}$/.test(value) ? value : undefined);
const kept = (attribs: Record<string, string | undefined>) => Object.fromEntries(Object.entries(attribs).filter(([, value]) => value !== undefined)) as sanitize.Attributes;
