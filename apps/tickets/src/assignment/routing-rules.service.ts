import { Injectable } from '@nestjs/common';
import type { RoutingActions, routingRules } from '@parley/contracts/assignment';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { DirectoryService } from '../directory/directory.service.js';
import { SegmentsService } from '../segments/segments.service.js';
import { recordThing } from '../tickets.audit.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { toRule, type RuleEntity } from './assignment.entity.js';
import { RoutingRulesRepository, type Past } from './routing-rules.repository.js';
import { route, type Askable, type RoutingFacts } from './routing.rules.js';
import { TeamsService } from './teams.service.js';

const MOST = 200;
type Tried = Output<typeof routingRules.simulate>['items'][number];
type Candidate = Askable & { id: string | null; name: string };

/** RTE-2, RTE-7: the rules by which tickets find their team, and what they would do. */
@Injectable()
export class RoutingRulesService {
  constructor(
    private readonly db: DataSource,
    private readonly rules: RoutingRulesRepository,
    private readonly teams: TeamsService,
    private readonly directory: DirectoryService,
    private readonly segments: SegmentsService,
  ) {}

  list({ limit, cursor }: Input<typeof routingRules.list>, by: Actor) {
    return within(this.db, by, async (tx) => pageOf(await this.rules.page(tx, placeIn(cursor, 1), limit + 1), limit, ({ position, id }) => [String(position), id], toRule));
  }

  get({ id }: Input<typeof routingRules.get>, by: Actor) {
    return within(this.db, by, async (tx) => toRule(await this.find(tx, id)));
  }

  create(input: Input<typeof routingRules.create>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        await this.rules.lockOrder(tx);
        const { length } = await this.rules.all(tx);
        if (length >= MOST) throw new ContractError('TOO_MANY', `At most ${MOST} routing rules`);
        await this.refuseStrangers(tx, input.actions);
        const rule = toRule(await this.rules.insert(tx, { ...input, position: Math.min(input.position ?? length + 1, length + 1) }));
        recordThing(tx, 'routing-rule', null, rule);
        return rule;
      },
      async (tx, id) => toRule(await this.find(tx, id)),
    );
  }

  update({ id, ifMatch, ...wishes }: Input<typeof routingRules.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const rule = await this.lock(tx, id, ifMatch);
      if (wishes.actions) await this.refuseStrangers(tx, wishes.actions);
      const before = toRule(rule);
      const position = Math.min(wishes.position ?? before.position, (await this.rules.all(tx)).length);
      Object.assign(rule, given(wishes), { position, version: rule.version + 1 });
      await this.rules.save(tx, rule, before.position);
      recordThing(tx, 'routing-rule', before, toRule(rule));
      return toRule(rule);
    });
  }

  remove({ id, ifMatch }: Input<typeof routingRules.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const rule = await this.lock(tx, id, ifMatch);
      await this.rules.remove(tx, rule);
      recordThing(tx, 'routing-rule', toRule(rule), null);
      return toRule(rule);
    });
  }

  simulate({ rules, sample, newest }: Input<typeof routingRules.simulate>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const asked: Candidate[] = (rules?.map((rule) => ({ ...rule, id: null })) ?? (await this.rules.all(tx))).filter(({ enabled }) => enabled);
      const segments = asked.flatMap(({ conditions }) => conditions.segmentIds ?? []);
      const { timezone: zone } = await this.directory.account(tx);
      const segmentsOf = async (profileId?: string) => (profileId ? [...(await this.segments.isMember(tx, profileId, segments))] : []);
      if (sample) {
        const { channel, channelId = null, language = null, tags, text, at } = sample;
        const facts = { channel, channelId, language, tags, text, at: at ? new Date(at) : tx.at, zone, segmentIds: await segmentsOf(sample.profileId) };
        return { items: [tried(asked, facts, null)] };
      }
      const items: Tried[] = [];
      for (const past of await this.rules.newest(tx, newest)) items.push(tried(asked, factsOf(past, zone, await segmentsOf(past.profileId)), past));
      return { items };
    });
  }

  private async find(tx: Tx, id: string): Promise<RuleEntity> {
    const rule = await this.rules.find(tx, id);
    if (!rule) throw new ContractError('RULE_NOT_FOUND', `No routing rule ${id}`);
    return rule;
  }

  private async lock(tx: Tx, id: string, ifMatch: number): Promise<RuleEntity> {
    await this.rules.lockOrder(tx);
    const rule = await this.find(tx, id);
    if (rule.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${rule.version}`, { current: toRule(rule) });
    return rule;
  }

  private async refuseStrangers(tx: Tx, { teamId, assigneeId }: RoutingActions): Promise<void> {
    if (teamId) await this.teams.find(tx, teamId);
    if (assigneeId && !(await this.directory.assignable(tx, assigneeId))) throw new ContractError('USER_NOT_FOUND', `Nobody to give tickets to: ${assigneeId}`);
  }
}

const factsOf = (past: Past, zone: string, segmentIds: string[]): RoutingFacts => ({
  channel: past.channelType, channelId: past.channelId, language: past.language, tags: past.tags, segmentIds,
  text: `${past.subject ?? ''}\n${past.text ?? ''}`, at: past.createdAt, zone,
});

function tried(rules: readonly Candidate[], facts: RoutingFacts, past: Past | null): Tried {
  const { match, asked } = route(rules, facts);
  return {
    ticketId: past?.id ?? null, number: past?.number ?? null,
    matched: match && { id: match.id, name: match.name, place: rules.indexOf(match) + 1 },
    actions: match?.actions ?? null,
    why: asked.map(({ rule: { id, name }, holds, reasons }) => ({ id, name, holds, reasons })),
  };
}

const given = <T extends object>(wishes: T) => Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
