import type { ChannelType, ConsentKind, DeliveryState } from '@parley/contracts/channels';

/** TKT-8 as a lattice: a state is only ever replaced by a higher one, whatever order the callbacks arrive in. A delivery after a failure wins. */
export const RANK: Readonly<Record<DeliveryState, number>> = { queued: 0, sent: 1, failed: 2, delivered: 3, read: 4 };

export const isProgress = (from: DeliveryState, to: DeliveryState): boolean => RANK[to] > RANK[from];

/** Seconds until the next try, after the first, second … failed one; then the message has failed. */
export const BACKOFF_SECONDS = [5, 30, 120, 600, 3600, 21_600] as const;

/** How often a message is repeated at a provider that cannot be asked whether it has taken it (e-mail: under the same Message-ID). */
export const BLIND_REPEATS = 1;

/** Seconds to wait after `attempt` tries, ±20 % by `chance` in [0, 1), never earlier than the provider wishes; null: give up. */
export function waitSeconds(attempt: number, chance: number, retryAfterSeconds = 0): number | null {
  const base = BACKOFF_SECONDS[attempt - 1];
  if (base === undefined) return null;
  return Math.max(base * (0.8 + 0.4 * chance), Math.min(retryAfterSeconds, 86_400));
}

type Consents = Readonly<Partial<Record<ConsentKind, 'granted' | 'revoked'>>>;

const CONSENT_OF: Readonly<Record<ChannelType, readonly ConsentKind[]>> = {
  webchat: [],
  email: ['email'],
  sms: ['sms_marketing', 'sms_transactional'],
  instagram: [],
  whatsapp: ['whatsapp'],
};

/**
 * TKT-11, asked again at the moment of sending: what somebody revoked after the answer was written is not sent. Whether there was a grant at all
 * was asked when it was written; here one of several kinds that still stands is enough.
 */
export function forbidden(channel: ChannelType, consents: Consents, isBlocked: boolean): 'blocked' | 'opted_out' | null {
  if (isBlocked) return 'blocked';
  const states = CONSENT_OF[channel].map((kind) => consents[kind]);
  return states.includes('revoked') && !states.includes('granted') ? 'opted_out' : null;
}
