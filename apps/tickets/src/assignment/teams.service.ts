import { Injectable } from '@nestjs/common';
import type { teams } from '@parley/contracts/assignment';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { recordThing } from '../tickets.audit.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { toTeam, type TeamEntity } from './assignment.entity.js';
import { QueueService } from './queue.service.js';
import { TeamsRepository } from './teams.repository.js';

const MOST = 500;

/** RTE-1: who works together, and when. */
@Injectable()
export class TeamsService {
  constructor(
    private readonly db: DataSource,
    private readonly teams: TeamsRepository,
    private readonly directory: DirectoryService,
    private readonly queue: QueueService,
  ) {}

  list({ limit, cursor }: Input<typeof teams.list>, by: Actor) {
    return within(this.db, by, async (tx) => pageOf(await this.teams.page(tx, placeIn(cursor, 0)?.[0] ?? null, limit + 1), limit, ({ id }) => [id], toTeam));
  }

  get({ id }: Input<typeof teams.get>, by: Actor) {
    return within(this.db, by, async (tx) => toTeam(await this.find(tx, id)));
  }

  create(input: Input<typeof teams.create>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        if ((await this.teams.count(tx)) >= MOST) throw new ContractError('TOO_MANY', `At most ${MOST} teams`);
        const memberIds = await this.members(tx, input.memberIds);
        const team = await this.teams.create(tx, { ...input, memberIds });
        if (!team) throw taken(input.name);
        recordThing(tx, 'team', null, toTeam(team));
        return toTeam(team);
      },
      async (tx, id) => toTeam(await this.find(tx, id)),
    );
  }

  update({ id, ifMatch, ...wishes }: Input<typeof teams.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const team = await this.lock(tx, id, ifMatch);
      const before = toTeam(team);
      if (wishes.name !== undefined && (await this.teams.isTaken(tx, wishes.name, id))) throw taken(wishes.name);
      const { name = team.name, officeHours = team.officeHours } = wishes;
      Object.assign(team, { name, officeHours, version: team.version + 1 });
      if (wishes.memberIds) {
        team.memberIds = await this.members(tx, wishes.memberIds);
        await this.teams.putMembers(tx, id, team.memberIds);
      }
      await this.teams.save(tx, team);
      recordThing(tx, 'team', before, toTeam(team));
      await this.queue.ring(tx, 'a team has changed');
      return toTeam(team);
    });
  }

  remove({ id, ifMatch }: Input<typeof teams.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const team = await this.lock(tx, id, ifMatch);
      if (await this.teams.isNamedByRule(tx, id)) throw new ContractError('TEAM_IN_USE', `A routing rule names team ${id}`);
      await this.teams.remove(tx, id);
      recordThing(tx, 'team', toTeam(team), null);
      await this.queue.ring(tx, 'a team is gone');
      return toTeam(team);
    });
  }

  /** The team. Refuses with TEAM_NOT_FOUND. */
  async find(tx: Tx, id: string): Promise<TeamEntity> {
    return found(await this.teams.find(tx, id), id);
  }

  private async lock(tx: Tx, id: string, ifMatch: number): Promise<TeamEntity> {
    const team = found(await this.teams.lock(tx, id), id);
    if (team.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${team.version}`, { current: toTeam(team) });
    return team;
  }

  /** Each once; everybody may work tickets. */
  private async members(tx: Tx, ids: string[]): Promise<string[]> {
    const members = [...new Set(ids)].sort();
    const able = await this.directory.allAssignable(tx, members);
    const other = members.find((id) => !able.has(id));
    if (other) throw new ContractError('USER_NOT_FOUND', `Nobody to give tickets to: ${other}`);
    return members;
  }
}

function found(team: TeamEntity | undefined, id: string): TeamEntity {
  if (!team) throw new ContractError('TEAM_NOT_FOUND', `No team ${id}`);
  return team;
}
const taken = (name: string) => new ContractError('NAME_TAKEN', `There is a team called ${name}`);
