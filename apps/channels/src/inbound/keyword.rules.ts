import type { Keyword } from '@parley/contracts/channels';

type Words = Readonly<Partial<Record<Keyword, readonly string[]>>>;
/** The account's own words beside the standard ones, of no language and by language: as in the settings of a channel for texts. */
export type OwnWords = { keywords?: Words; languages?: Readonly<Record<string, { keywords?: Words }>> };
/** `language`: of the word; null: the account's own, of no language. */
export type Match = { keyword: Keyword; language: string | null };

const KINDS: readonly Keyword[] = ['stop', 'start', 'help', 'join'];

/**
 * SMS-2, in the spelling of `squeezed`. English: the union of what Twilio, Telnyx and AWS treat as keywords (CANCEL or END alone is an opt-out in
 * support, too: the carrier has blocked the number by then). The other languages: what has no second meaning as an answer to an agent.
 */
export const STANDARD: Readonly<Record<string, Words>> = {
  en: { stop: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'REMOVE', 'TD'], start: ['START', 'UNSTOP'], help: ['HELP', 'INFO'], join: ['JOIN'] },
  fr: { stop: ['ARRET', 'ARRETER', 'DESABONNER'], help: ['AIDE'] },
  de: { stop: ['STOPP', 'ABMELDEN', 'ABBESTELLEN'], help: ['HILFE'] },
  es: { stop: ['PARAR', 'CANCELAR'], help: ['AYUDA'] },
  pt: { help: ['AJUDA'] },
  it: { stop: ['FERMA', 'DISISCRIVI'], help: ['AIUTO'] },
  nl: { stop: ['AFMELDEN', 'UITSCHRIJVEN'], help: ['HULP'] },
  sv: { stop: ['AVSLUTA', 'AVREGISTRERA'], help: ['HJALP'] },
};

/** All standard words of a kind. */
export const standardWords = (keyword: Keyword): string[] => Object.values(STANDARD).flatMap((words) => words[keyword] ?? []);

/** START only for somebody who has opted out: otherwise every "Yes" to an agent's question would be swallowed. */
export const KEYWORDS_AFTER_STOP: readonly string[] = ['YES'];
const MOST_LETTERS = 200;

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
export function matchIn(text: string, own: OwnWords, hasOptedOut: boolean): Match | null {
  const word = text.length > MOST_LETTERS ? '' : squeezed(text);
  if (!word) return null;
  const vocabularies: [string | null, Words][] = [[null, own.keywords ?? {}], ...Object.entries(own.languages ?? {}).map(([language, { keywords = {} }]) => [language, keywords] as [string, Words]), ...Object.entries(STANDARD)];
  for (const [language, words] of vocabularies) {
    const keyword = KINDS.find((kind) => words[kind]?.some((one) => squeezed(one) === word));
    if (keyword) return { keyword, language };
  }
  return hasOptedOut && KEYWORDS_AFTER_STOP.includes(word) ? { keyword: 'start', language: 'en' } : null;
}

export const keywordIn = (text: string, own: OwnWords, hasOptedOut: boolean): Keyword | null => matchIn(text, own, hasOptedOut)?.keyword ?? null;

/** Does it depend on the person's consent what this text means? Spares the question for all the others. */
export const needsConsentToTell = (text: string): boolean => text.length <= MOST_LETTERS && KEYWORDS_AFTER_STOP.includes(squeezed(text));

/** Ways to ask for silence in whole sentences; US rules take any reasonable wording for a revocation. */
const ASKS_FOR_SILENCE = [
  /\b(stop|quit|cease)\b.{0,20}\b(text|texts|texting|messag\w*|sms|contacting|sending|spamming)\b/i,
  /\b(unsubscribe|un-subscribe|opt(ing)?[ -]?(me )?out)\b/i,
  /\b(take|remove|delete)\b.{0,20}\b(me|my number)\b/i,
  /\b(do not|don['’]?t|no longer|never)\b.{0,20}\b(text|message|contact|send)\b/i,
  /\b(no more|no further)\b.{0,15}\b(text|texts|messages|sms)\b/i,
  /\b(nicht mehr|keine|keinen)\b.{0,25}\b(schreiben|sms|nachrichten|kontaktieren)\b/i,
  /\b(ne|n['’])\b.{0,25}\b(plus|pas)\b.{0,25}\b(sms|messages|contacter|envoyer|recevoir)\b/i,
  /\b(no)\b.{0,20}\b(env[ií]en|escriban|manden|quiero)\b.{0,20}\b(mensajes|sms|m[aá]s)\b/i,
];

/** Does a sentence read like an opt-out? A person should look: nothing follows by itself. */
export const readsLikeOptOut = (text: string): boolean => text.length <= 500 && ASKS_FOR_SILENCE.some((wording) => wording.test(text));
