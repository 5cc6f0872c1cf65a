import { describe, expect, it } from '@jest/globals';
import type { Keyword } from '@parley/contracts/channels';
import fc from 'fast-check';
import { KEYWORDS_AFTER_STOP, keywordIn, matchIn, needsConsentToTell, readsLikeOptOut, squeezed, STANDARD } from './keyword.rules.js';

const standard = Object.entries(STANDARD).flatMap(([language, kinds]) => Object.entries(kinds).flatMap(([kind, words]) => words.map((word) => [word, kind as Keyword, language] as const)));

describe('SMS-2 keywords', () => {
  it.each(standard)('SMS-2 %s means %s in %s, in any case', (word, kind, language) => {
    expect(matchIn(word, {}, false)).toEqual({ keyword: kind, language });
    for (const text of [word, word.toLowerCase(), ` ${word}. `, word.split('').join(' '), `“${word}”!`]) expect(keywordIn(text, {}, false)).toBe(kind);
  });

  it.each<[text: string, means: Keyword | null]>([
    ['Stop all.', 'stop'],
    ['OPT-OUT', 'stop'],
    ['Arrêt', 'stop'],
    ['ＳＴＯＰ', 'stop'],
    ['S\u200bT\u202eO\u2060P\ufeff', 'stop'],
    ['stop 👋', 'stop'],
    ['un\nstop', 'start'],
    ['Help?', 'help'],
    ['Cancel my order please', null],
    ['please stop', null],
    ['stoppp', null],
    ['Hjälp', 'help'],
    ['désabonner', 'stop'],
    ['STOP1', null],
    ['', null],
    [' ...! ', null],
    ['👍', null],
    ['СТОП', null],
  ])('SMS-2 "%j" means %j', (text, means) => expect(keywordIn(text, {}, false)).toBe(means));

  it.each(KEYWORDS_AFTER_STOP)('SMS-2 %s means START only for somebody who has opted out', (word) => {
    expect([keywordIn(word, {}, false), keywordIn(word, {}, true), keywordIn(`${word} please`, {}, true)]).toEqual([null, 'start', null]);
    expect([needsConsentToTell(` ${word.toLowerCase()}! `), needsConsentToTell(`${word} please`), needsConsentToTell('STOP')]).toEqual([true, false, false]);
  });

  it('SMS-2 the account’s own words count beside the standard ones, and win', () => {
    const own = { keywords: { stop: ['Nie wieder'], join: ['Ja, gerne!', 'yes', 'end'] } };
    expect(['nie wieder.', 'JA GERNE', 'Yes', 'End', 'STOP', 'nie'].map((text) => keywordIn(text, own, false))).toEqual(['stop', 'join', 'join', 'join', 'stop', null]);
  });

  it('SMS-2 own words have the language they were given', () => {
    const own = { keywords: { stop: ['Basta'] }, languages: { fr: { keywords: { stop: ['Fini'], help: ['end'] } } } };
    expect(['fini !', 'basta', 'End', 'arrêt'].map((text) => matchIn(text, own, false))).toEqual([
      { keyword: 'stop', language: 'fr' }, { keyword: 'stop', language: null }, { keyword: 'help', language: 'fr' }, { keyword: 'stop', language: 'fr' },
    ]);
  });

  it.each<[text: string, does: boolean]>([
    ['Please stop texting me', true],
    ['I want to opt out.', true],
    ['remove me from your list', true],
    ["Don't message me anymore", true],
    ['Bitte keine SMS mehr', true],
    ['Ne plus recevoir de SMS', true],
    ['Where is my order?', false],
    ['Cancel my order 1042 please', false],
    ['The bus stop is far from here', false],
    ['Can you send me a text when it ships?', false],
  ])('SMS-2 "%s" reads like an opt-out: %j', (text, does) => expect(readsLikeOptOut(text)).toBe(does));

  it('SMS-2 an own word of blanks and signs matches nothing', () => expect(keywordIn('?!', { keywords: { stop: ['...'] } }, true)).toBeNull());

  it('SMS-2 no word stands in two lists', () => {
    const words = [...standard.map(([word]) => word as string), ...KEYWORDS_AFTER_STOP];
    expect(new Set(words.map(squeezed)).size).toBe(words.length);
  });

  it('SMS-2 squeezing twice is squeezing once', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => expect(squeezed(squeezed(text))).toBe(squeezed(text))));
  });
});
