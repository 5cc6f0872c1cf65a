import { type Mailbox, canonical, isSendable, oneLine } from './address.rules.js';
import { headAt, isForwardMark, isForwardSubject, isOriginalMark, linesOf } from './quoting.rules.js';

/** A mail inside a mail: who wrote it, what it says, and what the forwarder said above it. */
export type Forwarded = { author: Mailbox; subject: string | null; text: string; above: string };

const LOOK_AT = 65_536;
/** Where mail programs begin the forwarded mail in HTML. */
const HTML_HEAD = /<(?:div|blockquote|br)\b[^<>]{0,200}?(?:\bclass\s*=\s*["'][^"'<>]{0,100}?(?:gmail_quote|moz-forward-container|yahoo_quoted)|\bid\s*=\s*["']?(?:x_)?(?:divRplyFwdMsg|appendonsend)|\btype\s*=\s*["']?cite)/i;

/**
 * MAIL-3: the mail that somebody forwarded by hand, or a rule of their mailbox. Null: it is none, or does not tell the address of its author. Says nothing of
 * whether the forwarder may be believed.
 */
export function forwardedIn(text: string, subject: string | null): Forwarded | null {
  const shown = text.slice(0, LOOK_AT).split(/\r?\n/);
  const lines = linesOf(text.slice(0, LOOK_AT)).map(unquoted);
  const mark = lines.findIndex((line, at) => isForwardMark(line) || (isForwardSubject(subject) && (isOriginalMark(line) || headAt(lines, at) !== null)));
  if (mark < 0) return null;
  const begins = [mark, mark + 1, mark + 2, mark + 3].find((at) => headAt(lines, at, 'any'));
  const head = begins === undefined ? null : headAt(lines, begins, 'any');
  const author = head && mailboxIn(head.values.from ?? '');
  if (!head || !author) return null;
  const isQuoted = shown[begins!]!.trimStart().startsWith('>');
  const inner = [...shown.slice(head.end).map((line) => (isQuoted ? line.replace(/^\s*> ?/, '') : line)), text.slice(LOOK_AT)].join('\n').trim();
  return { author, subject: oneLine(head.values.subject ?? '').slice(0, 500) || null, text: inner, above: shown.slice(0, mark).join('\n').replace(/[\s_\-*]+$/, '').trim() };
}

/** The HTML from the forwarded mail on; null: no program has marked it, and it cannot be told from the words of the forwarder. */
export function forwardedHtml(html: string | null): string | null {
  const at = html === null ? -1 : html.slice(0, 262_144).search(HTML_HEAD);
  return at < 0 ? null : html!.slice(at);
}

/** `Name <address>`, `Name [mailto:address]` or an address alone. */
function mailboxIn(value: string): Mailbox | null {
  const found = /[^\s<>[\](),;:"'*]{1,64}@[^\s<>[\](),;:"'*]{1,255}/.exec(value.slice(0, 1000));
  const address = canonical(found?.[0] ?? '');
  const name = oneLine(value.slice(0, found?.index ?? 0).replace(/["'<[(*]|mailto:/gi, ' ')).slice(0, 200);
  return isSendable(address) ? { name, address } : null;
}

/** Apple Mail quotes what it forwards. */
const unquoted = (line: string) => line.replace(/^> ?/, '');
