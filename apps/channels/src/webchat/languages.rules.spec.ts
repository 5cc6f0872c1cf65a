import { expect, it } from '@jest/globals';
import { inLanguage } from './languages.rules.js';

const texts = { en: 'hello', de: 'hallo', 'pt-BR': 'oi', 'zh-Hant': '你好' };

it.each`
  wanted                   | text
  ${['de']}                | ${'hallo'}
  ${['de-AT']}             | ${'hallo'}
  ${['DE-at-1996']}        | ${'hallo'}
  ${['pt-BR']}             | ${'oi'}
  ${['pt']}                | ${'oi'}
  ${['pt-PT']}             | ${'oi'}
  ${['zh-Hant-TW']}        | ${'你好'}
  ${['fr', 'de']}          | ${'hallo'}
  ${[null, 'pt-BR']}       | ${'oi'}
  ${['fr']}                | ${'hello'}
  ${['d']}                 | ${'hello'}
  ${[]}                    | ${'hello'}
`('CHAT-3 CHAT-4 who reads $wanted reads “$text”', ({ wanted, text }) => {
  expect(inLanguage(texts, wanted as string[])).toBe(text);
});

it('CHAT-4 where even English is missing, the first there is', () => {
  expect(inLanguage({ sv: 'hej', fi: 'hei' }, ['fr'])).toBe('hej');
});
