import type { ChannelType, ConsentKind, Keyword } from '@parley/contracts/channels';
import type { ConsentState } from '@parley/contracts/profiles';

/** Source of what a keyword says, in the ledger. */
export const KEYWORD_SOURCE = 'keyword';

/** One line of the ledger, as far as rules read it. */
export type Entry = { kind: ConsentKind; state: ConsentState; source: string };
type Change = { kind: ConsentKind; state: ConsentState };

/** What keywords speak of, by channel (SMS-2, META-3). */
const KINDS: Partial<Record<ChannelType, { all: readonly ConsentKind[]; start: ConsentKind; join: ConsentKind }>> = {
  sms: { all: ['sms_marketing', 'sms_transactional'], start: 'sms_transactional', join: 'sms_marketing' },
  whatsapp: { all: ['whatsapp'], start: 'whatsapp', join: 'whatsapp' },
};

/** What a keyword changes (SMS-2): STOP revokes all, START gives back what STOP took or else the least, JOIN grants marketing, HELP nothing. */
export function changesOf(keyword: Keyword, channel: ChannelType, ledger: readonly Entry[]): Change[] {
  const kinds = KINDS[channel];
  if (!kinds || keyword === 'help') return [];
  if (keyword === 'join') return unless(ledger, [{ kind: kinds.join, state: 'granted' }]);
  if (keyword === 'stop') return unless(ledger, kinds.all.map((kind) => ({ kind, state: 'revoked' })));
  const stopped = kinds.all.filter((kind) => takenByStop(ledger, kind));
  return unless(ledger, (stopped.length ? stopped : [kinds.start]).map((kind) => ({ kind, state: 'granted' })));
}

/** Only what differs from the current state. The ledger is read from the oldest entry to the newest. */
export const unless = (ledger: readonly Entry[], changes: readonly Change[]) => changes.filter(({ kind, state }) => current(ledger, kind)?.state !== state);

const current = (ledger: readonly Entry[], kind: ConsentKind) => ledger.filter((entry) => entry.kind === kind).at(-1);

function takenByStop(ledger: readonly Entry[], kind: ConsentKind): boolean {
  const [before, last] = ledger.filter((entry) => entry.kind === kind).slice(-2);
  return before?.state === 'granted' && last?.state === 'revoked' && last.source === KEYWORD_SOURCE;
}
