import { v7 } from 'uuid';

/** Partitions of every log. Stored with the aggregate, so that the number may grow later (messaging.md D4). */
export const PARTITIONS = 16;

/** A new id: UUIDv7, so that ids made later sort later. */
export const newId = (): string => v7();

/** Partition of what must stay in order: FNV-1a of `account/key`, 32 bit, over the UTF-8 bytes. */
export function partitionOf(account: string, key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${account}/${key}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % PARTITIONS;
}
