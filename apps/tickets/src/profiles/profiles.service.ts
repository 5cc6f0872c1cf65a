import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { profileEvents, type profiles } from '@parley/contracts/profiles';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { TicketsService } from '../ticket/tickets.service.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { ConsentsService } from './consents.service.js';
import { spelled } from './identifier.rules.js';
import { toConsent, toProfile, type ProfileEntity } from './profile.entity.js';
import { ProfilesRepository } from './profiles.repository.js';

/** The account's customers. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly db: DataSource,
    private readonly profiles: ProfilesRepository,
    private readonly consentsOf: ConsentsService,
    private readonly tickets: TicketsService,
  ) {}

  list({ limit, cursor, ...filter }: Input<typeof profiles.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const found = await this.profiles.page(tx, identifiersOf(filter), placeIn(cursor, 0), limit + 1);
      return pageOf(found, limit, ({ id }) => [id], toProfile);
    });
  }

  get({ id }: Input<typeof profiles.get>, by: Actor) {
    return within(this.db, by, async (tx) => toProfile(await this.profiles.find(tx, id)));
  }

  /** Finds the customer by any of the identifiers, or makes one. Refuses to join two (PRO-1). */
  upsert(input: Input<typeof profiles.upsert>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => toProfile(await this.put(tx, input)),
      async (tx, id) => toProfile(await this.profiles.find(tx, id)),
    );
  }

  consents({ id, limit, cursor }: Input<typeof profiles.consents>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.profiles.find(tx, id);
      const found = await this.profiles.ledgerPage(tx, id, placeIn(cursor, 1), limit + 1);
      return pageOf(found, limit, (entry) => [entry.at.toISOString(), entry.id], toConsent);
    });
  }

  setConsent({ id, ...consent }: Input<typeof profiles.setConsent>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.profiles.lock(tx, id);
      await this.consentsOf.record(tx, profile, [consent]);
      return toProfile(profile);
    });
  }

  block({ id }: Input<typeof profiles.block>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.setBlocked(tx, id, true);
      await this.tickets.closeAllOf(tx, id);
      return toProfile(profile);
    });
  }

  unblock({ id }: Input<typeof profiles.unblock>, by: Actor) {
    return within(this.db, by, async (tx) => toProfile(await this.setBlocked(tx, id, false)));
  }

  private async setBlocked(tx: Tx, id: string, blocked: boolean): Promise<ProfileEntity> {
    const profile = await this.profiles.lock(tx, id);
    if (profile.blocked === blocked) return profile;
    const before = toProfile(profile);
    profile.blocked = blocked;
    await this.profiles.save(tx, profile);
    announce(tx, profileEvents.blocked, { key: id, before, data: toProfile(profile) });
    return profile;
  }

  private async put(tx: Tx, input: Input<typeof profiles.upsert>): Promise<ProfileEntity> {
    const identifiers = identifiersOf(input);
    if (!identifiers.length) throw new ContractError('VALIDATION_FAILED', 'Who is it?', { errors: [{ pointer: '', message: 'give externalId, email or phone' }] });
    const holders = await this.profiles.holders(tx, identifiers);
    if (holders.length > 1) throw taken();
    return holders[0] ? this.change(tx, holders[0], input, identifiers) : this.make(tx, input, identifiers);
  }

  private async make(tx: Tx, input: Input<typeof profiles.upsert>, identifiers: Identifier[]): Promise<ProfileEntity> {
    const { name = null, locale = null, timezone = null } = input;
    const profile = await this.profiles.create(tx, { identifier: identifiers[0]!, name, locale, timezone });
    if (!profile) return this.put(tx, input);
    profile.identifiers.push(...(await this.profiles.learn(tx, profile.id, identifiers.slice(1))));
    if (profile.identifiers.length < identifiers.length) throw taken();
    announce(tx, profileEvents.created, { key: profile.id, data: toProfile(profile) });
    return profile;
  }

  private async change(tx: Tx, id: string, input: Input<typeof profiles.upsert>, identifiers: Identifier[]): Promise<ProfileEntity> {
    const profile = await this.profiles.lock(tx, id);
    const before = toProfile(profile);
    if (input.externalId !== undefined && before.externalId !== null && before.externalId !== input.externalId) throw taken();
    const news = identifiers.filter((one) => !profile.identifiers.some((has) => has.type === one.type && has.value === one.value));
    const learnt = news.length ? await this.profiles.learn(tx, id, news) : [];
    if (learnt.length < news.length) throw taken();
    profile.identifiers.push(...learnt);
    const { name = profile.name, locale = profile.locale, timezone = profile.timezone } = input;
    Object.assign(profile, { name, locale, timezone });
    if (JSON.stringify(before) === JSON.stringify(toProfile(profile))) return profile;
    await this.profiles.save(tx, profile);
    announce(tx, profileEvents.updated, { key: id, before, data: toProfile(profile) });
    return profile;
  }
}

/** What the brand's backend says of somebody counts as proven. */
const identifiersOf = ({ externalId, email, phone }: { externalId?: string; email?: string; phone?: string }): Identifier[] =>
  [
    { type: 'visitor' as const, value: externalId },
    { type: 'email' as const, value: email },
    { type: 'phone' as const, value: phone },
  ].flatMap(({ type, value }) => (value === undefined ? [] : [spelled({ type, value, verified: true })]));

const taken = () => new ContractError('IDENTIFIER_TAKEN', 'Another profile holds one of these identifiers');
