import { ROLES_BY_POWER, type Role } from '@parley/contracts/access';

/** Is `own` at least as powerful as `other`? */
export const atLeast = (own: Role, other: Role) => ROLES_BY_POWER.indexOf(own) <= ROLES_BY_POWER.indexOf(other);

/** Nobody touches somebody above them, and nobody grants a role above their own (ACC-2): an admin cannot touch an owner. */
export const mayChange = (by: Role, target: Role, to: Role = target) => atLeast(by, target) && atLeast(by, to);

/** Would the account be left without an active owner? `owners`: how many it has now. */
export const leavesNoOwner = (before: Standing, after: Standing, owners: number) => isOwner(before) && !isOwner(after) && owners <= 1;

type Standing = { role: Role; active: boolean };
const isOwner = ({ role, active }: Standing) => role === 'owner' && active;
