import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';

const words = new Map<string, string>();
const camel = (column: string) => {
  let word = words.get(column);
  if (!word) words.set(column, (word = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())));
  return word;
};

/** Runs plain, prepared SQL on the transaction's connection; rows come with their columns in camelCase. */
export async function rows<R extends object>(tx: Pick<Tx, 'sql'>, text: string, values: unknown[] = []): Promise<R[]> {
  const found = await tx.sql<Record<string, unknown>>(text, values);
  return found.map((row) => {
    const one: Record<string, unknown> = {};
    for (const column in row) one[camel(column)] = row[column];
    return one as R;
  });
}

/** `$from, $from+1, …`: placeholders for so many values. */
export const placeholders = (count: number, from = 1) => Array.from({ length: count }, (_, n) => `$${from + n}`).join(', ');

/** Cuts a page out of what was found, which is one more than fits if there is another page; `placeOf` says where a row stands in the order. */
export function pageOf<T, W>(found: T[], limit: number, placeOf: (row: T) => string[], show: (row: T) => W): { items: W[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(show), nextCursor: found.length > limit && last ? cursorAt(placeOf(last)) : null };
}

/** The cursor of what stands behind a place. */
export const cursorAt = (place: readonly string[]) => Buffer.from(JSON.stringify(place)).toString('base64url');

const KEY = /^(\d{1,4}|infinity|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The place that a cursor names, of so many keys and an id. Refuses with VALIDATION_FAILED what is no cursor of this list. */
export function placeIn(cursor: string | undefined, keys: number): string[] | null {
  if (cursor === undefined) return null;
  const place = parsed(cursor);
  if (Array.isArray(place) && place.length === keys + 1 && place.every((part, n) => typeof part === 'string' && (n < keys ? KEY : ID).test(part))) return place as string[];
  throw new ContractError('VALIDATION_FAILED', 'Not a cursor of this list', { errors: [{ pointer: '/cursor', message: 'is no nextCursor of this list in this order' }] });
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}

/** A page of a list by name, where `found` is one more than fits if there is another page. */
export function namePage<T, W>(found: T[], limit: number, nameOf: (row: T) => string, show: (row: T) => W): { items: W[]; nextCursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(show), nextCursor: found.length > limit && last ? Buffer.from(nameOf(last)).toString('base64url') : null };
}
/** The name behind which the next page begins. */
export const nameCursor = (cursor: string | undefined): string | null => (cursor === undefined ? null : storable(Buffer.from(cursor, 'base64url').toString()));
const storable = (text: string) => text.replaceAll('\0', '').slice(0, 512);

/** A pattern of LIKE that finds `words` anywhere, whatever signs they hold. */
export const holding = (words: string | undefined): string | null => (words === undefined ? null : `%${words.replace(/[\\%_]/g, '\\$&')}%`);
