import type { AcceptedMessage, ConsentKind, Identifier } from '@parley/contracts/channels';
import type { Consent, ConsentState, Location, Profile, Quarantined } from '@parley/contracts/profiles';
import type { z } from 'zod';

/** A customer's row with their identifiers. */
export type ProfileEntity = {
  id: string;
  accountId: string;
  name: string | null;
  locale: string | null;
  timezone: string | null;
  location: z.infer<typeof Location> | null;
  /** Custom properties. */
  properties: Record<string, unknown>;
  /** Current state by kind, derived from the ledger. */
  consents: Partial<Record<ConsentKind, ConsentState>>;
  blocked: boolean;
  /** The profile that this one was merged into (PRO-7). */
  mergedInto: string | null;
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
  location: profile.location,
  properties: profile.properties,
  consents: profile.consents,
  blocked: profile.blocked,
  createdAt: profile.createdAt.toISOString(),
  version: profile.version,
});

export const toConsent = (entry: ConsentEntity): z.infer<typeof Consent> => ({ ...pick(entry), at: entry.at.toISOString() });

const pick = ({ id, kind, state, source, evidence }: ConsentEntity) => ({ id, kind, state, source, evidence });

/** An accepted message that stands in no thread (PRO-5). */
export type QuarantinedEntity = { id: string; why: Quarantined['why']; message: AcceptedMessage; at: Date };

export const toQuarantined = ({ id, why, message: { channel, channelId, subject, text, attachments }, at }: QuarantinedEntity): Quarantined => ({
  id, why, channel, channelId, subject, text, attachments, receivedAt: at.toISOString(),
});
