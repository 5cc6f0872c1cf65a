import type { Tag, Tagging, TagOrigin } from '@parley/contracts/tags';

export type TagEntity = { id: string; name: string; key: string; createdAt: Date; version: number };
export type TaggingEntity = { tagId: string; name: string; nameThen: string; origin: TagOrigin; byId: string | null; at: Date; removedAt: Date | null; removedBy: string | null };

export const toTag = ({ id, name, createdAt, version }: TagEntity): Tag => ({ id, name, createdAt: createdAt.toISOString(), version });

export const toTagging = ({ byId, at, removedAt, ...tagging }: TaggingEntity): Tagging => ({
  ...tagging, by: byId, at: at.toISOString(), removedAt: removedAt?.toISOString() ?? null,
});
