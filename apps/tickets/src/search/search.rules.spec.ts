import { describe, expect, it } from '@jest/globals';
import { MARKS, exactly, inEveryLanguage, step, toHtml, windows } from './search.rules.js';

describe('search', () => {
  it.each<{ q: string; means: Record<string, string> }>`
    rule        | q                       | means
    ${'TKT-18'} | ${'1042'}               | ${{ ticket_number: '1042', order_number: '1042' }}
    ${'TKT-18'} | ${'# 1042 '}            | ${{ ticket_number: '1042', order_number: '1042' }}
    ${'TKT-18'} | ${'Mia@Example.com'}    | ${{ email: 'mia@example.com', order_number: 'Mia@Example.com' }}
    ${'TKT-18'} | ${'+1 (206) 555-0100'}  | ${{ phone: '+12065550100', order_number: '+1 (206) 555-0100' }}
    ${'TKT-18'} | ${'A-7781'}             | ${{ order_number: 'A-7781' }}
    ${'TKT-18'} | ${'where is my parcel'} | ${{ order_number: 'where is my parcel' }}
    ${'TKT-18'} | ${'  '}                 | ${{}}
  `('$rule $q may be exactly $means', ({ q, means }) => {
    expect(Object.fromEntries(exactly(q).map(({ foundIn, value }) => [foundIn, value]))).toEqual(means);
  });

  it('TKT-18 looks at the newest first, then ever further back, and last at everything', () => {
    expect(windows(`'a'`, 10_000)).toEqual([`('a') & ('@12 2' | '@12 1')`, `('a') & ('@15 0' | '@15 0')`, `('a') & ('@18 0' | '@18 0')`, `('a') & ('@21 0' | '@21 0')`, `('a') & ('@24 0' | '@24 0')`, `'a'`]);
    expect([step(0, 26), step(3, 26), step(4, 26)]).toEqual([2, 2, 1]);
  });

  it('TKT-18 asks each document in its own language', () => {
    expect(inEveryLanguage([{ stemmer: 'english', query: `'run'` }, { stemmer: 'simple', query: `'running'` }])).toBe(`('@in english' & ('run')) | ('@in simple' & ('running'))`);
    expect(inEveryLanguage([{ stemmer: 'english', query: '' }])).toBeNull();
  });

  it('TKT-18 text is escaped, marks are not', () => {
    expect(toHtml(`<i>&"${MARKS.start}it${MARKS.stop}'`)).toBe('&lt;i&gt;&amp;&quot;<mark>it</mark>&#39;');
  });
});
