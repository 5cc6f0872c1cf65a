import type { Keyword } from '@parley/contracts/channels';

/** The account's own words beside the standard ones. */
export type OwnWords = Readonly<Partial<Record<Keyword, readonly string[]>>>;

/**
 * SMS-2: the union of what Twilio, Telnyx and AWS treat as keywords, in the spelling of `squeezed`. CANCEL or END alone is an opt-out in support,
 * too: the carrier has blocked the number by then.
 */
export const KEYWORDS = {
  stop: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'ARRET', 'REMOVE', 'TD'],
  start: ['START', 'UNSTOP'],
  help: ['HELP', 'INFO'],
  join: ['JOIN'],
} as const satisfies Record<Keyword, readonly string[]>;

/** START only for somebody who has opted out: otherwise every "Yes" to an agent's question would be swallowed. */
export const KEYWORDS_AFTER_STOP: readonly string[] = ['YES'];

/** Case, accents, blanks, punctuation and invisible characters do not matter: "Stop all." is STOPALL. */
export function squeezed(text: string): string {
  return text
    .normalize('NFKC')
    .normalize('NFD')
    .replace(/[\p{M}\p{C}]/gu, '')
    .toUpperCase()
    .replace(/[\p{Z}\p{P}\p{S}\s]/gu, '');
}

/** Which keyword the whole body is; a sentence that contains one is an ordinary message. The account's own words win over the standard ones. */
export function keywordIn(text: string, own: OwnWords, hasOptedOut: boolean): Keyword | null {
  if (text.length > 200) return null;
  const word = squeezed(text);
  if (!word) return null;
  const kinds = Object.keys(KEYWORDS) as Keyword[];
  const owned = kinds.find((kind) => own[kind]?.some((one) => squeezed(one) === word));
  if (owned) return owned;
  const standard = kinds.find((kind) => (KEYWORDS[kind] as readonly string[]).includes(word));
  if (standard) return standard;
  return hasOptedOut && KEYWORDS_AFTER_STOP.includes(word) ? 'start' : null;
}

/** Does it depend on the person's consent what this text means? Spares the question for all the others. */
export const needsConsentToTell = (text: string): boolean => text.length <= 200 && KEYWORDS_AFTER_STOP.includes(squeezed(text));
