import type { FoundIn } from '@parley/contracts/search';
import { SPELLING } from '../profiles/identifier.rules.js';

/** What somebody may mean exactly, as it is kept. */
export type Exact = { foundIn: Extract<FoundIn, 'ticket_number' | 'email' | 'phone' | 'order_number'>; value: string };

/** TKT-18: everything that the words could be exactly: a ticket's number, an address, an order. */
export function exactly(q: string): Exact[] {
  const whole = q.trim();
  const bare = whole.replace(/^#\s*/, '');
  const digits = whole.replace(/\D/g, '');
  return [
    ...(/^\d{1,15}$/.test(bare) ? [{ foundIn: 'ticket_number', value: bare } as const] : []),
    ...(/^\S+@\S+$/.test(whole) ? [{ foundIn: 'email', value: SPELLING.email(whole) } as const] : []),
    ...(/^\+?[\d\s()./-]+$/.test(whole) && digits.length >= 5 && digits.length <= 15 ? [{ foundIn: 'phone', value: SPELLING.phone(whole) } as const] : []),
    ...(bare && bare.length <= 100 ? [{ foundIn: 'order_number', value: bare } as const] : []),
  ];
}

/** Stretches of document numbers, as powers of two, from the newest few to all there are. The twin of search_words in the migration. */
const STRETCHES = [12, 15, 18, 21, 24, null] as const;

/**
 * The query, narrowed to the newest documents below a number, eight times wider each time: what is common is found in the first few, and what is
 * rare is little. The numbers are those of all accounts together, so the documents of a quiet one stand far apart.
 */
export const windows = (query: string, below: number): string[] =>
  STRETCHES.map((power) => {
    if (power === null) return query;
    const stretch = Math.floor(Math.max(0, below - 1) / 2 ** power);
    return `(${query}) & ('@${power} ${stretch}' | '@${power} ${Math.max(0, stretch - 1)}')`;
  });

/** How many windows to go on, after one that held so many: two where even eight times as many would not do. */
export const step = (found: number, wanted: number): number => (found * 8 < wanted ? 2 : 1);

/** One question out of one per language: a document is asked in its own. */
export const inEveryLanguage = (queries: { stemmer: string; query: string }[]): string | null =>
  queries.filter(({ query }) => query).map(({ stemmer, query }) => `('@in ${stemmer}' & (${query}))`).join(' | ') || null;

/** Signs around what was found, which no text is shown with. */
export const MARKS = { start: '\u0002', stop: '\u0003' } as const;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Marked text as HTML: everything is escaped but the marks. */
export const toHtml = (marked: string): string =>
  marked.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!).replaceAll(MARKS.start, '<mark>').replaceAll(MARKS.stop, '</mark>');
