/** Every value that a macro may stand for (TKT-13), by namespace. Coupons are a namespace of their own: `coupon.<pool>`. */
export const VALUES = {
  profile: ['first_name', 'last_name', 'name', 'email', 'phone', 'external_id', 'locale'],
  ticket: ['number', 'subject', 'channel', 'status'],
  agent: ['first_name', 'name'],
  account: ['name', 'email', 'sender_email'],
  order: ['number', 'total', 'currency', 'date'],
} as const satisfies Record<string, readonly string[]>;
const PATHS: ReadonlySet<string> = new Set(Object.entries(VALUES).flatMap(([namespace, names]) => names.map((name) => `${namespace}.${name}`)));

/** `at`: place of the opening braces in the text, in characters from 0. */
export type Piece = { kind: 'text'; text: string } | { kind: 'value'; path: string; fallback: string | null; at: number } | { kind: 'coupon'; pool: string; written: string; at: number };
export type Fault = { at: number; message: string };

/** Told at once; behind so many nobody reads on. */
const MOST_FAULTS = 20;
const PLACEHOLDER = /\{\{((?:"(?:[^"\\]|\\.)*"|[^"{}])*)\}\}/y;
const INNER = /^\s*([a-z]+)\.([A-Za-z0-9_-]{1,64})\s*(?:\|\s*default\s*:\s*"((?:[^"\\]|\\.)*)"\s*)?$/;

/** Reads a macro's text: `{{namespace.name}}` or `{{namespace.name|default:"words"}}`, in which `\"` is a quotation mark. Single braces are text. */
export function parse(text: string): { pieces: Piece[]; faults: Fault[] } {
  const pieces: Piece[] = [];
  const faults: Fault[] = [];
  let done = 0;
  for (let at = text.indexOf('{{'); at >= 0 && faults.length < MOST_FAULTS; at = text.indexOf('{{', done)) {
    if (at > done) pieces.push({ kind: 'text', text: text.slice(done, at) });
    PLACEHOLDER.lastIndex = at;
    const [whole, inner] = PLACEHOLDER.exec(text) ?? ['{{', null];
    const piece = inner === null ? 'is not closed, or holds braces' : read(inner, whole, at);
    if (typeof piece === 'string') faults.push({ at, message: `${whole.slice(0, 80)} at character ${at + 1} ${piece}` });
    else pieces.push(piece);
    done = at + whole.length;
  }
  if (done < text.length) pieces.push({ kind: 'text', text: text.slice(done) });
  return { pieces, faults };
}

function read(inner: string, written: string, at: number): Piece | string {
  const [, namespace = '', name = '', quoted] = INNER.exec(inner) ?? [];
  if (!namespace) return 'is no placeholder such as {{profile.first_name|default:"there"}}';
  if (namespace === 'coupon') return quoted === undefined ? { kind: 'coupon', pool: name, written, at } : 'takes no default: a coupon is there or nothing is sent';
  const path = `${namespace}.${name}`;
  if (!PATHS.has(path)) return 'is not known';
  return { kind: 'value', path, fallback: quoted === undefined ? null : quoted.replace(/\\(.)/g, '$1'), at };
}

/** The pools that a text takes codes from, each once. */
export const poolsIn = (pieces: readonly Piece[]): string[] => [...new Set(pieces.flatMap((piece) => (piece.kind === 'coupon' ? [piece.pool] : [])))];

/**
 * Fills a text. Values are never read as placeholders again: what a customer calls themselves opens no braces. `codes`: by pool; where there is none, the
 * placeholder stays as it was written. `missing`: what had neither a value nor a default.
 */
export function fill(pieces: readonly Piece[], values: Readonly<Record<string, string | null | undefined>>, codes: ReadonlyMap<string, string>): { text: string; missing: string[] } {
  const missing: string[] = [];
  const words = pieces.map((piece) => {
    if (piece.kind === 'text') return piece.text;
    if (piece.kind === 'coupon') return codes.get(piece.pool) ?? piece.written;
    const value = values[piece.path]?.trim() || piece.fallback;
    if (value === null || value === undefined) missing.push(piece.path);
    return harmless(value ?? '');
  });
  return { text: words.join(''), missing: [...new Set(missing)] };
}

/** A preview comes back as the text of a reply: no value may have become a placeholder by then. */
const harmless = (value: string) => value.replace(/\{(?=\{)/g, '{ ');

/** First and last name as far as a name tells them. */
export function namesOf(name: string | null): { first: string | null; last: string | null } {
  const words = name?.trim().split(/\s+/).filter(Boolean) ?? [];
  return { first: words[0] ?? null, last: words.length > 1 ? words.slice(1).join(' ') : null };
}
