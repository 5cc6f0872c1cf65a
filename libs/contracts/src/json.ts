import { z } from 'zod';

type Bounds = { keys: number; bytes: number; depth: number };

/** An object of anything that JSON can say, within bounds: keys of 1 to 64 characters, size as written in UTF-8, nothing that Postgres cannot hold. */
export const jsonObject = ({ keys, bytes, depth }: Bounds) =>
  z
    .record(z.string(), z.unknown())
    .refine((object) => Object.keys(object).length <= keys, `holds more than ${keys} properties`)
    .refine((object) => Object.keys(object).every((key) => key.length >= 1 && key.length <= 64), 'has a property whose name is empty or longer than 64 characters')
    .refine((object) => depthOf(object, depth) <= depth, `is nested deeper than ${depth} levels`)
    .refine((object) => new TextEncoder().encode(JSON.stringify(object)).length <= bytes, `is larger than ${bytes} bytes`)
    .refine(isStorable, 'holds a character that cannot be stored (NUL or half a surrogate pair)');

/** How many objects and lists stand inside one another; does not look further than one beyond `most`. */
function depthOf(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (most === 0) return 1;
  return 1 + Object.values(value).reduce<number>((deepest, inner) => Math.max(deepest, depthOf(inner, most - 1)), 0);
}

/** Is every text in it, names included, one that Postgres can hold? */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !/[\0\p{Surrogate}]/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}
