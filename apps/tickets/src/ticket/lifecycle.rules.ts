import type { ChannelType } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import type { TicketStatus } from '@parley/contracts/tickets';
import { POLICY } from './policy.rules.js';

export type Move = 'close' | 'reopen' | 'snooze' | 'wake';
export type Mover = 'agent' | 'customer' | 'timer';

/** Each move: from where, to where, who may, and the reason that a refusal gives. */
export const MOVES = {
  close:  { from: ['open', 'snoozed'], to: 'closed',  by: ['agent', 'customer', 'timer'], otherwise: 'already_closed' },
  reopen: { from: ['closed'],          to: 'open',    by: ['agent', 'customer'],          otherwise: 'not_closed' },
  snooze: { from: ['open', 'snoozed'], to: 'snoozed', by: ['agent'],                      otherwise: 'closed' },
  wake:   { from: ['snoozed'],         to: 'open',    by: ['agent', 'customer', 'timer'], otherwise: 'not_snoozed' },
} as const satisfies Record<Move, { from: readonly TicketStatus[]; to: TicketStatus; by: readonly Mover[]; otherwise: string }>;

/** Why the move cannot be made now, or null (TKT-5, TKT-6). `never_reopens`: the channel forbids it whatever happens. */
export function obstacle(ticket: { status: TicketStatus; channelType: ChannelType }, move: Move, by: Mover): string | null {
  const { from, by: movers, otherwise } = MOVES[move];
  if (!(movers as readonly Mover[]).includes(by)) return 'not_yours_to_do';
  if (!(from as readonly TicketStatus[]).includes(ticket.status)) return otherwise;
  if (move === 'reopen' && POLICY[ticket.channelType].closed[by === 'agent' ? 'agent' : 'customer'] !== 'reopen') return 'never_reopens';
  return null;
}

/** The status after the move. Refuses with MOVE_NOT_ALLOWED and the reason. */
export function moved(ticket: { status: TicketStatus; channelType: ChannelType }, move: Move, by: Mover): TicketStatus {
  const reason = obstacle(ticket, move, by);
  if (reason) throw new ContractError('MOVE_NOT_ALLOWED', `Cannot ${move} a ${ticket.status} ${ticket.channelType} ticket`, { reason });
  return MOVES[move].to;
}
