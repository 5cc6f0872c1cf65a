import { describe, expect, it } from '@jest/globals';
import type { Keyword } from '@parley/contracts/channels';
import { answerTo, isAnsweredBy } from './keyword-answers.rules.js';

const said = (keyword: Keyword, language: string | null, own = {}) => answerTo({ keyword, language }, own, 'Shop');

describe('answers to keywords', () => {
  it('SMS-2 name the brand, in the language of the word', () => {
    expect(said('stop', 'en')).toMatch(/^Shop: you are unsubscribed/);
    expect(said('stop', 'fr')).toMatch(/^Shop : vous êtes désabonné/);
    expect(said('stop', 'nl')).toMatch(/^Shop: you are unsubscribed/);
    expect(said('help', null)).toMatch(/^Shop: reply STOP/);
  });

  it('SMS-2 are the account’s own where it has some', () => {
    const own = { stopText: 'Bye', languages: { fr: { keywords: { stop: [], start: [], help: [], join: [] }, stopText: 'Au revoir', startText: null, helpText: null, joinText: null } } };
    expect([said('stop', 'en', own), said('stop', null, own), said('stop', 'fr', own), said('stop', 'nl', own)]).toEqual(['Bye', 'Bye', 'Au revoir', 'Bye']);
    expect(said('stop', 'de', own)).toMatch(/abgemeldet/);
    expect(said('start', 'fr', own)).toMatch(/de nouveau abonné/);
  });

  it('SMS-2 a name with signs of its own stays as it is', () => expect(answerTo({ keyword: 'join', language: 'en' }, {}, '$& Co')).toMatch(/^\$& Co: /));

  it.each([
    ['twilio', ' stop ', true],
    ['twilio', 'Stop all.', false],
    ['twilio', 'ARRET', false],
    ['telnyx', 'stop all', true],
    ['telnyx', 'REVOKE', false],
    ['meta', 'STOP', false],
  ])('SMS-2 %s answers "%s" by itself: %j', (provider, text, does) => expect(isAnsweredBy(provider, text)).toBe(does));
});
