import type { Mail } from '../reading.rules.js';

/** What a mail server asks before it forwards. */
export type Confirmation = { code: string | null; link: string | null };

/** Who asks so: the domain of the mail's author, and of the page that confirms. Anybody can write such a mail in their name; nobody else can have a page there. */
const PROVIDERS: readonly { from: RegExp; page: RegExp }[] = [
  { from: /^forwarding-noreply@google\.com$/, page: /^(mail|mail-settings|isolated\.mail)\.google\.com$/ },
  { from: /@(?:[\w.-]+\.)?(?:outlook|microsoft|live|office365)\.com$/, page: /(^|\.)(outlook|microsoft|live|office)\.com$/ },
  { from: /@(?:[\w.-]+\.)?(?:yahoo|yahooinc|cc\.yahoo-inc)\.com$/, page: /(^|\.)yahoo\.com$/ },
  { from: /@(?:[\w.-]+\.)?(?:zoho|zohoaccounts|zohocorp)\.(?:com|eu|in)$/, page: /(^|\.)zoho(accounts)?\.(com|eu|in)$/ },
  { from: /@(?:[\w.-]+\.)?fastmail\.com$/, page: /(^|\.)fastmail\.com$/ },
  { from: /@(?:[\w.-]+\.)?(?:gmx|web|ionos)\.(?:de|net|com)$/, page: /(^|\.)(gmx|web|ionos)\.(de|net|com)$/ },
];
/** Gmail writes `(#123456789)` before the words of any language; the others are told by words. */
const ABOUT_FORWARDING = /\(#\d{4,20}\)|forward|weiterleit|umleit|transfert|redirec|doorst|vidarebefordr|encaminh|reenv[ií]/i;

/** Null: it is no such mail. Code and link may be missing: the mail itself is kept and can be read. */
export function confirmationIn({ author, subject, text }: Pick<Mail, 'author' | 'subject' | 'text'>): Confirmation | null {
  const provider = PROVIDERS.find(({ from }) => from.test(author.address ?? ''));
  const title = (subject ?? '').slice(0, 500);
  if (!provider || !ABOUT_FORWARDING.test(title)) return null;
  const shown = text.slice(0, 20_000);
  const link = [...shown.matchAll(/https:\/\/[^\s<>"')\]]{1,2000}/g)].map(([url]) => url).find((url) => leadsTo(url, provider.page)) ?? null;
  const code = /\(#(\d{4,20})\)/.exec(title)?.[1] ?? /\b(?:code|kod|código|codice)\b[^\d\n]{0,40}(\d{4,12})\b/i.exec(shown)?.[1] ?? null;
  return code === null && link === null ? null : { code, link };
}

function leadsTo(url: string, page: RegExp): boolean {
  const { hostname, username, password, port } = URL.canParse(url) ? new URL(url) : { hostname: '', username: '', password: '', port: '' };
  return page.test(hostname) && !username && !password && !port;
}
