import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { ConsentEntity, ProfileEntity } from './profile.entity.js';

const PROFILE = `p.*, coalesce((
    SELECT jsonb_agg(jsonb_build_object('type', i.type, 'value', i.value, 'verified', i.verified) ORDER BY i.type, i.value)
    FROM profile_identifier i WHERE i.profile_id = p.id), '[]') AS identifiers`;

/** The identifier decides who was first: the profile is only made where nobody holds it. */
const CREATE = `
  WITH i AS (INSERT INTO profile_identifier (account_id, type, value, verified, profile_id) VALUES ($2, $3, $4, $5, $1) ON CONFLICT DO NOTHING RETURNING profile_id)
  INSERT INTO profile (id, account_id, name, locale, timezone, created_at) SELECT profile_id, $2, $6, $7, $8, $9 FROM i RETURNING *`;

export type NewProfile = { identifier: Identifier; name: string | null; locale: string | null; timezone: string | null };
export type ProfileFilter = { type: Identifier['type']; value: string }[];

/** Knows customers, their identifiers and consents by SQL. */
@Injectable()
export class ProfilesRepository {
  async find(tx: Tx, id: string): Promise<ProfileEntity> {
    return found(await rows<ProfileEntity>(tx, `SELECT ${PROFILE} FROM profile p WHERE p.id = $1 AND p.account_id = $2`, [id, tx.by.account]), id);
  }

  /** Nobody else can change the profile until the transaction ends. Refuses with PROFILE_NOT_FOUND. */
  async lock(tx: Tx, id: string): Promise<ProfileEntity> {
    return found(await rows<ProfileEntity>(tx, `SELECT ${PROFILE} FROM profile p WHERE p.id = $1 AND p.account_id = $2 FOR UPDATE OF p`, [id, tx.by.account]), id);
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
  async create(tx: Tx, { identifier, name, locale, timezone }: NewProfile): Promise<ProfileEntity | undefined> {
    const [row] = await rows<ProfileEntity>(tx, CREATE, [newId(), tx.by.account, identifier.type, identifier.value, identifier.verified, name, locale, timezone, tx.at]);
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

  /** Writes what changed, as the next version. */
  async save(tx: Tx, profile: ProfileEntity): Promise<void> {
    profile.version += 1;
    await tx.sql('UPDATE profile SET name = $3, locale = $4, timezone = $5, consents = $6, blocked = $7, version = $8 WHERE id = $1 AND account_id = $2', [
      profile.id, tx.by.account, profile.name, profile.locale, profile.timezone, profile.consents, profile.blocked, profile.version,
    ]);
  }

  /** Newest first, as ids are made in order; those who hold all of the identifiers, older than the place given. */
  page(tx: Tx, filter: ProfileFilter, before: readonly string[] | null, limit: number): Promise<ProfileEntity[]> {
    const held = filter.map((_, n) => `AND EXISTS (SELECT FROM profile_identifier i WHERE i.account_id = $1 AND i.profile_id = p.id AND i.type = $${2 * n + 2} AND i.value = $${2 * n + 3})`);
    const values = [tx.by.account, ...filter.flatMap(({ type, value }) => [type, value])];
    const older = before ? `AND p.id < $${values.length + 1}::uuid` : '';
    return rows(
      tx,
      `SELECT ${PROFILE} FROM profile p WHERE p.account_id = $1 ${held.join(' ')} ${older} ORDER BY p.id DESC LIMIT ${limit}`,
      [...values, ...(before ?? [])],
    );
  }

  /** Adds a line to the ledger. */
  async record(tx: Tx, profileId: string, entry: ConsentEntity): Promise<void> {
    await tx.sql('INSERT INTO consent (id, account_id, profile_id, kind, state, source, evidence, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
      entry.id, tx.by.account, profileId, entry.kind, entry.state, entry.source, entry.evidence, entry.at,
    ]);
  }

  /** The whole ledger, oldest first. */
  ledger(tx: Tx, profileId: string): Promise<ConsentEntity[]> {
    return rows(tx, 'SELECT * FROM consent WHERE account_id = $1 AND profile_id = $2 ORDER BY at, id', [tx.by.account, profileId]);
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
