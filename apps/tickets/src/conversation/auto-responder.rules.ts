import type { AcceptedMessage } from '@parley/contracts/channels';
import { AUTO_RESPONSES, AutoResponder } from '@parley/contracts/texting';
import type { CanReply } from '@parley/contracts/tickets';

/** SMS-3: at most one answer in so long. */
export const PAUSE_SECONDS = 3600;

/** How a channel answers by itself; null: it does not. One that was connected before there was such a setting does not. */
export function responderOf(settings: Record<string, unknown>): { audience: 'all' | 'not_consented'; text: string } | null {
  const { audience = 'off', text = null } = settings['autoResponder'] === undefined ? {} : (AutoResponder.safeParse(settings['autoResponder']).data ?? {});
  return audience === 'off' ? null : { audience, text: text ?? AUTO_RESPONSES.standard };
}

/** Is this a message that is answered by itself at all? Keywords have answers of their own, and machines get none. */
export const isAnswerable = (message: Pick<AcceptedMessage, 'channel' | 'keyword' | 'automatic' | 'from'>): boolean =>
  message.channel === 'sms' && message.keyword === null && message.automatic === null && message.from[0]?.type === 'phone';

/** Whom the responder addresses, by what stands in the way of a person's answer (TKT-11): without consent it may still speak, to somebody who opted out it may not. */
export function isAddressed(audience: 'all' | 'not_consented', { allowed, reason }: Pick<CanReply, 'allowed' | 'reason'>): boolean {
  return reason === 'no_consent' || (audience === 'all' && allowed);
}
