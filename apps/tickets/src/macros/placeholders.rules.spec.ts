import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fill, namesOf, parse, poolsIn, VALUES } from './placeholders.rules.js';

const filled = (text: string, values: Record<string, string | null> = {}, codes: Record<string, string> = {}) => fill(parse(text).pieces, values, new Map(Object.entries(codes)));

describe('the placeholders of macros', () => {
  it.each<{ text: string; becomes: string }>`
    rule        | text                                                       | becomes
    ${'TKT-13'} | ${'Hello'}                                                 | ${'Hello'}
    ${'TKT-13'} | ${'Hi {{profile.first_name}}!'}                            | ${'Hi Mia!'}
    ${'TKT-13'} | ${'Hi {{ profile.first_name | default : "there" }}!'}      | ${'Hi Mia!'}
    ${'TKT-13'} | ${'Hi {{profile.last_name|default:"there"}}!'}             | ${'Hi there!'}
    ${'TKT-13'} | ${'Hi {{profile.last_name}}!'}                             | ${'Hi !'}
    ${'TKT-13'} | ${'{{profile.last_name|default:""}}.'}                     | ${'.'}
    ${'TKT-13'} | ${'{{profile.last_name|default:"a \\"b\\" \\\\ {{c}}"}}'}  | ${'a "b" \\ { {c}}'}
    ${'TKT-13'} | ${'{one} }} { {'}                                          | ${'{one} }} { {'}
    ${'TKT-13'} | ${'{{coupon.WELCOME10}} {{coupon.WELCOME10}}'}             | ${'ABC ABC'}
    ${'TKT-13'} | ${'{{coupon.OTHER}}'}                                      | ${'{{coupon.OTHER}}'}
  `('TKT-13 $text becomes $becomes', ({ text, becomes }) => {
    expect(parse(text).faults).toEqual([]);
    expect(filled(text, { 'profile.first_name': ' Mia ', 'profile.last_name': ' ' }, { WELCOME10: 'ABC' }).text).toBe(becomes);
  });

  it.each<{ text: string; at: number; says: RegExp }>`
    text                                    | at   | says
    ${'Hi {{profile.nickname}}'}            | ${3} | ${/^\{\{profile\.nickname\}\} at character 4 is not known$/}
    ${'{{constructor.name}}'}               | ${0} | ${/not known/}
    ${'{{profile.__proto__}}'}              | ${0} | ${/not known/}
    ${'{{first_name}}'}                     | ${0} | ${/no placeholder/}
    ${'{{}}'}                               | ${0} | ${/no placeholder/}
    ${'Hi {{profile.first_name'}            | ${3} | ${/not closed/}
    ${'{{profile.first_name|default:"a}}'}  | ${0} | ${/not closed/}
    ${'{{profile.first_name|upper}}'}       | ${0} | ${/no placeholder/}
    ${'{{coupon.A|default:"x"}}'}           | ${0} | ${/takes no default/}
    ${'{{coupon.}}'}                        | ${0} | ${/no placeholder/}
  `('TKT-13 $text is refused at $at', ({ text, at, says }) => {
    expect(parse(text).faults).toEqual([{ at, message: expect.stringMatching(says) }]);
  });

  it('TKT-13 every documented value is known, and what is missing is told once', () => {
    for (const [namespace, names] of Object.entries(VALUES)) for (const name of names) expect(parse(`{{${namespace}.${name}}}`).faults).toEqual([]);
    expect(filled('{{order.number}} {{order.number}} {{order.total|default:"-"}}')).toEqual({ text: '  -', missing: ['order.number'] });
    expect(poolsIn(parse('{{coupon.A}} {{coupon.B}} {{coupon.A}}').pieces)).toEqual(['A', 'B']);
  });

  it('TKT-13 no value becomes a placeholder, whatever customers call themselves', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{', '{{', '}}', 'coupon.VIP', 'profile.name', '|', '"', ' ', 'a')), (words) => {
        const { text } = filled('Hi {{profile.name|default:"x"}}, bye', { 'profile.name': words.join('') });
        expect(parse(text).pieces.filter(({ kind }) => kind !== 'text')).toEqual([]);
      }),
    );
  });

  it('TKT-13 text without braces stays as it is, and every text is read to its end', () => {
    fc.assert(fc.property(fc.string().filter((text) => !text.includes('{{')), (text) => expect(filled(text).text).toBe(text)));
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{{', '}}', '"', '\\', 'profile.name', '|default:', 'x')), (words) => {
        const { pieces, faults } = parse(words.join(''));
        if (!faults.length) expect(pieces.every((piece) => piece.kind !== 'text' || !piece.text.includes('{{'))).toBe(true);
      }),
    );
  });

  it.each([['Mia Maria Meier', 'Mia', 'Maria Meier'], ['  Mia ', 'Mia', null], ['', null, null], [null, null, null]])('TKT-13 %s has a first and a last name', (name, first, last) => {
    expect(namesOf(name)).toEqual({ first, last });
  });
});
