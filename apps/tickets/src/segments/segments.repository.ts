import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Condition } from '@parley/contracts/segments';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import { conditionSql } from './condition.sql.js';
import type { SegmentEntity } from './segment.entity.js';

const SEGMENT = `s.*, (SELECT count(*) FROM segment_member m WHERE m.segment_id = s.id) AS members`;

/** Whoever is still a person of their own. */
const STANDING = 'p.account_id = $1 AND p.merged_into IS NULL';
export type Defined = { id: string; condition: Condition };
/** Which profiles are asked: some, or all in a stretch of ids (exclusive, inclusive; no end: to the last). */
export type Asked = { ids: string[] } | { after: string | null; upTo: string | null };

/** Knows segments and their members by SQL. */
@Injectable()
export class SegmentsRepository {
  page(tx: Tx, before: readonly string[] | null, limit: number): Promise<SegmentEntity[]> {
    return rows(tx, `SELECT ${SEGMENT} FROM segment s WHERE s.account_id = $1 AND ($2::uuid IS NULL OR s.id < $2) ORDER BY s.id DESC LIMIT ${limit}`, [tx.by.account, before?.[0] ?? null]);
  }

  async find(tx: Tx, id: string): Promise<SegmentEntity> {
    return found(await rows<SegmentEntity>(tx, `SELECT ${SEGMENT} FROM segment s WHERE s.id = $1 AND s.account_id = $2`, [id, tx.by.account]), id);
  }

  async lock(tx: Tx, id: string): Promise<SegmentEntity> {
    return found(await rows<SegmentEntity>(tx, `SELECT ${SEGMENT} FROM segment s WHERE s.id = $1 AND s.account_id = $2 FOR UPDATE OF s`, [id, tx.by.account]), id);
  }

  async count(tx: Tx): Promise<number> {
    return (await tx.sql<{ count: number }>('SELECT count(*) AS count FROM segment WHERE account_id = $1', [tx.by.account]))[0]!.count;
  }

  /** Nothing where another one has the name. */
  async create(tx: Tx, name: string, condition: Condition): Promise<SegmentEntity | undefined> {
    const [row] = await rows<SegmentEntity>(
      tx,
      'INSERT INTO segment (id, account_id, name, condition, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING *',
      [newId(), tx.by.account, name, condition, tx.at],
    );
    return row && { ...row, members: 0 };
  }

  /** Is the name another one's? */
  async isTaken(tx: Tx, name: string, id: string): Promise<boolean> {
    return (await tx.sql('SELECT FROM segment WHERE account_id = $1 AND name = $2 AND id <> $3', [tx.by.account, name, id])).length > 0;
  }

