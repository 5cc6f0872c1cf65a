import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isTrained, learnt, probability, tokensOf } from './filter.rules.js';
import { SIGNS, scoreBySigns } from './spam.rules.js';

const THRESHOLD = 0.8;
const PITCH = 'Dear sir, we offer SEO services and backlinks to bring your shop to the first page of Google. More website traffic, risk free! Click here: https://bit.ly/x1 https://rank.top/a https://seo.xyz/b';

describe('what looks like spam', () => {
  it.each([
    ['an offer with hidden links', PITCH, null],
    ['a casino in bulk', 'Casino bonus, jackpot and lottery! Click here and claim your prize now: https://win.click/go https://win.click/b https://win.click/c', 'bulk' as const],
    ['a loan again and again', `${'business loan offer act now '.repeat(10)} https://10.0.0.1/loan`, null],
  ])('TKT-20 %s is above the threshold', (_, text, automatic) => {
    expect(scoreBySigns({ text, automatic }).score).toBeGreaterThanOrEqual(THRESHOLD);
  });

  it.each([
    'Where is my order #1234? It should have come last week.',
    'Hi, the link in your mail is broken: https://shop.example/returns/99. Can you send me a new one?',
    'WHERE IS MY PARCEL??? THIS IS THE THIRD TIME THAT I ASK AND NOBODY ANSWERS ME!!!!',
    'Bonjour, je voudrais retourner mes chaussures, elles sont trop petites.',
    'Do you sell gift cards? I would like one for 50 €.',
    'I saw these three: https://shop.example/a https://shop.example/b https://shop.example/c - which one is warmest? I need it for a trip to Norway in January with my two kids.',
    '',
  ])('TKT-20 a customer who writes %j stays below', (text) => {
    expect(scoreBySigns({ text, automatic: null }).score).toBeLessThan(0.5);
  });

  it('TKT-20 no sign is enough by itself', () => {
    expect(SIGNS.length).toBeGreaterThan(5);
    expect(scoreBySigns({ text: 'casino', automatic: null }).score).toBeLessThan(THRESHOLD);
    expect(scoreBySigns({ text: 'Our newsletter', automatic: 'bulk' }).score).toBeLessThan(THRESHOLD);
  });

  it('TKT-20 scores lie between 0 and 1, whatever is written, and reasons quote nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), fc.constantFrom(null, 'bulk' as const), (text, automatic) => {
      const { score, reasons } = scoreBySigns({ text, automatic });
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(reasons.every(({ reason }) => SIGNS.some((sign) => sign.reason === reason))).toBe(true);
    }));
  });
});

describe('the filter of an account', () => {
  const samples = { spam: 10, ham: 10 };
  const words = (spam: number, ham: number) => [{ token: '1', counts: { spam, ham } }];

  it('TKT-20 learns from five of each, not from fewer', () => {
    expect([isTrained({ spam: 5, ham: 5 }), isTrained({ spam: 50, ham: 4 }), isTrained({ spam: 4, ham: 50 })]).toEqual([true, false, false]);
  });

  it('TKT-20 words of spam make spam, words of customers do not, new ones say nothing', () => {
    expect(probability(words(10, 0), samples)).toBeGreaterThan(0.9);
    expect(probability(words(0, 10), samples)).toBeLessThan(0.1);
    expect(probability([], samples)).toBe(0.5);
    expect(probability(words(0, 0), samples)).toBe(0.5);
    expect(probability(words(5, 5), samples)).toBeCloseTo(0.5);
  });

  it('TKT-20 what was learnt outweighs signs, and is among the reasons', () => {
    const signs = { score: 0.4, reasons: [{ reason: 'offers', weight: 0.4 }] };
    expect(learnt(signs, 0.99).score).toBeGreaterThan(0.9);
    expect(learnt(signs, 0.01).score).toBeLessThan(0.1);
    expect(learnt(signs, 0.99).reasons).toContainEqual({ reason: 'learnt', weight: 0.99 });
  });

  it('PRO-6 keeps words as numbers that another account does not share', () => {
    const mine = tokensOf('a', 'Hello hello mia@example.com https://shop.example/x');
    expect(mine.every((token) => /^\d{1,19}$/.test(token) && BigInt(token) < 2n ** 63n)).toBe(true);
    expect(new Set(mine).size).toBe(mine.length);
    expect(tokensOf('b', 'Hello')).not.toEqual(tokensOf('a', 'Hello'));
  });
});
