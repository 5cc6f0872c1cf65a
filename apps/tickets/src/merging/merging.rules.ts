import type { ChannelType } from '@parley/contracts/channels';
import { ContractError } from '@parley/contracts/errors';
import type { TicketStatus } from '@parley/contracts/tickets';

/** What decides whether tickets may become one, or two. */
export type Mergeable = { id: string; profileId: string; channelType: ChannelType; channelId: string; status: TicketStatus; mergedInto: string | null };

/** A chat that lives has its numbers at the visitor's: it is not renumbered under their eyes. */
const isLive = ({ channelType, status }: Mergeable) => channelType === 'webchat' && status !== 'closed';

/** Why one ticket cannot be put into the other, or null (TKT-22). */
export function mergeObstacle(from: Mergeable, into: Mergeable): string | null {
  if (from.id === into.id) return 'same_ticket';
  if (from.mergedInto || into.mergedInto) return 'already_merged';
  if (from.profileId !== into.profileId) return 'other_person';
  if (from.channelType !== into.channelType || from.channelId !== into.channelId) return 'other_channel';
  if (isLive(from) || isLive(into)) return 'chat_live';
  return into.status === 'closed' && from.status !== 'closed' ? 'into_closed' : null;
}

/** Why a ticket cannot be split before its message of this number, or null (TKT-22). */
export function splitObstacle(ticket: Mergeable, isFirst: boolean): string | null {
  if (isLive(ticket)) return 'chat_live';
  return isFirst ? 'nothing_left' : null;
}

/** Refuses with MERGE_NOT_ALLOWED and the reason, where there is one. */
export function refuseWith(reason: string | null): void {
  if (reason) throw new ContractError('MERGE_NOT_ALLOWED', `That cannot be done: ${reason}`, { reason });
}
