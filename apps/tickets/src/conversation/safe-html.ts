import sanitize from 'sanitize-html';

const LINKS = ['http', 'https', 'mailto', 'tel'];

/** The one allow-list (security.md 4): words and their structure. No style, no class, no form, nothing that is fetched from elsewhere; images only where the mail brought them. */
const ALLOWED: sanitize.IOptions = {
  allowedTags: [
    'p', 'br', 'div', 'span', 'b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'small', 'code', 'pre', 'blockquote', 'hr', 'a', 'ul', 'ol', 'li', 'dl', 'dt', 'dd',
    'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'img',
  ],
  allowedAttributes: { a: ['href', 'rel', 'target'], img: ['src', 'alt', 'width', 'height'], td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'] },
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
    img: (tagName, { src, alt, width, height }) => ({ tagName, attribs: kept({ src: src && /^cid:[^\s"'<>]{1,998}$/i.test(src) ? src : undefined, alt, width: digits(width), height: digits(height) }) }),
  },
  exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !attribs['src'],
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

/** A link of a mail leads somewhere by itself, never to where it is shown. */
const isAbsolute = (href: string) => /^\s*(https?:\/\/|mailto:|tel:)/i.test(href);
const digits = (value: string | undefined) => (value && /^\d{1,4}$/.test(value) ? value : undefined);
const kept = (attribs: Record<string, string | undefined>) => Object.fromEntries(Object.entries(attribs).filter(([, value]) => value !== undefined)) as sanitize.Attributes;
