import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import { profileEvents, type Profile } from '@parley/contracts/profiles';
import type { ProfileRef } from '@parley/contracts/customer-events';
import { announce, type Tx } from '@parley/service/tx';
import { TombstonesService } from '../privacy/tombstones.service.js';
import { spelled, toLearn } from './identifier.rules.js';
import { toProfile, type ProfileEntity } from './profile.entity.js';
import { ProfilesRepository } from './profiles.repository.js';

/** What a message says of the person who wrote it. */
export type Introduction = { from: Identifier[]; name: string | null; locale: string | null };

/** Who is who (PRO-1), for the other features. */
@Injectable()
export class IdentityService {
  constructor(private readonly profiles: ProfilesRepository, private readonly tombstones: TombstonesService) {}

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

  /** A name, from the provider, for somebody who has none. */
  async introduced(tx: Tx, identifier: Identifier, name: string): Promise<void> {
    const [id] = (await this.profiles.byIdentifier(tx, [spelled(identifier)])).values();
    const profile = id === undefined ? null : await this.profiles.lock(tx, id);
    if (!profile || profile.name !== null) return;
    const before = toProfile(profile);
    profile.name = name;
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

  /** The customer; one who was merged is the one they were merged into. Refuses with PROFILE_NOT_FOUND. */
  find(tx: Tx, id: string): Promise<ProfileEntity> {
    return this.profiles.find(tx, id);
  }

  /** As `find`; nobody else can change the customer, or open a ticket of theirs, until the transaction ends. */
  lock(tx: Tx, id: string): Promise<ProfileEntity> {
    return this.profiles.lock(tx, id);
  }

  /** The customers of these ids, in the order of their ids. */
  async known(tx: Tx, ids: string[]): Promise<Profile[]> {
    return (await this.profiles.some(tx, ids)).map(toProfile);
  }

  /** Whom each reference names, in their order; undefined for an id of nobody, or an identifier of somebody who was erased. Who is unknown by another identifier becomes known. A few round trips, however many they are. */
  async people(tx: Tx, refs: ProfileRef[]): Promise<(string | undefined)[]> {
    const wanted = refs.map(wantedOf);
    const ids = await this.profiles.standing(tx, unique(wanted.flatMap((one) => (typeof one === 'string' ? [one] : []))));
    const identifiers = [...new Map(wanted.flatMap((one) => (typeof one === 'string' ? [] : [[keyOf(one), one] as const]))).values()];
    const held = identifiers.length ? await this.profiles.byIdentifier(tx, identifiers) : new Map<string, string>();
    const strangers = await this.tombstones.living(tx, identifiers.filter((one) => !held.has(keyOf(one))));
    if (strangers.length) {
      for (const profile of await this.profiles.createAll(tx, strangers)) announce(tx, profileEvents.created, { key: profile.id, data: toProfile(profile) });
      for (const [key, id] of await this.profiles.byIdentifier(tx, strangers)) held.set(key, id);
    }
    return wanted.map((one) => (typeof one === 'string' ? ids.get(one) : held.get(keyOf(one))));
  }

  /** Whom a message of the brand's went to, known by any of these; whoever was unknown becomes known by the first. Null for somebody who was erased. */
  async addressee(tx: Tx, to: Identifier[]): Promise<string | null> {
    const identifiers = to.map(spelled);
    const holderOf = async () => {
      const held = await this.profiles.byIdentifier(tx, identifiers);
      return identifiers.map((one) => held.get(keyOf(one))).find((id) => id !== undefined);
    };
    const known = await holderOf();
    if (known) return known;
    if ((await this.tombstones.living(tx, identifiers)).length < identifiers.length) return null;
    for (const profile of await this.profiles.createAll(tx, [identifiers[0]!])) announce(tx, profileEvents.created, { key: profile.id, data: toProfile(profile) });
    return (await holderOf())!;
  }

  private async learn(tx: Tx, profile: ProfileEntity, from: Identifier[]): Promise<boolean> {
    const news = toLearn(from, profile.identifiers);
    const learnt = news.length ? await this.profiles.learn(tx, profile.id, news) : [];
    profile.identifiers = [...profile.identifiers, ...learnt];
    return learnt.length > 0;
  }
}

const keyOf = ({ type, value }: Identifier) => `${type} ${value}`;
const unique = (ids: string[]) => [...new Set(ids)];

/** An id, or an identifier as it is kept; what the brand's backend says of somebody counts as proven. */
function wantedOf({ id, externalId, email, phone }: ProfileRef): string | Identifier {
  if (id !== undefined) return id;
  if (externalId !== undefined) return spelled({ type: 'visitor', value: externalId, verified: true });
  return spelled(email !== undefined ? { type: 'email', value: email, verified: true } : { type: 'phone', value: phone!, verified: true });
}
