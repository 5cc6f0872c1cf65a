import { describe, expect, it } from '@jest/globals';
import { preview } from './preview.rules.js';

const of = (text: string, ...names: string[]) => preview({ text, attachments: names.map((name) => ({ name })) });

describe('preview', () => {
  it.each<{ text: string; shows: string | null }>`
    rule        | text                      | shows
    ${'TKT-17'} | ${'Where is my order?'}   | ${'Where is my order?'}
    ${'TKT-17'} | ${' two\n\n\tlines \r\n'} | ${'two lines'}
    ${'TKT-17'} | ${''}                     | ${null}
    ${'TKT-17'} | ${' \n '}                 | ${null}
  `('$rule $text', ({ text, shows }) => {
    expect(of(text)).toBe(shows);
  });

  it('TKT-17 a message without words shows its files', () => {
    expect(of('', 'a.png', 'b.pdf')).toBe('a.png, b.pdf');
  });

  it('TKT-17 a long one is cut between letters', () => {
    const cut = of('👋'.repeat(300))!;
    expect(Array.from(cut)).toHaveLength(140);
    expect(cut).toMatch(/^(👋){139}…$/u);
    expect(of('x'.repeat(140))).toBe('x'.repeat(140));
  });
});
