/**
 * What a reader gets of a text in several languages. For each wanted tag, best first: the tag itself, then ever shorter ones (RFC 4647, lookup), then the
 * same language of another place; where none of the wanted is there, English, else whatever is there first.
 */
export function inLanguage<T>(texts: Readonly<Record<string, T>>, wanted: readonly (string | null | undefined)[]): T {
  const all = Object.entries(texts).map(([tag, text]) => ({ tag: tag.toLowerCase(), text }));
  const found = [...wanted, 'en'].flatMap((tag) => (tag ? [nearest(all, tag.toLowerCase())] : [])).find((one) => one !== undefined);
  return (found ?? all[0]!).text;
}

function nearest<T>(all: readonly { tag: string; text: T }[], wanted: string) {
  const parts = wanted.split('-');
  const shorter = parts.map((_, n) => parts.slice(0, parts.length - n).join('-'));
  const same = shorter.map((tag) => all.find((one) => one.tag === tag)).find((one) => one !== undefined);
  return same ?? all.find(({ tag }) => tag.split('-')[0] === parts[0]);
}
