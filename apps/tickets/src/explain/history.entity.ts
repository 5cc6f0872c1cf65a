import type { ActorType } from '@parley/contracts/contract';
import type { Decision, DecisionKind } from '@parley/contracts/explain';
import type { TicketSnapshot } from '@parley/contracts/tickets';

/** What changed of a ticket, without what anybody wrote. */
export type Changes = Record<string, { from: unknown; to: unknown }>;
/** Something that happened to a ticket, under the id of the fact that tells it. */
export type HistoryEntity = { id: string; at: Date; type: string; actorType: ActorType; actorId: string | null; changes: Changes | null };
/** Something that was decided by itself (TKT-21). */
export type NewDecision = { kind: DecisionKind; rule: string; ruleVersion: number; inputs: Record<string, unknown>; outcome: Record<string, unknown> };
export type DecisionEntity = NewDecision & { id: string; at: Date };

export const toDecision = ({ id, at, kind, rule, ruleVersion, inputs, outcome }: DecisionEntity): Decision => ({ id, at: at.toISOString(), kind, rule, ruleVersion, inputs, outcome });

/** Shown with both values; of a subject, which people write, only that it changed. */
const SHOWN = ['status', 'snoozedUntil', 'assigneeId', 'teamId', 'tags', 'priority', 'spam', 'language', 'attribution'] as const satisfies readonly (keyof TicketSnapshot)[];

/** What of a ticket changed that its history tells; null for nothing but read marks and the like. */
export function changesOf(before: TicketSnapshot, after: TicketSnapshot): Changes | null {
  const changed = SHOWN.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field])).map((field) => [field, { from: before[field], to: after[field] }] as const);
  if (before.subject !== after.subject) changed.push(['subject' as never, { from: null, to: null }]);
  return changed.length ? Object.fromEntries(changed) : null;
}