  async save(tx: Tx, { id, name, condition, computedAt, version }: SegmentEntity): Promise<void> {
    await tx.sql('UPDATE segment SET name = $3, condition = $4, computed_at = $5, version = $6 WHERE id = $1 AND account_id = $2', [id, tx.by.account, name, condition, computedAt, version]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.sql(`DELETE FROM segment_work WHERE account_id = $1 AND kind = 'segment' AND subject = $2`, [tx.by.account, id]);
    await tx.sql('DELETE FROM segment WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
  }

  /** Everybody is to be asked from the beginning, now or later. */
  async queue(tx: Tx, segmentId: string, inSeconds = 0): Promise<void> {
    await tx.sql(
      `INSERT INTO segment_work (account_id, kind, subject, due_at) VALUES ($1, 'segment', $2, $3::timestamptz + make_interval(secs => $4))
       ON CONFLICT (subject, kind, account_id) DO UPDATE SET after = NULL, due_at = excluded.due_at`,
      [tx.by.account, segmentId, tx.at, inSeconds],
    );
  }

  /** Conditions by segment: of some, or of all that there are. */
  definitions(tx: Tx, ids: readonly string[] | null): Promise<Defined[]> {
    return rows(tx, 'SELECT id, condition FROM segment WHERE account_id = $1 AND ($2::uuid[] IS NULL OR id = ANY ($2)) ORDER BY id', [tx.by.account, ids]);
  }

  /** Which of the segments somebody is in, asked now. */
  async among(tx: Tx, profileId: string, segments: Defined[]): Promise<string[]> {
    const values: unknown[] = [tx.by.account, profileId, tx.at];
    const put = (value: unknown) => `$${values.push(value)}`;
    const each = segments.map(({ id, condition }) => `(${put(id)}::uuid, ${conditionSql(condition, { put, now: '$3' })})`);
    const text = `SELECT v.id FROM profile p CROSS JOIN LATERAL (VALUES ${each.join(', ')}) v (id, is_in) WHERE ${STANDING} AND p.id = $2 AND $3::timestamptz IS NOT NULL AND v.is_in`;
    return (await rows<{ id: string }>(tx, text, values)).map(({ id }) => id);
  }

  /** Asks these profiles, and keeps who is in and who is not. */
  async compute(tx: Tx, { id, condition }: Defined, asked: Asked): Promise<void> {
    const values: unknown[] = [tx.by.account, id, tx.at];
    const put = (value: unknown) => `$${values.push(value)}`;
    const who = (column: string) => ('ids' in asked ? `${column} = ANY (${put(asked.ids)}::uuid[])` : [
      ...(asked.after ? [`${column} > ${put(asked.after)}::uuid`] : []), ...(asked.upTo ? [`${column} <= ${put(asked.upTo)}::uuid`] : []),
    ].join(' AND ') || 'true');
    const text = `
      WITH hit AS MATERIALIZED (SELECT p.id FROM profile p WHERE ${STANDING} AND ${who('p.id')} AND ${conditionSql(condition, { put, now: '$3' })}),
      gone AS (DELETE FROM segment_member m WHERE m.segment_id = $2 AND m.account_id = $1 AND ${who('m.profile_id')} AND NOT EXISTS (SELECT FROM hit h WHERE h.id = m.profile_id))
      INSERT INTO segment_member (account_id, segment_id, profile_id, since) SELECT $1, $2, hit.id, $3 FROM hit ON CONFLICT DO NOTHING`;
    await tx.sql(text, values);
  }

  /** The last id of the next so many profiles; null where there are fewer. */
  async endOf(tx: Tx, after: string | null, count: number): Promise<string | null> {
    const [row] = await tx.sql<{ id: string }>(
      `SELECT id FROM profile WHERE account_id = $1 ${after ? 'AND id > $3::uuid' : ''} ORDER BY id OFFSET $2 - 1 LIMIT 1`, [tx.by.account, count, ...(after ? [after] : [])],
    );
    return row?.id ?? null;
  }

  /** Ids of members, behind one. */
  async members(tx: Tx, segmentId: string, after: string | null, limit: number): Promise<string[]> {
    const found = await tx.sql<{ profile_id: string }>(
      `SELECT profile_id FROM segment_member WHERE segment_id = $1 AND account_id = $2 ${after ? 'AND profile_id > $3::uuid' : ''} ORDER BY profile_id LIMIT ${limit}`,
      [segmentId, tx.by.account, ...(after ? [after] : [])],
    );
    return found.map((row) => row.profile_id);
  }

  /** One replica works for an account at a time, so that what was asked later is written later. */
  async claim(tx: Tx): Promise<boolean> {
    return (await tx.sql<{ mine: boolean }>(`SELECT pg_try_advisory_xact_lock(hashtextextended('segments ' || $1::text, 0)) AS mine`, [tx.by.account]))[0]!.mine;
  }

  /** Takes profiles that have changed out of the queue; those that are changing at this moment stay. */
  async takeChanged(tx: Tx, most: number): Promise<string[]> {
    const taken = await tx.sql<{ subject: string }>(
      `DELETE FROM segment_work w USING (
         SELECT subject FROM segment_work WHERE account_id = $1 AND kind = 'profile' AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) t
       WHERE w.account_id = $1 AND w.kind = 'profile' AND w.subject = t.subject RETURNING w.subject`,
      [tx.by.account, most],
    );
    return taken.map((row) => row.subject);
  }

  /** A segment whose time has come, locked, and from where on. */
  async nextDue(tx: Tx): Promise<{ subject: string; after: string | null } | undefined> {
    return (await rows<{ subject: string; after: string | null }>(
      tx,
      `SELECT subject, after FROM segment_work WHERE account_id = $1 AND kind = 'segment' AND due_at <= $2 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      [tx.by.account, tx.at],
    ))[0];
  }

  async goOn(tx: Tx, segmentId: string, after: string): Promise<void> {
    await tx.sql(`UPDATE segment_work SET after = $3 WHERE account_id = $1 AND kind = 'segment' AND subject = $2`, [tx.by.account, segmentId, after]);
  }

  async done(tx: Tx, segmentId: string): Promise<void> {
    await tx.sql('UPDATE segment SET computed_at = $3 WHERE id = $2 AND account_id = $1', [tx.by.account, segmentId, tx.at]);
  }
}

function found([segment]: SegmentEntity[], id: string): SegmentEntity {
  if (!segment) throw new ContractError('SEGMENT_NOT_FOUND', `No segment ${id}`);
  return segment;
}
