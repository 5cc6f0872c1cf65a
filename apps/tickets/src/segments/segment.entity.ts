import type { Condition, Segment } from '@parley/contracts/segments';
import { withoutWords } from '../tickets.audit.js';

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

/** As the audit log may keep it: what is asked, but nobody's name, address or number. */
export const toAudited = ({ id, name, condition, version }: SegmentEntity) => ({ id, name, condition: withoutWords(condition, ['value']), version });
