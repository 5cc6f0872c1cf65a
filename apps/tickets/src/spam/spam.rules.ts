/** What is looked at of a message. */
export type Suspect = { text: string; automatic: 'auto_reply' | 'bulk' | null };
export type SpamReason = { reason: string; weight: number };
export type SpamScore = { score: number; reasons: SpamReason[] };
/** Scores a message between 0 (surely none) and 1 (surely spam), with reasons that quote nothing. */
export type SpamScorer = (message: Suspect) => SpamScore;

/** So much of a message is looked at. */
const LOOKED_AT = 2000;

/** What unsolicited offers to shops are about, in the words they use. Each is one sign; one alone is never enough. */
const OFFERS = [
  'casino', 'viagra', 'cialis', 'lottery', 'jackpot', 'sweepstakes', 'bitcoin', 'crypto investment', 'forex', 'binary options', 'payday loan', 'business loan', 'loan offer',
  'seo service', 'seo services', 'backlink', 'backlinks', 'guest post', 'link building', 'rank on google', 'first page of google', 'website traffic', 'web traffic', 'buy followers',
  'email list', 'email lists', 'leads database', 'web design services', 'app development services', 'bulk sms', 'make money', 'work from home', 'earn extra', 'risk free', 'act now',
  'limited time offer', 'click here', 'claim your prize', 'you have won', 'unclaimed', 'inheritance', 'wire transfer', 'million dollars', 'dear sir madam', 'adult dating',
  'gewinnspiel', 'kredit ohne schufa', 'gagnez de l argent', 'pret rapide', 'ganar dinero', 'prestamo rapido', 'ganhar dinheiro', 'geld lenen', 'tjana pengar',
];
const SHORTENERS = /^(bit\.ly|t\.co|tinyurl\.com|goo\.gl|is\.gd|cutt\.ly|rb\.gy|shorturl\.at|ow\.ly)$/;
const ODD_HOST = /^(\d{1,3}(\.\d{1,3}){3}|.*\bxn--.*|.*\.(xyz|top|click|loan|win|bid|icu|cyou|monster|quest))$/;

type Looked = { text: string; words: string[]; hosts: string[]; automatic: Suspect['automatic'] };
type Sign = { reason: string; weight: (looked: Looked) => number };

/** The rule-based default (TKT-20): signs and what they weigh. Together they make 1 − ∏(1 − weight): more signs are surer, and no sum of small ones is certain. */
export const SIGNS: readonly Sign[] = [
  { reason: 'sent_in_bulk', weight: ({ automatic }) => (automatic === 'bulk' ? 0.3 : 0) },
  { reason: 'many_links', weight: ({ hosts }) => (hosts.length >= 6 ? 0.6 : hosts.length >= 3 ? 0.4 : 0) },
  { reason: 'hardly_more_than_links', weight: ({ hosts, words }) => (hosts.length > 0 && words.length < 5 * hosts.length ? 0.25 : 0) },
  { reason: 'hides_where_links_lead', weight: ({ hosts }) => (hosts.some((host) => SHORTENERS.test(host) || ODD_HOST.test(host)) ? 0.35 : 0) },
  { reason: 'offers', weight: ({ words }) => 1 - 0.55 ** Math.min(4, offersIn(words)) },
  { reason: 'says_the_same_again_and_again', weight: ({ words }) => (words.length >= 20 && new Set(words).size / words.length < 0.35 ? 0.5 : 0) },
  { reason: 'shouts', weight: ({ text }) => (shouts(text) ? 0.2 : 0) },
  { reason: 'hidden_characters', weight: ({ text }) => (/[\u200B\u2060\u00AD\u202A-\u202E]/.test(text) ? 0.3 : 0) },
];
/** Grows with every change of `SIGNS`. */
export const SIGNS_VERSION = 1;

/** The default scorer: signs alone, nothing learnt. */
export const scoreBySigns: SpamScorer = ({ text, automatic }) => {
  const looked = text.slice(0, LOOKED_AT);
  const facts: Looked = { text: looked, words: wordsOf(looked), hosts: hostsOf(looked), automatic };
  const reasons = SIGNS.map(({ reason, weight }) => ({ reason, weight: rounded(weight(facts)) })).filter(({ weight }) => weight > 0);
  return { score: rounded(1 - reasons.reduce((left, { weight }) => left * (1 - weight), 1)), reasons };
};

/** The words of a message: without case, accents, addresses and numbers, each as often as it stands there. */
export const wordsOf = (text: string): string[] =>
  text.slice(0, LOOKED_AT).replace(/https?:\/\/\S+/gi, ' ').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(/[^\p{L}]+/u).filter((word) => word.length > 1);

/** Where links lead, each as often as it stands there. */
export const hostsOf = (text: string): string[] => Array.from(text.matchAll(/\bhttps?:\/\/([^\s/?#:]+)/gi), ([, host]) => host!.toLowerCase().replace(/^www\./, ''));

function offersIn(words: string[]): number {
  const line = ` ${words.join(' ')} `;
  return OFFERS.filter((offer) => line.includes(` ${offer} `)).length;
}

function shouts(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  return (letters >= 40 && capitals / letters > 0.7) || /[!$€]{4,}/.test(text);
}

const rounded = (value: number) => Math.round(value * 1000) / 1000;
