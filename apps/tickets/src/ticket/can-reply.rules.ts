import type { ChannelType, ConsentKind, Identifier } from '@parley/contracts/channels';
import type { ConsentState } from '@parley/contracts/profiles';
import type { CanReply, TicketStatus } from '@parley/contracts/tickets';

type Reason = NonNullable<CanReply['reason']>;
type Gate = {
  /** The customer must have agreed to one of `kinds` (opt in), or must not have revoked them (opt out). */
  consent?: { kinds: readonly ConsentKind[]; needs: 'grant' | 'no revocation' };
  /** The provider takes answers for so long after the customer's last message. */
  windowHours?: number;
  whileOpen?: boolean;
};

/** TKT-11 by channel; settled 6 on consent. */
export const GATES = {
  webchat:   { whileOpen: true },
  email:     { consent: { kinds: ['email'], needs: 'no revocation' } },
  sms:       { consent: { kinds: ['sms_marketing', 'sms_transactional'], needs: 'grant' } },
  instagram: { windowHours: 24 },
  whatsapp:  { consent: { kinds: ['whatsapp'], needs: 'no revocation' }, windowHours: 24 },
} as const satisfies Record<ChannelType, Gate>;

export type Answerable = {
  channelType: ChannelType;
  status: TicketStatus;
  /** The address the customer last wrote from. */
  customer: Identifier;
  lastInboundAt: Date;
  profileBlocked: boolean;
  profileConsents: Partial<Record<ConsentKind, ConsentState>>;
  channelEnabled: boolean;
};

const HOUR = 3_600_000;

/** May somebody answer at this moment, why not, and until when (TKT-11)? The last instant of a window is inside. */
export function canReply(ticket: Answerable, at: Date): CanReply {
  const gate: Gate = GATES[ticket.channelType];
  const until = gate.windowHours ? new Date(ticket.lastInboundAt.getTime() + gate.windowHours * HOUR) : null;
  const reason = refusal(ticket, gate, until !== null && at > until);
  return { allowed: reason === null, reason, until: reason === null ? (until?.toISOString() ?? null) : null };
}

function refusal(ticket: Answerable, gate: Gate, windowIsOver: boolean): Reason | null {
  if (ticket.profileBlocked) return 'blocked';
  if (!ticket.channelEnabled) return 'channel_off';
  if (gate.whileOpen && ticket.status === 'closed') return 'chat_closed';
  if (ticket.customer.type === 'alnum') return 'not_addressable';
  return (gate.consent && dissent(ticket, gate.consent)) ?? (windowIsOver ? 'window_closed' : null);
}

function dissent({ profileConsents }: Answerable, { kinds, needs }: NonNullable<Gate['consent']>): Reason | null {
  const states = kinds.map((kind) => profileConsents[kind]);
  if (needs === 'grant' && states.includes('granted')) return null;
  if (states.includes('revoked')) return 'opted_out';
  return needs === 'grant' ? 'no_consent' : null;
}
