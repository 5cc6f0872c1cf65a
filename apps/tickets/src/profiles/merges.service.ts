import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { profileEvents, type Profile } from '@parley/contracts/profiles';
import { profileMergeEvents, type ProfileMerge, type profileMerges } from '@parley/contracts/profile-merges';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { recordThing } from '../tickets.audit.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { ConsentsService } from './consents.service.js';
import { MergedTicketsService } from './merged-tickets.service.js';
import { MergesRepository, toMerge, type MergeEntity } from './merges.repository.js';
import { gainOf, give, takeBack } from './profile.rules.js';
import { toProfile, type ProfileEntity } from './profile.entity.js';
import { ProfilesRepository } from './profiles.repository.js';

/** Two profiles that a person found to be one customer, and how they part again (PRO-7). */
@Injectable()
export class MergesService {
  constructor(
    private readonly db: DataSource,
    private readonly merges: MergesRepository,
    private readonly profiles: ProfilesRepository,
    private readonly consents: ConsentsService,
    private readonly tickets: MergedTicketsService,
  ) {}

  merge({ id, intoId }: Input<typeof profileMerges.merge>, by: Actor): Promise<ProfileMerge> {
    return within(
      this.db, by,
      async (tx) => {
        if (id === intoId) throw refused('same_profile');
        const { from, into } = await this.lockBoth(tx, id, intoId);
        if (from.mergedInto !== null || into.mergedInto !== null) throw refused('already_merged');
        if (from.blocked !== into.blocked) throw refused('blocked_differs');
        return this.join(tx, from, into);
      },
      async (tx, mergeId) => toMerge((await this.merges.find(tx, mergeId))!),
    );
  }

  undo({ id }: Input<typeof profileMerges.undo>, by: Actor): Promise<ProfileMerge> {
    return within(this.db, by, async (tx) => {
      const merge = await this.merges.find(tx, id, 'FOR UPDATE');
      if (!merge) throw new ContractError('MERGE_NOT_FOUND', `No merge ${id}`);
      if (merge.undoneAt !== null) throw refused('already_undone');
      const { from, into } = await this.lockBoth(tx, merge.fromId, merge.intoId);
      if (into.mergedInto !== null) throw refused('merged_further');
      return this.part(tx, merge, from, into);
    });
  }

  list({ id, limit, cursor }: Input<typeof profileMerges.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.profiles.find(tx, id);
      return pageOf(await this.merges.page(tx, profile.id, placeIn(cursor, 1), limit + 1), limit, (merge) => [merge.at.toISOString(), merge.id], toMerge);
    });
  }

  private async join(tx: Tx, from: ProfileEntity, into: ProfileEntity): Promise<ProfileMerge> {
    const before = toProfile(into);
    const moving = await this.tickets.lockBoth(tx, from.id, into.id);
    const aside = await this.merges.setAside(tx, from.id, into.id);
    await this.merges.follow(tx, from.id, into.id);
    const gained = gainOf(from, into);
    give(from, into, gained);
    const merge = await this.merges.create(tx, { fromId: from.id, intoId: into.id, gained, aside });
    await this.profiles.save(tx, Object.assign(from, { mergedInto: into.id }));
    const after = await this.keep(tx, into, before);
    await this.tickets.tell(tx, moving, into);
    announce(tx, profileMergeEvents.merged, { key: into.id, data: { merge: toMerge(merge), profile: after } });
    recordThing(tx, 'profile-merge', null, toMerge(merge));
    return toMerge(merge);
  }

  private async part(tx: Tx, merge: MergeEntity, from: ProfileEntity, into: ProfileEntity): Promise<ProfileMerge> {
    const before = { from: toProfile(from), into: toProfile(into) };
    const family = await this.merges.family(tx, from.id);
    const tickets = await this.tickets.lockOf(tx, into.id);
    await this.merges.comeBack(tx, from.id, into.id, family);
    const back = (await this.profiles.itself(tx, from.id)).identifiers;
    const stays = (await this.profiles.itself(tx, into.id)).identifiers;
    const parted = this.tickets.part(tickets, { family, since: merge.at, back, stays });
    await this.merges.giveTickets(tx, parted.back.map(({ ticket }) => ticket.id), from.id);
    await this.merges.putBack(tx, merge.aside);
    takeBack(from, into, merge.gained);
    const revoked = await this.merges.revokedSince(tx, into.id, merge.at);
    await this.merges.undo(tx, merge.id);
    Object.assign(from, { mergedInto: null, blocked: into.blocked, identifiers: back });
    await this.keep(tx, from, before.from);
    const after = await this.keep(tx, Object.assign(into, { identifiers: stays }), before.into);
    await this.tickets.tell(tx, parted.back, from);
    await this.tickets.tell(tx, parted.stay, into);
    // Whoever said no while they were one has said it for both.
    const lost = revoked.filter((kind) => from.consents[kind] !== 'revoked');
    await this.consents.record(tx, from, lost.map((kind) => ({ kind, state: 'revoked' as const, source: 'merge_undone', evidence: merge.id })));
    const undone = toMerge({ ...merge, undoneAt: tx.at });
    announce(tx, profileMergeEvents.unmerged, { key: into.id, data: { merge: undone, profile: after } });
    recordThing(tx, 'profile-merge', toMerge(merge), undone);
    return undone;
  }

  /** Saves the profile with what its ledger and its identifiers say by now. */
  private async keep(tx: Tx, profile: ProfileEntity, before: Profile): Promise<Profile> {
    profile.consents = await this.merges.consents(tx, profile.id);
    profile.identifiers = (await this.profiles.itself(tx, profile.id)).identifiers;
    await this.profiles.save(tx, profile);
    announce(tx, profileEvents.updated, { key: profile.id, before, data: toProfile(profile) });
    return toProfile(profile);
  }

  /** In the order of their ids, so that two who merge the same two do not wait for each other. */
  private async lockBoth(tx: Tx, fromId: string, intoId: string): Promise<{ from: ProfileEntity; into: ProfileEntity }> {
    const lock = (id: string) => this.profiles.itself(tx, id, 'FOR UPDATE OF p');
    const isFromFirst = fromId < intoId;
    const first = await lock(isFromFirst ? fromId : intoId);
    const second = await lock(isFromFirst ? intoId : fromId);
    return isFromFirst ? { from: first, into: second } : { from: second, into: first };
  }
}

const refused = (reason: string) => new ContractError('MERGE_NOT_ALLOWED', `Cannot: ${reason}`, { reason });
