import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import { DirectoryService } from '../directory/directory.service.js';
import type { NewDecision } from '../explain/history.entity.js';
import { SegmentsService } from '../segments/segments.service.js';
import { PRIORITIES, type NamedTicket } from '../ticket/ticket.entity.js';
import { AssignmentService } from './assignment.service.js';
import type { RuleEntity } from './assignment.entity.js';
import { DeskService } from './desk.service.js';
import { route } from './routing.rules.js';

/** What a ticket that has just come, or come back, needs to find its people. `version` of the desk, where it is known. */
export type Arrived = { text: string; version?: number | null };
/** What was decided, and the tags that rules have given. */
export type Routed = { decisions: NewDecision[]; tags: { name: string; ruleId: string }[] };

/** Which team and whose (RTE-2, RTE-3, RTE-6): rules first, then turns. The caller saves and announces. */
@Injectable()
export class RoutingService {
  constructor(
    private readonly desk: DeskService,
    private readonly segments: SegmentsService,
    private readonly directory: DirectoryService,
    private readonly assignment: AssignmentService,
  ) {}

  /** A new ticket. Asks nobody where nothing is configured. */
  async opened(tx: Tx, ticket: NamedTicket, arrived: Arrived): Promise<Routed> {
    const desk = await this.desk.read(tx, arrived.version);
    const routed = await this.byRules(tx, desk.rules, ticket, arrived.text);
    routed.decisions.push(...(await this.assignment.give(tx, desk, ticket)));
    return routed;
  }

  /** A ticket that its customer has reopened. */
  async reopened(tx: Tx, ticket: NamedTicket, arrived: Arrived): Promise<Routed> {
    const desk = await this.desk.read(tx, arrived.version);
    const routed = await this.byRules(tx, desk.rules.filter(({ onReopened }) => onReopened), ticket, arrived.text);
    const isGiven = routed.decisions.some(({ outcome }) => outcome['assigneeId']);
    if (!isGiven) routed.decisions.push(...(await this.assignment.giveBack(tx, desk, ticket)));
    return routed;
  }

  private async byRules(tx: Tx, rules: readonly RuleEntity[], ticket: NamedTicket, text: string): Promise<Routed> {
    if (!rules.length) return { decisions: [], tags: [] };
    const segments = rules.flatMap(({ conditions }) => conditions.segmentIds ?? []);
    const { match, asked } = route(rules, {
      channel: ticket.channelType, channelId: ticket.channelId, language: ticket.language, tags: ticket.tags, text: `${ticket.subject ?? ''}\n${text}`, at: ticket.openSince,
      segmentIds: [...(await this.segments.isMember(tx, ticket.profileId, segments))],
      zone: rules.some(({ conditions }) => conditions.hours) ? (await this.directory.account(tx)).timezone : 'UTC',
    });
    if (!match) return { decisions: [{ kind: 'routing', rule: 'RTE-2', ruleVersion: 1, inputs: { asked: asked.length }, outcome: { matched: null } }], tags: [] };
    return this.carryOut(tx, match, ticket, asked.at(-1)!.reasons);
  }

  private async carryOut(tx: Tx, { id, name, version, actions }: RuleEntity, ticket: NamedTicket, reasons: unknown): Promise<Routed> {
    const { teamId, assigneeId, tags = [], priority } = actions;
    const agent = assigneeId ? await this.directory.assignable(tx, assigneeId) : null;
    if (teamId) ticket.teamId = teamId;
    if (agent) ticket.assigneeId = agent.id;
    if (priority) ticket.priority = PRIORITIES.indexOf(priority);
    const outcome = { ...actions, ...(assigneeId && { assigneeId: agent?.id ?? null }) };
    return {
      decisions: [{ kind: 'routing', rule: `routing-rule/${id}`, ruleVersion: version, inputs: { name, reasons }, outcome }],
      tags: tags.map((tag) => ({ name: tag, ruleId: id })),
    };
  }
}
