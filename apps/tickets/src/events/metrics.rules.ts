import type { ChannelType } from '@parley/contracts/channels';

/** What Parley itself sees, from the customer's side (PRO-3): they sent what came in, and received what we sent. */
const NOUNS: Record<ChannelType, string> = { webchat: 'Chat Message', email: 'Email', sms: 'SMS', instagram: 'Instagram Message', whatsapp: 'WhatsApp' };
const VERBS = { inbound: 'Sent', outbound: 'Received' } as const;

/** Parley's own metrics, by direction and channel. */
export const METRICS = (Object.keys(VERBS) as (keyof typeof VERBS)[]).flatMap((direction) =>
  (Object.keys(NOUNS) as ChannelType[]).map((channel) => ({ metric: `${VERBS[direction]} ${NOUNS[channel]}`, direction, channel })));

/** SMS-4: a link of ours was followed. */
export const CLICKED = 'Clicked SMS';
/** Begins the unique id of an event that Parley itself has seen and that stands nowhere else. */
export const SEEN_BY_US = 'parley';

/** May any of these be one of Parley's own? Everything may where none is named. */
export const isOwn = (metrics: readonly string[] | null) => metrics === null || METRICS.some(({ metric }) => metrics.includes(metric));
