import type { ChannelHealth, HealthState } from '@parley/contracts/channel-health';
import type { Failure, RefusalClass } from '../adapter.js';

/** What a failure says of the channel. `unreachable`: the provider does not answer, or not now; `message`: this one message was refused, others may pass. */
export type TroubleKind = 'auth' | 'config' | 'unreachable' | 'message';

/** A failure that stands until the next success in its direction. Times are RFC 3339. */
export type Trouble = Failure & { kind: Exclude<TroubleKind, 'message'>; since: string; at: string; times: number };

const KIND_OF: Readonly<Record<RefusalClass, TroubleKind>> = {
  auth: 'auth', config: 'config', address: 'message', consent: 'message', window: 'message', content: 'message', permanent: 'message',
};
export const kindOf = (refusal: RefusalClass): TroubleKind => KIND_OF[refusal];

/** The failure that stands now: the same kind again only counts. */
export function worsened(before: Trouble | null, kind: Trouble['kind'], { code, reason }: Failure, at: Date): Trouble {
  const same = before?.kind === kind ? before : null;
  return { kind, code, reason, since: same?.since ?? at.toISOString(), at: at.toISOString(), times: (same?.times ?? 0) + 1 };
}

/** A provider that has not answered for so long will not come back by itself. */
const UNREACHABLE_RED_SECONDS = 900;
/** Answers and mails leave within seconds; what has waited so long is stuck. */
const STUCK_SECONDS = 300;

export type Signs = { inbound: Trouble | null; outbound: Trouble | null; answerSince: Date | null; mailSince: Date | null; quarantined: number; at: Date };
type Reason = ChannelHealth['reasons'][number];

/** The whole of a channel's colour: the worst of its reasons. */
export function judged(signs: Signs): { state: HealthState; reasons: Reason[] } {
  const reasons = [
    ...[signs.inbound, signs.outbound].flatMap((trouble) => (trouble ? [told(trouble, signs.at)] : [])),
    ...stuck('answers_wait', 'Answers wait to be sent', signs.answerSince, signs.at),
    ...stuck('mails_wait', 'Mails wait to be read', signs.mailSince, signs.at),
    ...(signs.quarantined ? [{ code: 'quarantine', state: 'yellow' as const, text: `${signs.quarantined} in quarantine: retry or dismiss them`, since: null }] : []),
  ];
  const state = reasons.some((one) => one.state === 'red') ? 'red' : reasons.length ? 'yellow' : 'green';
  return { state, reasons };
}

function told({ kind, code, reason, since }: Trouble, at: Date): Reason {
  const isRed = kind === 'auth' || (kind === 'unreachable' && secondsSince(new Date(since), at) >= UNREACHABLE_RED_SECONDS);
  return { code: kind, state: isRed ? 'red' : 'yellow', text: `${code}: ${reason}`, since };
}

function stuck(code: string, text: string, since: Date | null, at: Date): Reason[] {
  return since && secondsSince(since, at) >= STUCK_SECONDS ? [{ code, state: 'yellow', text, since: since.toISOString() }] : [];
}

/** Whole seconds, never negative: two clocks may differ a little. */
export const secondsSince = (then: Date, at: Date): number => Math.max(0, Math.floor((at.getTime() - then.getTime()) / 1000));
