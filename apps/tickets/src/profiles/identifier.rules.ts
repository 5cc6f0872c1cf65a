import type { Identifier } from '@parley/contracts/channels';
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/min/metadata';

type Kind = Identifier['type'];

/** How each kind of identifier is written, so that one person is found by any spelling (PRO-1). */
export const SPELLING = {
  // E.164; what is no international number, such as a short code, keeps its digits.
  phone: (value) => parsePhoneNumberFromString(value, metadata)?.number ?? value.replace(/[^\d+]/g, ''),
  email: (value) => value.trim().toLowerCase(),
  wa_id: (value) => value.replace(/\D/g, ''),
  visitor: (value) => value,
  igsid: (value) => value,
  bsuid: (value) => value,
  alnum: (value) => value.trim().toUpperCase(),
} as const satisfies Record<Kind, (value: string) => string>;

/** The identifier as it is kept. */
export const spelled = (identifier: Identifier): Identifier => ({ ...identifier, value: SPELLING[identifier.type](identifier.value) || identifier.value });

export const sameIdentifier = (a: Pick<Identifier, 'type' | 'value'>, b: Pick<Identifier, 'type' | 'value'>) => a.type === b.type && a.value === b.value;

/** Which of a message's further identifiers the profile should get: proven ones that it does not have. The first one is what it was found by. */
export const toLearn = (from: readonly Identifier[], known: readonly Identifier[]) =>
  from.slice(1).map(spelled).filter((one) => one.verified && !known.some((has) => sameIdentifier(has, one)));
