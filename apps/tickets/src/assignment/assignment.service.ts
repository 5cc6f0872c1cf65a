import { Injectable } from '@nestjs/common';
import { ROLE_SCOPES, type Role } from '@parley/contracts/access';
import { ticketEvents } from '@parley/contracts/tickets';
import type { Ring } from '@parley/service/alarm';
import { isOpen, nextOpening } from '@parley/service/office-hours';
import { system, type Tx } from '@parley/service/tx';
import { DirectoryService } from '../directory/directory.service.js';
import type { NewDecision } from '../explain/history.entity.js';
import { toSnapshot, type NamedTicket } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import type { DeskEntity } from './assignment.entity.js';
import { DeskService } from './desk.service.js';
import { NO_TEAM, QueueRepository } from './queue.repository.js';
import { QueueService } from './queue.service.js';

/** Grows with every change of how tickets are handed out. */
const VERSION = 1;
/** So many are handed out in one transaction. */
const AT_ONCE = 50;
/** When to look again for tickets that somebody was just working on. */
const BUSY_MS = 200;
const ABLE = (Object.keys(ROLE_SCOPES) as Role[]).filter((role) => ROLE_SCOPES[role].includes('tickets:write'));

/** Gives tickets to people (RTE-3 to RTE-6). The ticket is locked by the caller, who saves and announces; what was decided is handed back. */
@Injectable()
export class AssignmentService {
  constructor(
    private readonly desk: DeskService,
    private readonly queue: QueueRepository,
    private readonly bell: QueueService,
    private readonly directory: DirectoryService,
    private readonly tickets: TicketsService,
  ) {}

  /** A ticket that nobody has: to whose turn it is, or it waits. Nothing where round robin is off. */
  async give(tx: Tx, desk: DeskEntity, ticket: NamedTicket): Promise<NewDecision[]> {
    if (ticket.assigneeId !== null || !desk.routing.roundRobin) return [];
    const team = teamOf(desk, ticket);
    if (ticket.channelType === 'webchat') {
      const opening = await this.opening(tx, desk, team);
      if (opening === null || opening > tx.at) {
        if (opening) await this.bell.ringAtOpening(tx, opening);
        return wait(tx, ticket, { rule: 'RTE-4', inputs: { team: shown(team), until: opening } });
      }
    }
    await this.queue.lock(tx);
    const closed = await this.closedTeams(tx, desk);
    if (await this.queue.oldest(tx, { but: [], closed, skipped: [ticket.id], team })) return wait(tx, ticket, { rule: 'RTE-5', inputs: { team: shown(team), why: 'others wait longer' } });
    return (await this.take(tx, desk, ticket, team)) ?? wait(tx, ticket, { rule: 'RTE-5', inputs: { team: shown(team), why: 'nobody is free', capacity: desk.routing.capacity } });
  }

  /** A ticket that a customer has reopened (RTE-6). */
  async giveBack(tx: Tx, desk: DeskEntity, ticket: NamedTicket): Promise<NewDecision[]> {
    const { assigneeId } = ticket;
    const inputs = { assigneeId, setting: desk.routing.reopened };
    if (assigneeId !== null && (await this.directory.isOnline(tx, assigneeId))) return [decided('RTE-6', { ...inputs, online: true }, { assigneeId })];
    if (desk.routing.reopened === 'keep') return assigneeId === null ? [] : [decided('RTE-6', { ...inputs, online: false }, { assigneeId })];
    ticket.assigneeId = null;
    const released = decided('RTE-6', { ...inputs, online: assigneeId === null ? null : false }, { assigneeId: null, teamId: ticket.teamId });
    return desk.routing.reopened === 'team' ? [released] : [released, ...(await this.give(tx, desk, ticket))];
  }

