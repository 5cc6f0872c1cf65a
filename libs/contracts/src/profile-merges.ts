import { z } from 'zod';
import { Id, Instant, PageInput, page, request } from './contract.js';
import { event } from './events.js';
import { Profile } from './profiles.js';

/** PRO-7: two profiles that a person found to be one customer. */
export const ProfileMerge = z
  .object({ id: Id, fromId: Id, intoId: Id, mergedBy: Id.nullable(), at: Instant, undoneAt: Instant.nullable() })
  .meta({ id: 'ProfileMerge' });
export type ProfileMerge = z.infer<typeof ProfileMerge>;

export const profileMerges = {
  merge: request({
    subject: 'tickets.profile-merge.create', http: 'POST /v1/profiles/:id/merge', status: 201, scope: 'profiles:write',
    summary: 'Two profiles are one customer (PRO-7): identifiers, consents, tickets, events and campaign messages follow into the other, whose own values stay; the old id answers as the new one. Where both had the one thread of a number, the older one receives nothing more; of two live chats the older one closes',
    input: z.strictObject({ id: Id, intoId: Id }), output: ProfileMerge, errors: ['PROFILE_NOT_FOUND', 'MERGE_NOT_ALLOWED'],
  }),
  undo: request({
    subject: 'tickets.profile-merge.undo', http: 'DELETE /v1/profile-merges/:id', scope: 'profiles:write',
    summary: 'They are two after all: what had followed goes back. What was revoked meanwhile stays revoked for both',
    input: z.strictObject({ id: Id }), output: ProfileMerge, errors: ['MERGE_NOT_FOUND', 'MERGE_NOT_ALLOWED'],
  }),
  list: request({
    subject: 'tickets.profile-merge.list', http: 'GET /v1/profiles/:id/merges', scope: 'profiles:read', summary: 'Who was merged into this profile, newest first',
    input: z.strictObject({ id: Id, ...PageInput }), output: page(ProfileMerge), errors: ['PROFILE_NOT_FOUND'],
  }),
};

const Merged = z.object({ merge: ProfileMerge, profile: Profile.describe('The one that stays') });
export const profileMergeEvents = {
  merged: event({ type: 'profile.merged', service: 'tickets', version: 1, public: true, summary: 'Two profiles became one customer', data: Merged }),
  unmerged: event({ type: 'profile.unmerged', service: 'tickets', version: 1, public: true, summary: 'A merge of profiles was undone', data: Merged }),
};
