import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { ConsentEntity, ProfileEntity, QuarantinedEntity } from './profile.entity.js';

const PROFILE = `p.*, coalesce((
    SELECT jsonb_agg(jsonb_build_object('type', i.type, 'value', i.value, 'verified', i.verified) ORDER BY i.type, i.origin_id IS NOT NULL, i.value)
    FROM profile_identifier i WHERE i.profile_id = p.id), '[]') AS identifiers`;

/** The identifier decides who was first: the profile is only made where nobody holds it. */
const CREATE = `
  WITH i AS (INSERT INTO profile_identifier (account_id, type, value, verified, profile_id) VALUES ($2, $3, $4, $5, $1) ON CONFLICT DO NOTHING RETURNING profile_id)
  INSERT INTO profile (id, account_id, name, locale, timezone, created_at, location, properties) SELECT profile_id, $2, $6, $7, $8, $9, $10, $11 FROM i RETURNING *`;

/** As `CREATE`, for many at once. */
const CREATE_ALL = `
  WITH w AS (SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) AS w (id, type, value)),
  i AS (INSERT INTO profile_identifier (account_id, type, value, verified, profile_id) SELECT $1, w.type, w.value, true, w.id FROM w ORDER BY w.type, w.value ON CONFLICT DO NOTHING RETURNING profile_id, type, value)
  INSERT INTO profile (id, account_id, created_at) SELECT profile_id, $1, $5 FROM i RETURNING *,
    (SELECT jsonb_build_array(jsonb_build_object('type', i.type, 'value', i.value, 'verified', true)) FROM i WHERE i.profile_id = profile.id) AS identifiers`;

export type NewProfile = { identifier: Identifier } & Pick<ProfileEntity, 'name' | 'locale' | 'timezone'> & Partial<Pick<ProfileEntity, 'location' | 'properties'>>;
export type ProfileFilter = { type: Identifier['type']; value: string }[];

/** Knows customers, their identifiers and consents by SQL. */
@Injectable()
export class ProfilesRepository {
  /** One that was merged answers as the one it was merged into. Refuses with PROFILE_NOT_FOUND. */
  async find(tx: Tx, id: string): Promise<ProfileEntity> {
    const profile = await this.itself(tx, id);
    return profile.mergedInto === null ? profile : this.find(tx, profile.mergedInto);
  }

  /** As `find`; nobody else can change the profile until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<ProfileEntity> {
    const profile = await this.itself(tx, id, 'FOR UPDATE OF p');
    return profile.mergedInto === null ? profile : this.lock(tx, profile.mergedInto);
  }

  /** The row of this id, merged or not. */
  async itself(tx: Tx, id: string, how: '' | 'FOR UPDATE OF p' = ''): Promise<ProfileEntity> {
    return found(await rows<ProfileEntity>(tx, `SELECT ${PROFILE} FROM profile p WHERE p.id = $1 AND p.account_id = $2 ${how}`, [id, tx.by.account]), id);
  }

  /** Those of these ids that there are, in the order of their ids. */
  some(tx: Tx, ids: string[]): Promise<ProfileEntity[]> {
    return rows(tx, `SELECT ${PROFILE} FROM profile p WHERE p.id = ANY ($1) AND p.account_id = $2 ORDER BY p.id`, [ids, tx.by.account]);
  }

  /** Who stands for each of these ids: themselves, or whom they were merged into. Ids of nobody are left out. */
  async standing(tx: Tx, ids: string[]): Promise<Map<string, string>> {
    const found = await tx.sql<{ id: string; standing: string }>(
      `WITH RECURSIVE way AS (
         SELECT p.id, p.id AS standing, p.merged_into FROM profile p WHERE p.id = ANY ($1) AND p.account_id = $2
         UNION ALL SELECT w.id, p.id, p.merged_into FROM way w JOIN profile p ON p.id = w.merged_into AND p.account_id = $2)
       SELECT id, standing FROM way WHERE merged_into IS NULL`,
      [ids, tx.by.account],
    );
    return new Map(found.map((row) => [row.id, row.standing]));
  }

  /** Who holds each of these identifiers, by `type value`. */
  async byIdentifier(tx: Tx, identifiers: Identifier[]): Promise<Map<string, string>> {
    const held = await tx.sql<{ type: string; value: string; profile_id: string }>(
      `SELECT i.type, i.value, i.profile_id FROM profile_identifier i JOIN unnest($2::text[], $3::text[]) AS w (type, value) ON i.type = w.type AND i.value = w.value WHERE i.account_id = $1`,
      [tx.by.account, identifiers.map(({ type }) => type), identifiers.map(({ value }) => value)],
    );
    return new Map(held.map((row) => [`${row.type} ${row.value}`, row.profile_id]));
  }

  /** New customers, one for each identifier that nobody holds by now. */
  createAll(tx: Tx, identifiers: Identifier[]): Promise<ProfileEntity[]> {
    return rows(tx, CREATE_ALL, [tx.by.account, identifiers.map(() => newId()), identifiers.map(({ type }) => type), identifiers.map(({ value }) => value), tx.at]);
  }

  /** Is the profile blocked now? Whoever would block it waits until this transaction ends. */
  async isBlocked(tx: Tx, id: string): Promise<boolean> {
    const [row] = await tx.sql<{ blocked: boolean }>('SELECT blocked FROM profile WHERE id = $1 AND account_id = $2 FOR SHARE', [id, tx.by.account]);
    return row?.blocked ?? false;
  }

