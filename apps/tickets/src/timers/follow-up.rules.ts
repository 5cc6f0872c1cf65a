import type { Settings } from '@parley/contracts/settings';

/** What TIME-1 looks at. */
export type Chat = {
  channelType: string;
  status: string;
  chatOnline: boolean | null;
  chatSince: Date | null;
  lastAgentSeq: number;
  lastAgentAt: Date | null;
  lastInboundSeq: number;
  readUpToSeq: number;
};
/** Where it would go, and from whom. */
export type Addresses = { to: string | null; from: string | null };

/** The visitor has left with an answer unread; writing is as good as reading. That an absence has one e-mail at most is kept by the timer's generation. */
export function hasLeftUnread(chat: Chat): boolean {
  const isAway = chat.channelType === 'webchat' && chat.status !== 'closed' && chat.chatOnline === false;
  return isAway && chat.lastAgentSeq > Math.max(chat.readUpToSeq, chat.lastInboundSeq);
}

/** When the follow-up e-mail is due (TIME-1), or null where none is. */
export function followUpDue(chat: Chat, settings: Settings<'follow-up'>, addresses: Addresses): Date | null {
  if (!settings.enabled || !addresses.to || !addresses.from || !hasLeftUnread(chat)) return null;
  return new Date(Math.max(chat.chatSince?.getTime() ?? 0, chat.lastAgentAt?.getTime() ?? 0) + settings.delaySeconds * 1000);
}
