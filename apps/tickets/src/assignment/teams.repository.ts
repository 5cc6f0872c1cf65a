import { Injectable } from '@nestjs/common';
import type { OfficeHours } from '@parley/contracts/office-hours';
import { newId } from '@parley/service/ids';
import type { Tx } from '@parley/service/tx';
import { rows } from '../tickets.database.js';
import type { TeamEntity } from './assignment.entity.js';

const TEAM = `t.id, t.name, t.office_hours, t.created_at, t.version,
  coalesce((SELECT array_agg(m.agent_id ORDER BY m.agent_id) FROM team_member m WHERE m.team_id = t.id), '{}') AS member_ids`;

/** Teams by SQL. */
@Injectable()
export class TeamsRepository {
  async find(tx: Tx, id: string): Promise<TeamEntity | undefined> {
    return (await rows<TeamEntity>(tx, `SELECT ${TEAM} FROM team t WHERE t.id = $1 AND t.account_id = $2`, [id, tx.by.account]))[0];
  }

  async lock(tx: Tx, id: string): Promise<TeamEntity | undefined> {
    await tx.sql('SELECT FROM team WHERE id = $1 AND account_id = $2 FOR UPDATE', [id, tx.by.account]);
    return this.find(tx, id);
  }

  /** Oldest first, as ids are made in order. */
  page(tx: Tx, after: string | null, limit: number): Promise<TeamEntity[]> {
    return rows(tx, `SELECT ${TEAM} FROM team t WHERE t.account_id = $1 ${after ? 'AND t.id > $2::uuid' : ''} ORDER BY t.id LIMIT ${limit}`, [tx.by.account, ...(after ? [after] : [])]);
  }

  async count(tx: Tx): Promise<number> {
    return (await tx.sql<{ count: number }>('SELECT count(*) FROM team WHERE account_id = $1', [tx.by.account]))[0]!.count;
  }

  async isTaken(tx: Tx, name: string, butBy: string | null): Promise<boolean> {
    return (await tx.sql('SELECT FROM team WHERE account_id = $1 AND name = $2 AND id IS DISTINCT FROM $3::uuid', [tx.by.account, name, butBy])).length > 0;
  }

  /** A new team, or nothing where there is one of this name. */
  async create(tx: Tx, { name, memberIds, officeHours }: { name: string; memberIds: string[]; officeHours: OfficeHours | null }): Promise<TeamEntity | undefined> {
    const id = newId();
    const made = await tx.sql('INSERT INTO team (id, account_id, name, office_hours, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id', [
      id, tx.by.account, name, officeHours && JSON.stringify(officeHours), tx.at,
    ]);
    if (!made.length) return undefined;
    await this.putMembers(tx, id, memberIds);
    return this.find(tx, id);
  }

  async save(tx: Tx, { id, name, officeHours, version }: TeamEntity): Promise<void> {
    await tx.sql('UPDATE team SET name = $3, office_hours = $4, version = $5 WHERE id = $1 AND account_id = $2', [id, tx.by.account, name, officeHours && JSON.stringify(officeHours), version]);
  }

  async putMembers(tx: Tx, id: string, memberIds: string[]): Promise<void> {
    await tx.sql('DELETE FROM team_member WHERE team_id = $1 AND account_id = $2 AND agent_id <> ALL ($3::uuid[])', [id, tx.by.account, memberIds]);
    await tx.sql('INSERT INTO team_member (account_id, team_id, agent_id) SELECT $2, $1, * FROM unnest($3::uuid[]) ON CONFLICT DO NOTHING', [id, tx.by.account, memberIds]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.sql('DELETE FROM team WHERE id = $1 AND account_id = $2', [id, tx.by.account]);
  }

  async isNamedByRule(tx: Tx, id: string): Promise<boolean> {
    return (await tx.sql(`SELECT FROM routing_rule WHERE account_id = $1 AND actions ->> 'teamId' = $2`, [tx.by.account, id])).length > 0;
  }
}
