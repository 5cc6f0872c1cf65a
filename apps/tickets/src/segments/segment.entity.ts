import type { Condition, Segment } from '@parley/contracts/segments';

/** A segment's row, with how many are in it. */
export type SegmentEntity = { id: string; name: string; condition: Condition; members: number; computedAt: Date | null; createdAt: Date; version: number };

export const toSegment = (segment: SegmentEntity): Segment => ({
  id: segment.id,
  name: segment.name,
  condition: segment.condition,
  members: segment.members,
  computedAt: segment.computedAt?.toISOString() ?? null,
  createdAt: segment.createdAt.toISOString(),
  version: segment.version,
});
