import { describe, expect, it } from '@jest/globals';
import type { Keyword } from '@parley/contracts/channels';
import fc from 'fast-check';
import { KEYWORDS, KEYWORDS_AFTER_STOP, keywordIn, needsConsentToTell, squeezed } from './keyword.rules.js';

const standard = Object.entries(KEYWORDS).flatMap(([kind, words]) => words.map((word) => [word, kind as Keyword] as const));

describe('SMS-2 keywords', () => {
  it.each(standard)('SMS-2 %s means %s, in any case', (word, kind) => {
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
    ['stopp', null],
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
    const own = { stop: ['Nie wieder'], join: ['Ja, gerne!', 'yes', 'end'] };
    expect(['nie wieder.', 'JA GERNE', 'Yes', 'End', 'STOP', 'nie'].map((text) => keywordIn(text, own, false))).toEqual(['stop', 'join', 'join', 'join', 'stop', null]);
  });

  it('SMS-2 an own word of blanks and signs matches nothing', () => expect(keywordIn('?!', { stop: ['...'] }, true)).toBeNull());

  it('SMS-2 no word stands in two lists', () => {
    const words = [...standard.map(([word]) => word as string), ...KEYWORDS_AFTER_STOP];
    expect(new Set(words.map(squeezed)).size).toBe(words.length);
  });

  it('SMS-2 squeezing twice is squeezing once', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => expect(squeezed(squeezed(text))).toBe(squeezed(text))));
  });
});
