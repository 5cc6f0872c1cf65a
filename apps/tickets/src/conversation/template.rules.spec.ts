import { describe, expect, it } from '@jest/globals';
import { filled, isFitForTemplate } from './template.rules.js';

describe('templates', () => {
  it.each([
    ['Hello {{1}}, order {{2}} is on its way.', ['1', '2'], ['Kim', '1042'], 'Hello Kim, order 1042 is on its way.'],
    ['{{1}} and {{ 1 }}', ['1'], ['twice'], 'twice and twice'],
    ['{{1}}', ['1'], ['{{2}} $1 $&'], '{{2}} $1 $&'],
    ['No places', [], [], 'No places'],
  ])('META-3 %j with %j filled by %j', (text, places, variables, expected) => expect(filled(text, places, variables)).toBe(expected));

  it.each([['Kim', true], ['', false], ['  ', false], ['a\nb', false], ['a\tb', false], ['a     b', false], ['a    b', true]])('META-3 %j fits: %s', (variable, fits) => expect(isFitForTemplate(variable)).toBe(fits));
});
