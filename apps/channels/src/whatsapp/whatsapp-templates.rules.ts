import type { Template } from '@parley/contracts/templates';
import { type Fields, fields, list, words } from '../meta/json.rules.js';

const PLACE = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** The places of a text, each once, in their order. */
export const placesIn = (text: string): string[] => [...new Set([...text.matchAll(PLACE)].map(([, name]) => name!))];

/** What Meta lists: https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates */
export const templatesIn = (said: Fields): Template[] => list(said.data).map(fields).flatMap((one) => templateIn(one) ?? []);

function templateIn({ name, language, status, category, components }: Fields): Template | null {
  const parts = list(components).map(fields);
  const part = (type: string) => parts.find((one) => one.type === type) ?? {};
  const text = words(part('BODY').text, 2000) ?? '';
  const buttons = list(part('BUTTONS').buttons).map(fields);
  const known = { name: words(name, 512), language: words(language, 20), status: words(status, 40) ?? 'UNKNOWN' };
  if (!known.name || !known.language) return null;
  return {
    name: known.name, language: known.language, status: known.status, category: words(category, 40), header: words(part('HEADER').text, 200), text, footer: words(part('FOOTER').text, 200),
    buttons: buttons.flatMap((one) => words(one.text, 100) ?? []), variables: placesIn(text), problem: problemOf(known.status, text, part('HEADER'), buttons),
  };
}

/** We fill the numbered places of the text, and nothing else. */
function problemOf(status: string, text: string, header: Fields, buttons: Fields[]): string | null {
  if (status !== 'APPROVED') return 'Meta has not approved it';
  if (header.format !== undefined && header.format !== 'TEXT') return 'Its header is a file or a place';
  if (placesIn(words(header.text) ?? '').length || buttons.some((one) => placesIn(words(one.url) ?? '').length)) return 'Its header or a button has places of its own';
  return placesIn(text).every((name, place) => name === String(place + 1)) ? null : 'Its places are not numbered';
}
