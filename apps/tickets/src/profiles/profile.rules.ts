import type { Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { Properties, type Profile, type profiles } from '@parley/contracts/profiles';

/** What a profile says of itself. */
type Self = Pick<Profile, 'name' | 'locale' | 'timezone'> & { location: Profile['location'] | null; properties: Record<string, unknown> };

/** Custom properties after a change: only the named ones change, null forgets one. Refuses with VALIDATION_FAILED what is too many or too large by now. */
export function changedProperties(before: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const after = Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));
  const fault = Properties.safeParse(after).error?.issues[0];
  if (fault) throw new ContractError('VALIDATION_FAILED', 'The properties are too many', { errors: [{ pointer: '/properties', message: fault.message }] });
  return after;
}

type Wishes = Pick<Input<typeof profiles.upsert>, 'name' | 'locale' | 'timezone' | 'location' | 'properties'>;

/** The profile with what is wished; what is not named stays. */
export function takeOver(profile: Self, wishes: Wishes): void {
  const { name = profile.name, locale = profile.locale, timezone = profile.timezone, location = profile.location, properties = {} } = wishes;
  Object.assign(profile, { name, locale, timezone, location, properties: changedProperties(profile.properties, properties) });
}

/** What the one that stays gets from the one that is merged into it: values it lacks. Names only, the values stay where they were. */
export type Gained = { fields: (typeof FIELDS)[number][]; properties: string[] };
const FIELDS = ['name', 'locale', 'timezone', 'location'] as const;

/** What `into` lacks and `from` has (PRO-7). */
export const gainOf = (from: Self, into: Self): Gained => ({
  fields: FIELDS.filter((field) => into[field] === null && from[field] !== null),
  properties: Object.keys(from.properties).filter((name) => !Object.hasOwn(into.properties, name)),
});

/** Gives it. */
export function give(from: Self, into: Self, { fields, properties }: Gained): void {
  for (const field of fields) Object.assign(into, { [field]: from[field] });
  into.properties = { ...into.properties, ...Object.fromEntries(properties.map((name) => [name, from.properties[name]])) };
}

/** Takes it back, where it has not been changed since. Of an erased customer nothing is known any more. */
export function takeBack(from: Self, into: Self, { fields = [], properties = [] }: Partial<Gained>): void {
  for (const field of fields) if (same(into[field], from[field])) Object.assign(into, { [field]: null });
  const stale = new Set(properties.filter((name) => same(into.properties[name], from.properties[name])));
  into.properties = Object.fromEntries(Object.entries(into.properties).filter(([name]) => !stale.has(name)));
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
