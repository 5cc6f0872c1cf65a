import type { InboundMessage } from '../adapter.js';

/** Content that travels in facts; what is longer is cut here and whole in the raw bytes. */
export const CONTENT_BYTES = 65_536;

/** What Postgres can hold: no NUL, no half of a surrogate pair. */
export const storable = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD');

/** The same with every text in it storable, whatever depth and name it has; bytes stay bytes. */
export function allStorable<T>(value: T): T {
  if (typeof value === 'string') return storable(value) as T;
  if (Array.isArray(value)) return value.map(allStorable) as T;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [storable(name), allStorable(inner as unknown)])) as T;
}

const storableOr = <T extends string | null | undefined>(text: T) => (typeof text === 'string' ? storable(text) : null);

/** Cuts at a character, never inside one. */
export function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const whole = Buffer.from(text);
  if (whole.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && (whole[end]! & 0xc0) === 0x80) end--;
  return whole.subarray(0, end).toString();
}

/** The message as it is stored and announced: storable, and text, new text and HTML together no longer than CONTENT_BYTES. What does not fit beside the text is left out. */
export function contentOf(message: InboundMessage) {
  const [whole, html] = [storable(message.text), storableOr(message.html)];
  const text = cut(whole, CONTENT_BYTES);
  const fresh = storableOr(message.newText);
  const left = CONTENT_BYTES - Buffer.byteLength(text);
  const newText = fresh !== null && Buffer.byteLength(fresh) <= left ? fresh : null;
  const htmlFits = html === null || Buffer.byteLength(html) + Buffer.byteLength(newText ?? '') <= left;
  return {
    from: message.from.map((one) => ({ ...one, value: storable(one.value) })),
    name: storableOr(message.name),
    locale: message.locale ?? null,
    sessionId: message.sessionId ?? null,
    threadId: message.threadId ?? null,
    subject: storableOr(message.subject)?.slice(0, 998) ?? null,
    text,
    html: htmlFits ? html : null,
    newText,
    truncated: text.length < whole.length || !htmlFits,
    automatic: message.automatic ?? null,
    note: storableOr(message.note),
    details: allStorable(message.details ?? []),
  };
}
