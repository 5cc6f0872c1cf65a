import type { ChannelType, ConsentKind, Identifier } from '@parley/contracts/channels';
import type { AuthorType } from '@parley/contracts/messages';
import type { ConsentState } from '@parley/contracts/profiles';
import type { CanReply, TicketStatus } from '@parley/contracts/tickets';

type Reason = NonNullable<CanReply['reason']>;
type Gate = {
  /** The customer must have agreed to one of `kinds` (opt in), or must not have revoked them (opt out). */
  consent?: { kinds: readonly ConsentKind[]; needs: 'grant' | 'no revocation' };
  /** The provider takes answers for so long after the customer's last message. */
  windowHours?: number;
  /** And for so long what a person writes, where the provider has allowed the brand that. */
  peopleHours?: number;
  whileOpen?: boolean;
};

/** TKT-11 by channel; settled 6 on consent. */
export const GATES = {
  webchat:   { whileOpen: true },
  email:     { consent: { kinds: ['email'], needs: 'no revocation' } },
  sms:       { consent: { kinds: ['sms_marketing', 'sms_transactional'], needs: 'grant' } },
  instagram: { windowHours: 24, peopleHours: 7 * 24 },
  whatsapp:  { consent: { kinds: ['whatsapp'], needs: 'no revocation' }, windowHours: 24 },
} as const satisfies Record<ChannelType, Gate>;

export type Answerable = {
  channelType: ChannelType;
  status: TicketStatus;
  /** The address the customer last wrote from. */
  customer: Identifier;
  lastInboundAt: Date;
  /** When the provider itself last said that its window is closed. */
  windowClosedAt: Date | null;
  profileBlocked: boolean;
  profileConsents: Partial<Record<ConsentKind, ConsentState>>;
  channelEnabled: boolean;
  /** The provider lets the brand's people answer for longer. */
  humanAgent: boolean;
};

const HOUR = 3_600_000;

/** May `author` answer at this moment, why not, and until when (TKT-11)? The last instant of a window is inside; where the provider says it is closed, it is. */
export function canReply(ticket: Answerable, at: Date, author: AuthorType = 'agent'): CanReply {
  const gate: Gate = GATES[ticket.channelType];
  const until = windowEnd(ticket, gate, author);
  const reason = refusal(ticket, gate, until !== null && (isToldClosed(ticket) || at > until));
  return { allowed: reason === null, reason, until: reason === null ? (until?.toISOString() ?? null) : null };
}

function windowEnd({ lastInboundAt, humanAgent }: Answerable, { windowHours, peopleHours }: Gate, author: AuthorType): Date | null {
  const hours = author === 'agent' && humanAgent ? (peopleHours ?? windowHours) : windowHours;
  return hours ? new Date(lastInboundAt.getTime() + hours * HOUR) : null;
}

const isToldClosed = ({ windowClosedAt, lastInboundAt }: Answerable) => windowClosedAt !== null && windowClosedAt >= lastInboundAt;

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
