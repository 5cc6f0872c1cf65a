/** What a mail is, if no person wrote it for us to answer (MAIL-4). Null: somebody wrote. */
export type Automatic = 'own' | 'bounce' | 'receipt' | 'auto_reply' | 'bulk' | null;

/** Header names in lower case; several of one name are joined by a line break. */
export type Headers = ReadonlyMap<string, string>;

export type Origin = {
  headers: Headers;
  /** Author, canonical; null where the mail names none. */
  from: string | null;
  /** Addresses of this channel: the brand's and the generated one. */
  ours: readonly string[];
  /** It carries a Message-ID or a loop mark of ours that holds. */
  madeHere: boolean;
};

/** The first row that holds decides: a bounce is also an automatic reply, and a vacation note is often also marked as bulk. */
const SIGNS: readonly (readonly [Exclude<Automatic, null>, (mail: Origin) => boolean])[] = [
  ['bounce', ({ headers }) => report(headers) === 'delivery-status' || headers.has('x-failed-recipients')],
  ['receipt', ({ headers }) => report(headers) === 'disposition-notification'],
  ['own', ({ madeHere, from, ours }) => madeHere || (from !== null && ours.includes(from))],
  ['auto_reply', ({ headers }) => isAutoSubmitted(headers) || isOutOfOffice(headers)],
  ['bulk', ({ headers }) => /^\s*(bulk|junk|list)\b/im.test(headers.get('precedence') ?? '') || headers.has('list-id') || headers.has('list-unsubscribe')],
];

/** RFC 3834 and its cousins, as channels.md 4.3 has them. An empty return path alone says nothing: out-of-office mails have it too. */
export function automaticKind(mail: Origin): Automatic {
  return SIGNS.find(([, holds]) => holds(mail))?.[0] ?? null;
}

function report(headers: Headers): string | null {
  const type = headers.get('content-type') ?? '';
  if (!/^\s*multipart\/report\b/i.test(type)) return null;
  return /report-type\s*=\s*"?([\w-]+)/i.exec(type)?.[1]?.toLowerCase() ?? null;
}

function isAutoSubmitted(headers: Headers): boolean {
  const mark = (headers.get('auto-submitted') ?? 'no').trim().toLowerCase();
  return !/^no\b/.test(mark) || headers.has('x-autoreply') || headers.has('x-autorespond') || headers.has('x-loop') || headers.has('x-parley-loop');
}

/** X-Auto-Response-Suppress alone asks us not to answer; together with the mark of inbox rules it is Exchange's out-of-office note. */
function isOutOfOffice(headers: Headers): boolean {
  return headers.has('x-ms-exchange-inbox-rules-loop') && /\ball\b/i.test(headers.get('x-auto-response-suppress') ?? '');
}

/** How often one Parley has answered another by itself before this mail: 0 where nobody says so. */
export const hopsOf = (headers: Headers): number => Number(/;\s*hops=(\d{1,3})/.exec(headers.get('x-parley-loop') ?? '')?.[1] ?? 0);

/** More automatic mails than this in a row have no person at the other end. */
export const MOST_HOPS = 3;
/** To one customer in a day, whatever rules and flows have in mind (security.md 11). */
export const MOST_AUTOMATIC_A_DAY = 5;

/** How a mail that nobody wrote says so (RFC 3834), so that no machine answers it. */
export const automaticHeaders = (mark: string, answers: boolean, hops: number): Record<string, string> => ({
  'Auto-Submitted': answers ? 'auto-replied' : 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'X-Parley-Loop': `${mark}; hops=${hops + 1}`,
});
