import { storable } from '../inbound/content.rules.js';

/** An object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a body says; null: it is no JSON object. */
export function parsed(body: Buffer): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** As an object; what is none has no fields. */
export const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {});

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Words as they can be stored, and no longer than `max` characters; null: there are none. */
export const words = (value: unknown, max = 4000): string | null => (typeof value === 'string' && value ? storable(value.slice(0, max)) : null);

/** An id as text, whether it was sent as text or as a number. */
export const idIn = (value: unknown): string | null => (typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : words(value, 512));

/** An address of the web; anything else (`javascript:`) is none. */
export function linkIn(value: unknown): string | null {
  const link = words(value, 2049);
  return link && link.length <= 2048 && /^https?:\/\/[^\s]+$/i.test(link) ? link : null;
}

/** RFC 3339 from milliseconds since 1970; null: no such time. */
export function instantIn(ms: unknown): string | null {
  const time = typeof ms === 'string' && /^\d{1,15}$/.test(ms) ? Number(ms) : ms;
  return typeof time === 'number' && time > 0 && time < 253_402_300_800_000 ? new Date(Math.trunc(time)).toISOString() : null;
}

const VERBATIM_BYTES = 8192;

/** An object as it was sent, where it can be stored and is not oversized; else an empty one. */
export function verbatim(value: unknown): Record<string, unknown> {
  const text = JSON.stringify(fields(value));
  if (text.length > VERBATIM_BYTES) return {};
  return JSON.parse(text, (key, one: unknown) => (storable(key) !== key ? undefined : typeof one === 'string' ? storable(one) : one)) as Record<string, unknown>;
}
