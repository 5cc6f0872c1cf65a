import { Injectable } from '@nestjs/common';
import type { AcceptedMessage } from '@parley/contracts/channels';
import { spamEvents } from '@parley/contracts/spam';
import { TAGS_PER_TICKET } from '@parley/contracts/tags';
import { ticketEvents } from '@parley/contracts/tickets';
import type { Tx } from '@parley/service/tx';
import { RoutingService, type Routed } from '../assignment/routing.service.js';
import type { NewDecision } from '../explain/history.entity.js';
import { SpamFilterService } from '../spam/spam-filter.service.js';
import { TaggingService } from '../tagging/tagging.service.js';
import { POLICY, kindOf, type Arrival } from '../ticket/policy.rules.js';
import type { NamedTicket } from '../ticket/ticket.entity.js';
import { TicketsService, type Fact } from '../ticket/tickets.service.js';
import { languageOf } from './language.rules.js';

/** What is decided by itself about a message that has come: facts that follow, why, in which language it is, and the tags of rules. */
export type Triage = { facts: Fact[]; decisions: NewDecision[]; language: string | null; tags: Routed['tags'] };
export type Arriving = { message: AcceptedMessage; does: Arrival; found: string | null; deskVersion?: number | null };

/** Decides what nobody has to: language (TKT-23), spam (TKT-20), team and person (RTE). A message that only joins its thread costs no question to the database. */
@Injectable()
export class TriageService {
  constructor(
    private readonly filter: SpamFilterService,
    private readonly routing: RoutingService,
    private readonly tagging: TaggingService,
    private readonly tickets: TicketsService,
  ) {}

  /** Changes the ticket, which the caller has locked and then saves. */
  async of(tx: Tx, ticket: NamedTicket, arriving: Arriving): Promise<Triage> {
    const { message, does, deskVersion: version } = arriving;
    const triage: Triage = { facts: [], decisions: does === 'append' ? [] : [thread(arriving)], language: null, tags: [] };
    this.listen(ticket, message, does, triage);
    if (await this.isSpam(tx, ticket, arriving, triage)) return triage;
    if (ticket.spam || (does !== 'new' && does !== 'reopen')) return triage;
    const before = { assigneeId: ticket.assigneeId, teamId: ticket.teamId, priority: ticket.priority };
    const routed = await this.routing[does === 'new' ? 'opened' : 'reopened'](tx, ticket, { text: message.text, version });
    triage.decisions.push(...routed.decisions);
    triage.tags = routed.tags;
    if (ticket.assigneeId !== before.assigneeId) triage.facts.push(ticketEvents.assigned);
    else if (does !== 'new' && (ticket.teamId !== before.teamId || ticket.priority !== before.priority)) triage.facts.push(ticketEvents.updated);
    return triage;
  }

  /** Gives the tags that rules have named, after the ticket was saved: what does not fit is left out. */
  async tag(tx: Tx, ticketId: string, tags: Routed['tags']): Promise<void> {
    if (!tags.length) return;
    const ticket = await this.tickets.lock(tx, ticketId);
    for (const { name, ruleId } of tags) if (ticket.tags.length < TAGS_PER_TICKET) await this.tagging.put(tx, ticket, name, 'rule', ruleId);
  }

  private listen(ticket: NamedTicket, message: AcceptedMessage, does: Arrival, triage: Triage): void {
    if (message.keyword || (does !== 'new' && ticket.language !== null)) return void (triage.language = ticket.language);
    const detected = languageOf(message.text.trim() ? message.text : (message.subject ?? ''));
    triage.language = detected ?? message.locale;
    ticket.language = triage.language;
    if (detected) triage.decisions.push({ kind: 'language', rule: 'TKT-23', ruleVersion: 1, inputs: { locale: message.locale }, outcome: { language: detected } });
  }

  /** Only what nobody has answered is looked at: whoever was answered is no stranger. */
  private async isSpam(tx: Tx, ticket: NamedTicket, { message, does, deskVersion: version }: Arriving, triage: Triage): Promise<boolean> {
    const kind = kindOf(message);
    if (ticket.spam || ticket.firstResponseAt !== null || (kind !== 'written' && kind !== 'bulk')) return false;
    const text = `${message.subject ?? ''}\n${message.text}`;
    const verdict = await this.filter.judge(tx, { text, automatic: message.automatic }, { isNew: does === 'new' || does === 'reopen', version });
    if (!verdict) return false;
    triage.decisions.push(verdict.decision);
    if (!verdict.isSpam) return false;
    ticket.spam = true;
    triage.facts.push(spamEvents.changed);
    return true;
  }
}

/** TKT-2: why the message is in this ticket. */
const thread = ({ message, does, found }: Arriving): NewDecision => ({
  kind: 'thread', rule: 'TKT-2', ruleVersion: 1,
  inputs: { channel: message.channel, per: POLICY[message.channel].per, among: POLICY[message.channel].among, found, kind: kindOf(message) },
  outcome: { does },
});
