import type { RoutingActions, RoutingConditions, RoutingRule, Team } from '@parley/contracts/assignment';
import type { OfficeHours } from '@parley/contracts/office-hours';
import type { Settings } from '@parley/contracts/settings';

/** A team's row with its members. */
export type TeamEntity = { id: string; name: string; memberIds: string[]; officeHours: OfficeHours | null; createdAt: Date; version: number };
/** A rule's row. */
export type RuleEntity = {
  id: string; position: number; name: string; enabled: boolean; onReopened: boolean; conditions: RoutingConditions; actions: RoutingActions; createdAt: Date; version: number;
};

/** Everything that tickets of an account are handed out by, as it stands at one version. */
export type DeskEntity = {
  version: number;
  rules: RuleEntity[];
  /** The teams there are, with the hours of those that have their own. */
  teams: Record<string, OfficeHours | null>;
  routing: Settings<'routing'>;
  spamThreshold: number | null;
  /** How many tickets people have called spam, and how many none. */
  samples: { spam: number; ham: number };
};

export const toTeam = ({ id, name, memberIds, officeHours, createdAt, version }: TeamEntity): Team => ({ id, name, memberIds, officeHours, createdAt: createdAt.toISOString(), version });

export const toRule = ({ id, position, name, enabled, onReopened, conditions, actions, createdAt, version }: RuleEntity): RoutingRule => ({
  id, position, name, enabled, onReopened, conditions, actions, createdAt: createdAt.toISOString(), version,
});
