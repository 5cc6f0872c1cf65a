import type { Data } from '@parley/contracts/events';
import type { timerEvents } from '@parley/contracts/timers';
import { wordsFor, type Words } from './words.rules.js';

/** What tickets said when the timer fell due. */
export type FollowUp = Data<typeof timerEvents.followUpDue>;
/** What of an account is needed to write in its name. */
export type Brand = {
  name: string; senderEmail: string | null; logoUrl: string | null; brandColor: string | null; accentColor: string | null;
  privacyUrl: string | null; termsUrl: string | null; version: number;
};

/** A mail as it goes to the mail server. Addresses are objects, so nothing in a name can become a recipient. */
export type OutgoingMail = {
  from: { name: string; address: string };
  to: { name: string; address: string };
  replyTo?: string;
  envelope: { from: string; to: string[] };
  messageId: string;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
};

const RECAP_ENTRIES = 10;
const RECAP_CHARACTERS = 1000;

/**
 * TIME-2: the follow-up e-mail. `link` opens the chat; without it the mail has no button. Written twice it is the same mail.
 * `null` where there is nobody in whose name it could be written: neither a `from` nor a support address.
 */
export function followUpMail(request: FollowUp, brand: Brand, link: string | null): OutgoingMail | null {
  const from = request.from ?? brand.senderEmail;
  if (!from) return null;
  const words = wordsFor(request.locale, oneLine(brand.name));
  const recap = request.recap.slice(-RECAP_ENTRIES).map(({ author, name, text }) => ({ who: author === 'customer' ? words.you : oneLine(name ?? brand.name), text: shortened(text) }));
  return {
    from: { name: oneLine(brand.name), address: from },
    to: { name: oneLine(request.to.name ?? ''), address: request.to.email },
    ...(request.replyTo && { replyTo: request.replyTo }),
    envelope: { from, to: [request.to.email] },
    messageId: `<follow-up.${request.timerId}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    subject: words.subject,
    text: textPart(words, recap, brand, link),
    html: htmlPart(words, recap, brand, link),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

/** The page of the brand with the signed token that opens the chat there; null where the brand has named no page. */
export function linkTo(siteUrl: string | null, token: string): string | null {
  if (!siteUrl || !URL.canParse(siteUrl)) return null;
  const url = new URL(siteUrl);
  if (!/^https?:$/.test(url.protocol)) return null;
  url.searchParams.set('parley_chat', token);
  return url.href;
}

/** Everything in a mail that must be an address. */
export const addressesOf = (mail: OutgoingMail) => [mail.from.address, mail.to.address, ...(mail.replyTo ? [mail.replyTo] : [])];

type Recap = { who: string; text: string }[];

function textPart(words: Words, recap: Recap, brand: Brand, link: string | null) {
  const footer = [words.reason, ...(brand.privacyUrl ? [`${words.privacy}: ${brand.privacyUrl}`] : []), ...(brand.termsUrl ? [`${words.terms}: ${brand.termsUrl}`] : [])];
  const call = link ? [`${words.button}: ${link}\n${words.expiry}`] : [];
  return [words.subject, ...recap.map(({ who, text }) => `${who}:\n${text}`), ...call, `-- \n${footer.join('\n')}`].join('\n\n') + '\n';
}

function htmlPart(words: Words & { language: string }, recap: Recap, brand: Brand, link: string | null) {
  const color = brand.brandColor ?? '#1f2937';
  const logo = brand.logoUrl ? `<img src="${escaped(brand.logoUrl)}" alt="${escaped(oneLine(brand.name))}" height="40" style="height:40px;border:0">` : `<strong>${escaped(oneLine(brand.name))}</strong>`;
  const entries = recap.map(({ who, text }) => `<p style="margin:0 0 16px"><strong style="color:${color}">${escaped(who)}</strong><br>${escaped(text).replaceAll('\n', '<br>')}</p>`);
  const button = link
    ? `<p style="margin:24px 0 8px"><a href="${escaped(link)}" style="background:${brand.accentColor ?? color};color:${readableOn(brand.accentColor ?? color)};padding:12px 20px;border-radius:6px;text-decoration:none;display:inline-block">${escaped(words.button)}</a></p><p style="margin:0 0 24px;font-size:12px;color:#6b7280">${escaped(words.expiry)}</p>`
    : '';
  const legal = [[words.privacy, brand.privacyUrl], [words.terms, brand.termsUrl]].flatMap(([name, url]) => (url ? [` <a href="${escaped(url)}" style="color:#6b7280">${escaped(name!)}</a>`] : []));
  return `<!doctype html>
<html lang="${words.language}"><head><meta charset="utf-8"><title>${escaped(words.subject)}</title></head>
<body style="margin:0;background:#f3f4f6;font-family:sans-serif;color:#111827">
<div style="max-width:560px;margin:0 auto;padding:24px">
<div style="background:${color};color:${readableOn(color)};padding:16px 24px;border-radius:8px 8px 0 0">${logo}</div>
<div style="background:#fff;padding:24px;border-radius:0 0 8px 8px">
<h1 style="margin:0 0 24px;font-size:20px">${escaped(words.subject)}</h1>
${entries.join('\n')}
${button}
</div>
<p style="font-size:12px;color:#6b7280">${escaped(words.reason)}${legal.join('')}</p>
</div></body></html>
`;
}

/** Black or white, whichever is easier to read on a colour (#rrggbb), by its perceived lightness (ITU-R BT.601). */
function readableOn(color: string) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)) as [number, number, number];
  return red * 0.299 + green * 0.587 + blue * 0.114 > 150 ? '#111827' : '#ffffff';
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Text as HTML shows it. */
export const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
/** Names stand in headers: no line ends, no control characters. */
export const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim().slice(0, 200);
/** As much as a mail repeats. */
export const shortened = (text: string) => (text.length > RECAP_CHARACTERS ? `${[...text].slice(0, RECAP_CHARACTERS).join('')} …` : text);
