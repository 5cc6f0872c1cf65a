import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Identifier } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { profileEvents, type NewIdentifier, type Profile, type profiles } from '@parley/contracts/profiles';
import { recordChange } from '@parley/service/audit';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { TombstonesService } from '../privacy/tombstones.service.js';
import { TicketsService, toTicket } from '../ticket/tickets.service.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { ConsentsService } from './consents.service.js';
import { sameIdentifier, spelled } from './identifier.rules.js';
import { changedProperties, takeOver } from './profile.rules.js';
import { toConsent, toProfile, toQuarantined, type ProfileEntity } from './profile.entity.js';
import { ProfilesRepository } from './profiles.repository.js';

/** The account's customers. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly db: DataSource,
    private readonly profiles: ProfilesRepository,
    private readonly consentsOf: ConsentsService,
    private readonly ticketsOf: TicketsService,
    private readonly tombstones: TombstonesService,
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

  /** Changes the customer. Identifiers are taken away before others are added, so that one may take the place of another. */
  update({ id, ifMatch, addIdentifiers, removeIdentifiers, ...wishes }: Input<typeof profiles.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.profiles.lock(tx, id);
      const before = toProfile(profile);
      if (profile.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${profile.version}`, { current: before });
      const gone = removeIdentifiers.map(identifierOf);
      if (gone.length) await this.profiles.forget(tx, profile.id, gone);
      profile.identifiers = profile.identifiers.filter((has) => !gone.some((one) => sameIdentifier(has, one)));
      await this.learn(tx, profile, addIdentifiers.map(identifierOf));
      takeOver(profile, wishes);
      return this.settle(tx, profile, before);
    });
  }

  tickets({ id, limit, cursor }: Input<typeof profiles.tickets>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.profiles.find(tx, id);
      const found = await this.ticketsOf.ofProfile(tx, profile.id, placeIn(cursor, 0)?.[0] ?? null, limit + 1);
      return pageOf(found, limit, (ticket) => [ticket.id], (ticket) => toTicket(ticket, tx.at));
    });
  }

  quarantine({ id, limit, cursor }: Input<typeof profiles.quarantine>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.profiles.find(tx, id);
      const found = await this.profiles.quarantine(tx, profile.id, placeIn(cursor, 1), limit + 1);
      return pageOf(found, limit, (one) => [one.at.toISOString(), one.id], toQuarantined);
    });
  }

  consents({ id, limit, cursor }: Input<typeof profiles.consents>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.profiles.find(tx, id);
      const found = await this.profiles.ledgerPage(tx, profile.id, placeIn(cursor, 1), limit + 1);
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
      await this.ticketsOf.closeAllOf(tx, profile.id);
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
    announce(tx, profileEvents.blocked, { key: profile.id, before, data: toProfile(profile) });
    recordChange(tx, auditEvents.tickets, { action: blocked ? 'profile.blocked' : 'profile.unblocked', resource: `profile/${profile.id}`, before: { blocked: before.blocked }, after: { blocked } });
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
    await this.tombstones.refuse(tx, identifiers);
    const { name = null, locale = null, timezone = null, location = null, properties = {} } = input;
    const profile = await this.profiles.create(tx, { identifier: identifiers[0]!, name, locale, timezone, location, properties: changedProperties({}, properties) });
    if (!profile) return this.put(tx, input);
    profile.identifiers.push(...(await this.profiles.learn(tx, profile.id, identifiers.slice(1))));
    if (profile.identifiers.length < identifiers.length) throw taken();
    announce(tx, profileEvents.created, { key: profile.id, data: toProfile(profile) });
    return profile;
  }

  private async change(tx: Tx, id: string, input: Input<typeof profiles.upsert>, identifiers: Identifier[]): Promise<ProfileEntity> {
    const profile = await this.profiles.lock(tx, id);
    const before = toProfile(profile);
    await this.learn(tx, profile, identifiers);
    takeOver(profile, input);
    await this.settle(tx, profile, before);
    return profile;
  }

  /** Gives the profile what it does not have. A second external id is refused: it would be another person (PRO-1). */
  private async learn(tx: Tx, profile: ProfileEntity, identifiers: Identifier[]): Promise<void> {
    const news = identifiers.filter((one) => !profile.identifiers.some((has) => sameIdentifier(has, one)));
    if (news.some(({ type }) => type === 'visitor') && profile.identifiers.some(({ type, verified }) => type === 'visitor' && verified)) throw taken();
    await this.tombstones.refuse(tx, news);
    const learnt = news.length ? await this.profiles.learn(tx, profile.id, news) : [];
    if (learnt.length < news.length) throw taken();
    profile.identifiers.push(...learnt);
  }

  /** How every change ends: where something is different, the next version and the fact. */
  private async settle(tx: Tx, profile: ProfileEntity, before: Profile): Promise<Profile> {
    if (JSON.stringify(before) === JSON.stringify(toProfile(profile))) return before;
    await this.profiles.save(tx, profile);
    announce(tx, profileEvents.updated, { key: profile.id, before, data: toProfile(profile) });
    return toProfile(profile);
  }
}

const identifierOf = ({ type, value }: NewIdentifier): Identifier => spelled({ type: type === 'externalId' ? 'visitor' : type, value, verified: true });

/** What the brand's backend says of somebody counts as proven. */
const identifiersOf = ({ externalId, email, phone }: { externalId?: string; email?: string; phone?: string }): Identifier[] =>
  [
    { type: 'visitor' as const, value: externalId },
    { type: 'email' as const, value: email },
    { type: 'phone' as const, value: phone },
  ].flatMap(({ type, value }) => (value === undefined ? [] : [spelled({ type, value, verified: true })]));

const taken = () => new ContractError('IDENTIFIER_TAKEN', 'Another profile holds one of these identifiers');