  /** Ids of all who hold any of these identifiers. */
  async holders(tx: Tx, identifiers: Identifier[]): Promise<string[]> {
    const held = await tx.sql<{ profile_id: string }>(
      `SELECT DISTINCT i.profile_id FROM profile_identifier i JOIN unnest($2::text[], $3::text[]) AS w (type, value) ON i.type = w.type AND i.value = w.value WHERE i.account_id = $1`,
      [tx.by.account, identifiers.map(({ type }) => type), identifiers.map(({ value }) => value)],
    );
    return held.map((row) => row.profile_id);
  }

  /** A new customer with this identifier, or nothing where somebody holds it by now. */
  async create(tx: Tx, { identifier, name, locale, timezone, location = null, properties = {} }: NewProfile): Promise<ProfileEntity | undefined> {
    const [row] = await rows<ProfileEntity>(tx, CREATE, [newId(), tx.by.account, identifier.type, identifier.value, identifier.verified, name, locale, timezone, tx.at, location, properties]);
    return row && { ...row, identifiers: [identifier] };
  }

  /** Gives the profile those of the identifiers that nobody holds, and answers them (PRO-1: never merges). */
  async learn(tx: Tx, profileId: string, identifiers: Identifier[]): Promise<Identifier[]> {
    return rows<Identifier>(
      tx,
      `INSERT INTO profile_identifier (account_id, profile_id, type, value, verified) SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::boolean[])
       ON CONFLICT DO NOTHING RETURNING type, value, verified`,
      [tx.by.account, profileId, identifiers.map(({ type }) => type), identifiers.map(({ value }) => value), identifiers.map(({ verified }) => verified)],
    );
  }

  /** Takes identifiers from the profile; nothing happens to those that it does not have. */
  async forget(tx: Tx, profileId: string, identifiers: Identifier[]): Promise<void> {
    await tx.sql(
      'DELETE FROM profile_identifier i USING unnest($3::text[], $4::text[]) AS w (type, value) WHERE i.account_id = $1 AND i.profile_id = $2 AND i.type = w.type AND i.value = w.value',
      [tx.by.account, profileId, identifiers.map(({ type }) => type), identifiers.map(({ value }) => value)],
    );
  }

  /** Writes what changed, as the next version. */
  async save(tx: Tx, profile: ProfileEntity): Promise<void> {
    profile.version += 1;
    await tx.sql(
      `UPDATE profile SET name = $3, locale = $4, timezone = $5, location = $6, properties = $7, consents = $8, blocked = $9, merged_into = $10, version = $11
       WHERE id = $1 AND account_id = $2`,
      [
        profile.id, tx.by.account, profile.name, profile.locale, profile.timezone, profile.location, profile.properties, profile.consents, profile.blocked,
        profile.mergedInto, profile.version,
      ],
    );
  }

  /** Newest first, as ids are made in order; those who hold all of the identifiers, older than the place given. */
  page(tx: Tx, filter: ProfileFilter, before: readonly string[] | null, limit: number): Promise<ProfileEntity[]> {
    const held = filter.map((_, n) => `AND p.id = (SELECT i.profile_id FROM profile_identifier i WHERE i.account_id = $1 AND i.type = $${2 * n + 2} AND i.value = $${2 * n + 3})`);
    const values = [tx.by.account, ...filter.flatMap(({ type, value }) => [type, value])];
    const older = before ? `AND p.id < $${values.length + 1}::uuid` : '';
    return rows(
      tx,
      `SELECT ${PROFILE} FROM profile p WHERE p.account_id = $1 AND p.merged_into IS NULL ${held.join(' ')} ${older} ORDER BY p.id DESC LIMIT ${limit}`,
      [...values, ...(before ?? [])],
    );
  }

  /** Adds a line to the ledger of a profile that is locked, and answers its time: behind all others, though the transaction may have begun before theirs. */
  async record(tx: Tx, profileId: string, entry: ConsentEntity): Promise<Date> {
    const [row] = await tx.sql<{ at: Date }>(
      `INSERT INTO consent (id, account_id, profile_id, kind, state, source, evidence, at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, greatest($8::timestamptz, (SELECT max(at) + interval '1 millisecond' FROM consent WHERE profile_id = $3))) RETURNING at`,
      [entry.id, tx.by.account, profileId, entry.kind, entry.state, entry.source, entry.evidence, entry.at],
    );
    return row!.at;
  }

  /** The whole ledger, oldest first. */
  ledger(tx: Tx, profileId: string): Promise<ConsentEntity[]> {
    return rows(tx, 'SELECT * FROM consent WHERE account_id = $1 AND profile_id = $2 ORDER BY at, id', [tx.by.account, profileId]);
  }

  /** What stands in no thread and never will, newest first. */
  quarantine(tx: Tx, profileId: string, before: readonly string[] | null, limit: number): Promise<QuarantinedEntity[]> {
    return rows(
      tx,
      `SELECT id, why, message, at FROM held_message WHERE account_id = $1 AND profile_id = $2 AND why NOT IN ('keyword', 'echo') ${before ? 'AND (at, id) < ($3::timestamptz, $4::uuid)' : ''}
       ORDER BY at DESC, id DESC LIMIT ${limit}`,
      [tx.by.account, profileId, ...(before ?? [])],
    );
  }

  /** A page of the ledger, newest first. */
  ledgerPage(tx: Tx, profileId: string, before: readonly string[] | null, limit: number): Promise<ConsentEntity[]> {
    return rows(
      tx,
      `SELECT * FROM consent WHERE account_id = $1 AND profile_id = $2 ${before ? 'AND (at, id) < ($3::timestamptz, $4::uuid)' : ''} ORDER BY at DESC, id DESC LIMIT ${limit}`,
      [tx.by.account, profileId, ...(before ?? [])],
    );
  }
}

function found([profile]: ProfileEntity[], id: string): ProfileEntity {
  if (!profile) throw new ContractError('PROFILE_NOT_FOUND', `No profile ${id}`);
  return profile;
}
