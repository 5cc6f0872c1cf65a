import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import { profileEvents } from '@parley/contracts/profiles';
import { announce, type Tx } from '@parley/service/tx';
import { spelled, toLearn } from './identifier.rules.js';
import { toProfile, type ProfileEntity } from './profile.entity.js';
import { ProfilesRepository } from './profiles.repository.js';

/** What a message says of the person who wrote it. */
export type Introduction = { from: Identifier[]; name: string | null; locale: string | null };

/** Who is who (PRO-1), for the other features. */
@Injectable()
export class IdentityService {
  constructor(private readonly profiles: ProfilesRepository) {}

  /** The person's new profile, or nothing where somebody has just become known by the same identifier: look again. */
  async meet(tx: Tx, { from, name, locale }: Introduction): Promise<ProfileEntity | undefined> {
    const profile = await this.profiles.create(tx, { identifier: spelled(from[0]!), name, locale, timezone: null });
    if (!profile) return undefined;
    await this.learn(tx, profile, from);
    announce(tx, profileEvents.created, { key: profile.id, data: toProfile(profile) });
    return profile;
  }

  /** Remembers what the message tells that was not known: proven identifiers that nobody holds, and a name. */
  async hearOf(tx: Tx, known: Pick<ProfileEntity, 'id' | 'name' | 'identifiers'>, { from, name }: Introduction): Promise<void> {
    const news = toLearn(from, known.identifiers);
    const isNamed = known.name === null && name !== null;
    if (!news.length && !isNamed) return;
    const profile = await this.profiles.lock(tx, known.id);
    const before = toProfile(profile);
    const learnt = await this.learn(tx, profile, from);
    if (!learnt && !isNamed) return;
    profile.name ??= name;
    known.name = profile.name;
    await this.profiles.save(tx, profile);
    announce(tx, profileEvents.updated, { key: profile.id, before, data: toProfile(profile) });
  }

  /** Is the profile blocked, beyond what was read before? It stays so until this transaction ends. */
  isBlocked(tx: Tx, id: string): Promise<boolean> {
    return this.profiles.isBlocked(tx, id);
  }

  /** Where mail reaches the person: a proven address before a claimed one. */
  async emailOf(tx: Tx, id: string): Promise<string | null> {
    const emails = (await this.profiles.find(tx, id)).identifiers.filter(({ type }) => type === 'email');
    return (emails.find(({ verified }) => verified) ?? emails[0])?.value ?? null;
  }

  /** The person's language, if it is known. */
  async localeOf(tx: Tx, id: string): Promise<string | null> {
    return (await this.profiles.find(tx, id)).locale;
  }

  private async learn(tx: Tx, profile: ProfileEntity, from: Identifier[]): Promise<boolean> {
    const news = toLearn(from, profile.identifiers);
    const learnt = news.length ? await this.profiles.learn(tx, profile.id, news) : [];
    profile.identifiers = [...profile.identifiers, ...learnt];
    return learnt.length > 0;
  }
}
