import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Links to files that do not exist in a page of Markdown, as written; links to the web and within the page are not looked at. */
export function brokenLinks(file: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const local = links.filter((link) => !/^(https?:|mailto:|#)/.test(link));
  return local.filter((link) => !existsSync(join(dirname(file), decodeURIComponent(link.split('#')[0] ?? ''))));
}
