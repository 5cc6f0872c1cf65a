import { createHash } from 'node:crypto';

/** What of an entry the chain holds fast. */
export type Linked = { id: string; at: string; actorType: string; actorId: string | null; action: string; resource: string; before: unknown; after: unknown; address: string | null; place: number };

/** Where every chain begins. */
export const FIRST = Buffer.alloc(32);

/** SHA-256 over the entry before and this one, with its fields in one order: whoever changes, adds or takes away an entry changes every hash after it (ACC-6). */
export const linkOf = (previous: Buffer, entry: Linked): Buffer => createHash('sha256').update(previous).update(JSON.stringify(inOrder(entry))).digest();

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value).filter(([, inner]) => inner !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, inOrder(inner)]);
};
