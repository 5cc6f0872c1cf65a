import { z } from 'zod';

/** SMS-6: how a text leaves. https://www.3gpp.org/dynareport/23038.htm */
export const SmsLength = z
  .object({
    encoding: z.enum(['GSM-7', 'UCS-2']),
    units: z.int().nonnegative().describe('Septets of GSM-7, or UTF-16 units'),
    segments: z.int().nonnegative().describe('What providers charge'),
    unitsLeft: z.int().nonnegative().describe('In the last segment'),
  })
  .meta({ id: 'SmsLength' });
export type SmsLength = z.infer<typeof SmsLength>;

/** One septet each (3GPP TS 23.038, 6.2.1). */
const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
/** Two septets each, which never part (6.2.1.1). */
const EXTENDED = new Set('\f^{}\\[~]|€');
const ROOM = { 'GSM-7': { one: 160, each: 153 }, 'UCS-2': { one: 70, each: 67 } } as const;

/** Counts the segments of a text: characters of two units are never split, so a segment may end one unit early. */
export function lengthOf(text: string): SmsLength {
  const letters = [...text];
  const encoding = letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter)) ? 'GSM-7' : 'UCS-2';
  const sizes = letters.map((letter) => (encoding === 'UCS-2' ? letter.length : EXTENDED.has(letter) ? 2 : 1));
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const { one, each } = ROOM[encoding];
  if (units <= one) return { encoding, units, segments: units ? 1 : 0, unitsLeft: one - units };
  let [segments, used] = [1, 0];
  for (const size of sizes) {
    if (used + size > each) [segments, used] = [segments + 1, 0];
    used += size;
  }
  return { encoding, units, segments, unitsLeft: each - used };
}

/** Typographic characters with a plain spelling in GSM-7: one of them doubles the price of a text. */
const PLAIN: Readonly<Record<string, string>> = {
  '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '´': "'", '`': "'", '“': '"', '”': '"', '„': '"', '‟': '"', '″': '"', '«': '"', '»': '"', '‹': "'", '›': "'",
  '‐': '-', '‑': '-', '‒': '-', '–': '-', '—': '-', '―': '-', '−': '-', '…': '...', '•': '-', '·': '.', '\u00a0': ' ', '\u2007': ' ', '\u2009': ' ', '\u202f': ' ', '\t': ' ',
  '\u200b': '', '\u2060': '', '\ufeff': '', '\u00ad': '', ç: 'Ç',
};
const TYPOGRAPHIC = new RegExp(`[${Object.keys(PLAIN).filter((sign) => sign !== 'ç').join('')}]`, 'g');

/** The text with plain punctuation; null where that would not make it cheaper. */
export function plainSpelling(text: string): string | null {
  const plain = text.replace(TYPOGRAPHIC, (sign) => PLAIN[sign]!);
  return plain !== text && lengthOf(plain).segments < lengthOf(text).segments ? plain : null;
}

const LINK = /\bhttps?:\/\/[^\s<>"']+/gi;
/** What ends a sentence rather than an address. */
const BEHIND = '.,;:!?…)]}»”’';

/** SMS-4: replaces every link to the web; what `shorten` answers null for stays. */
export function withLinks(text: string, shorten: (url: string) => string | null): string {
  return text.replace(LINK, (found) => {
    let end = found.length;
    while (BEHIND.includes(found[end - 1]!)) end--;
    const url = closed(found.slice(0, end), found.slice(end));
    const short = URL.canParse(url) ? shorten(url) : null;
    return short === null ? found : short + found.slice(url.length);
  });
}

/** A bracket that the address itself opened belongs to it: …/Bern_(Stadt). */
const closed = (url: string, behind: string) => (behind.startsWith(')') && url.split('(').length > url.split(')').length ? `${url})` : url);

/** A short link: `<base>/l/<code>`; ten characters of 62 cannot be guessed. */
export const LINK_CODE_LENGTH = 10;
export const LINK_CODE = new RegExp(`^[0-9A-Za-z]{${LINK_CODE_LENGTH}}$`);
export const shortLink = (base: string, code: string) => `${base.replace(/\/$/, '')}/l/${code}`;
