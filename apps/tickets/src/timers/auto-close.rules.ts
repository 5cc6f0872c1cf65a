import type { ChannelType } from '@parley/contracts/channels';
import type { Settings } from '@parley/contracts/settings';

/** What TIME-3 looks at. */
export type Quiet = { channelType: ChannelType; status: string; spam: boolean; waitingSince: Date | null; answeredAt: Date | null; openSince: Date };

/** Nobody waits for anybody: the customer has had an answer and said no more. */
export const isQuiet = (ticket: Quiet) => ticket.status === 'open' && !ticket.spam && ticket.waitingSince === null && ticket.answeredAt !== null;

/** When the ticket closes by itself (TIME-3), or null. A ticket that was reopened or woken since its last answer gets the whole time again. */
export function autoCloseDue(ticket: Quiet, settings: Settings<'auto-close'>): Date | null {
  const rule = settings.channels[ticket.channelType];
  if (!rule || !isQuiet(ticket)) return null;
  return new Date(Math.max(ticket.answeredAt!.getTime(), ticket.openSince.getTime()) + rule.afterSeconds * 1000);
}