  /** Hands out what waits, oldest first, to whom it may go (RTE-5). Who gets nothing for now waits on. */
  async handOut(tx: Tx, ring: Ring): Promise<void> {
    await this.queue.lock(tx);
    if (!(await ring.claim())) return;
    const desk = await this.desk.read(tx);
    if (!desk.routing.roundRobin) return;
    const search = { but: [] as string[], closed: await this.closedTeams(tx, desk), skipped: [] as string[] };
    let given = 0;
    for (let id; given < AT_ONCE && (id = await this.queue.oldest(tx, search)); ) {
      if (!(await this.queue.tryLock(tx, id))) search.skipped.push(id);
      else if (await this.handOutOne(tx, desk, id, search.but)) given += 1;
    }
    if (search.skipped.length) await this.bell.ring(tx, 'somebody was working on them', new Date(tx.at.getTime() + BUSY_MS));
    else if (given === AT_ONCE) await this.bell.ring(tx, 'there are more');
  }

  /** Somebody has come, or the hours have changed: what waits may have waited for that. */
  async lookAgain(tx: Tx, why: string): Promise<void> {
    const desk = await this.desk.read(tx);
    if (desk.routing.roundRobin) await this.bell.ring(tx, why);
  }

  private async handOutOne(tx: Tx, desk: DeskEntity, id: string, exhausted: string[]): Promise<boolean> {
    const ticket = await this.tickets.lock(tx, id);
    const team = teamOf(desk, ticket);
    const before = toSnapshot(ticket);
    const decisions = await this.take(tx, desk, ticket, team);
    if (!decisions) {
      exhausted.push(team);
      return false;
    }
    await this.tickets.settle(tx, ticket, before, [ticketEvents.assigned], decisions);
    return true;
  }

  /** Whose turn it is gets the ticket; null where nobody is free. The caller holds the lock of handing out. */
  private async take(tx: Tx, { routing }: DeskEntity, ticket: NamedTicket, team: string): Promise<NewDecision[] | null> {
    const taken = await this.queue.takeTurn(tx, team, ABLE, routing.capacity);
    if (!taken) return null;
    Object.assign(ticket, { assigneeId: taken.agentId, queuedAt: null });
    return [decided('RTE-3', { team: shown(team), capacity: routing.capacity, turn: taken.turn }, { assigneeId: taken.agentId })];
  }

  /** When web chats of the team are handed out: now, from then on, or never (null). */
  private async opening(tx: Tx, desk: DeskEntity, team: string): Promise<Date | null> {
    const hours = desk.teams[team] ?? desk.routing.officeHours;
    return hours ? nextOpening(hours, tx.at, (await this.directory.account(tx)).timezone) : tx.at;
  }

  private async closedTeams(tx: Tx, { teams, routing }: DeskEntity): Promise<string[]> {
    const all: [string, typeof routing.officeHours][] = [[NO_TEAM, routing.officeHours], ...Object.entries(teams).map(([id, own]): [string, typeof own] => [id, own ?? routing.officeHours])];
    if (!all.some(([, hours]) => hours)) return [];
    const { timezone } = await this.directory.account(tx);
    return all.filter(([, hours]) => hours && !isOpen(hours, tx.at, timezone)).map(([id]) => id);
  }
}

/** In whose name it is done, whoever caused it. */
export const byItself = (tx: Tx) => ({ type: system(tx.by.account).type, id: null });

const decided = (rule: string, inputs: Record<string, unknown>, outcome: Record<string, unknown>): NewDecision => ({ kind: 'assignment', rule, ruleVersion: VERSION, inputs, outcome });

/** It waits in Unassigned; who has waited for an answer longest comes first. */
function wait(tx: Tx, ticket: NamedTicket, { rule, inputs }: { rule: string; inputs: Record<string, unknown> }): NewDecision[] {
  ticket.queuedAt ??= ticket.waitingSince ?? tx.at;
  return [decided(rule, inputs, { assigneeId: null, waits: true })];
}

/** A team that was dissolved is as good as none. */
const teamOf = (desk: DeskEntity, { teamId }: NamedTicket) => (teamId !== null && teamId in desk.teams ? teamId : NO_TEAM);
const shown = (team: string) => (team === NO_TEAM ? null : team);
