import type { ChannelType } from '@parley/contracts/channels';

/** What campaigns mean by channel: do their messages stand in the thread (TKT-9), and are answers attributed to them (SMS-5)? */
export const CAMPAIGNS = {
  sms: { inThread: true, attributed: true },
  whatsapp: { inThread: true, attributed: false },
  email: { inThread: false, attributed: false },
  instagram: { inThread: false, attributed: false },
  webchat: { inThread: false, attributed: false },
} as const satisfies Record<ChannelType, { inThread: boolean; attributed: boolean }>;

/** What a campaign or a flow sent last before a message of the customer. */
export type LastSent = { id: string; kind: 'campaign' | 'flow'; sourceId: string; sourceName: string | null; sentAt: string; answeredBy: string | null };

/** SMS-5: is the message its answer? Exactly at the end of the window it still is; only the first message of the answer is. */
export function isAnswer({ sentAt, answeredBy }: Pick<LastSent, 'sentAt' | 'answeredBy'>, messageAt: Date, windowSeconds: number): boolean {
  const afterMs = messageAt.getTime() - Date.parse(sentAt);
  return answeredBy === null && afterMs >= 0 && afterMs <= windowSeconds * 1000;
}
