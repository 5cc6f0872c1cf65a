import { detectAll } from 'tinyld/light';

/** So much of a message is looked at. */
const LOOKED_AT = 500;
const LEAST_WORDS = 3;
const LEAST_LETTERS = 12;
/** The most likely language is believed only where it is so much likelier than the next one. */
const LEAD = 1.25;
/** Scripts that write no blanks between words: fewer letters say more. */
const DENSE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/gu;

/** The language of what a customer wrote (TKT-23), as ISO 639-1; null where the words are too few or could be of several. */
export function languageOf(text: string): string | null {
  const words = text.slice(0, LOOKED_AT).replace(/\b(https?:\/\/|www\.)\S+|\S+@\S+/gi, ' ');
  const letters = words.match(/\p{L}/gu)?.length ?? 0;
  const dense = words.match(DENSE)?.length ?? 0;
  if (dense < 4 && (letters < LEAST_LETTERS || words.split(/[^\p{L}’']+/u).filter(Boolean).length < LEAST_WORDS)) return null;
  const [first, second] = detectAll(words);
  return first && (!second || first.accuracy >= second.accuracy * LEAD) ? first.lang : null;
}
