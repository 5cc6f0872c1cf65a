import type { ConsentKind, Identifier } from '@parley/contracts/channels';
import type { Consent, ConsentState, Profile } from '@parley/contracts/profiles';
import type { z } from 'zod';

/** A customer's row with their identifiers. */
export type ProfileEntity = {
  id: string;
  accountId: string;
  name: string | null;
  locale: string | null;
  timezone: string | null;
  /** Current state by kind, derived from the ledger. */
  consents: Partial<Record<ConsentKind, ConsentState>>;
  blocked: boolean;
  createdAt: Date;
  version: number;
  identifiers: Identifier[];
};

/** A line of the append-only ledger (PRO-2). */
export type ConsentEntity = { id: string; kind: ConsentKind; state: ConsentState; source: string; evidence: string | null; at: Date };

const values = (profile: ProfileEntity, type: Identifier['type']) => profile.identifiers.filter((one) => one.type === type).map((one) => one.value);

/** The customer as the API and events show them. The external id is what web chat proves as `sub`. */
export const toProfile = (profile: ProfileEntity): Profile => ({
  id: profile.id,
  name: profile.name,
  externalId: values(profile, 'visitor')[0] ?? null,
  emails: values(profile, 'email'),
  phones: values(profile, 'phone'),
  identifiers: profile.identifiers,
  locale: profile.locale,
  timezone: profile.timezone,
  consents: profile.consents,
  blocked: profile.blocked,
  createdAt: profile.createdAt.toISOString(),
  version: profile.version,
});

export const toConsent = (entry: ConsentEntity): z.infer<typeof Consent> => ({ ...pick(entry), at: entry.at.toISOString() });

const pick = ({ id, kind, state, source, evidence }: ConsentEntity) => ({ id, kind, state, source, evidence });
