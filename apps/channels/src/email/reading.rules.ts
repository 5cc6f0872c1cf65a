import { createHash } from 'node:crypto';
import { canonical, oneLine } from './address.rules.js';
import type { Headers } from './automatic.rules.js';
import { idsIn } from './threading.rules.js';

/** What mail.worker.js hands back: decoded, bounded, not yet judged. */
export type ParsedMail = {
  /** Of the top level, unfolded, in the order of the mail. */
  headers: { key: string; value: string }[];
  from: ParsedAddress[];
  sender: ParsedAddress[];
  to: ParsedAddress[];
  cc: ParsedAddress[];
  subject: string;
  text: string;
  html: string;
  /** Of a mail that is HTML alone: its words above the place where a mail program has marked the history. Null: it has not, or the words go on below. */
  above: string | null;
  attachments: ParsedPart[];
};
export type ParsedAddress = { name?: string; address?: string; group?: ParsedAddress[] };
/** `body`: text of reports and returned mails only; `content`: the bytes of everything else. */
export type ParsedPart = { name: string; contentType: string; sizeBytes: number; sha256: string; inline: boolean; body: string | null; content?: Uint8Array | null; contentId?: string | null };

/** A mail as we judge it. */
export type Mail = {
  headers: Headers;
  /** Made from the content where the mail has none. */
  messageId: string;
  author: { name: string | null; address: string | null };
  recipients: string[];
  inReplyTo: string[];
  references: string[];
  subject: string | null;
  text: string;
  html: string | null;
  above: string | null;
  attachments: ParsedPart[];
  occurredAt: string;
  /** MAIL-8: the same mail through two mailboxes has the same one. */
  fingerprint: Buffer;
};

/** Makes a mail of what was parsed. `envelope` is the sender and recipient of the SMTP session, which the headers may not name at all. */
export function mailOf(parsed: ParsedMail, envelope: { sender: string; recipient: string }, receivedAt: Date): Mail {
  const headers = headersOf(parsed.headers);
  const author = authorOf(parsed, headers, envelope.sender);
  const text = storable(parsed.text).trim();
  const html = storable(parsed.html).trim() || null;
  const content = [author.address ?? '', headers.get('date') ?? '', text, html ?? '', ...parsed.attachments.map(({ sha256 }) => sha256)];
  const [given] = idsIn(headers.get('message-id'));
  const messageId = given ?? `${digest([...content, parsed.subject, ...mailboxes(parsed.to)]).toString('hex').slice(0, 40)}@no-id.parley.invalid`;
  return {
    headers,
    messageId,
    author,
    recipients: [envelope.recipient, ...addressesIn(headers, 'delivered-to', 'x-original-to', 'x-forwarded-to'), ...mailboxes(parsed.to), ...mailboxes(parsed.cc)].map(canonical),
    inReplyTo: idsIn(headers.get('in-reply-to')),
    references: idsIn(headers.get('references')),
    subject: oneLine(parsed.subject).slice(0, 500) || null,
    text,
    html,
    above: parsed.above === null ? null : storable(parsed.above),
    attachments: parsed.attachments,
    occurredAt: sentAt(headers.get('date'), receivedAt).toISOString(),
    fingerprint: digest([messageId, ...content]),
  };
}

/**
 * Author, Message-ID and channel order of mail that nobody has parsed: what the first header bytes show. Mail of one `lane` is read in the order
 * in which it came.
 */
export function glance(raw: Buffer, envelopeSender: string): { sender: string; messageId: string } {
  const head = raw.subarray(0, 65_536).toString('latin1').split(/\r?\n\r?\n/, 1)[0] ?? '';
  const field = (name: string) => new RegExp(`^${name}:(.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(head)?.[1] ?? '';
  const sender = canonical(/[^\s\p{Cc}<>,;:"]{1,64}@[^\s\p{Cc}<>,;:"]{1,255}/u.exec(field('from'))?.[0] ?? envelopeSender);
  return { sender, messageId: idsIn(field('message-id'))[0] ?? digest([raw.toString('latin1')]).toString('hex') };
}
/** Postgres holds no NUL, JSON no half surrogate pair. */
export const storable = (text: string): string => text.replace(/\0/g, '').replace(/\p{Surrogate}/gu, '\ufffd').normalize('NFC');

/**
 * MAIL-3: the author is From, whoever forwarded it; a Google group that writes in its own name tells the author in X-Original-From.
 * Never Reply-To. A mail without From is its Sender's, then the envelope's.
 */
function authorOf(parsed: ParsedMail, headers: Headers, envelopeSender: string): Mail['author'] {
  const group = headers.has('x-google-group-id') ? addressesIn(headers, 'x-original-from')[0] : undefined;
  if (group) return { name: null, address: canonical(group) };
  const found = [...flat(parsed.from), ...flat(parsed.sender)].find(({ address }) => address?.includes('@'));
  if (found?.address) return { name: oneLine(found.name ?? '') || null, address: canonical(found.address) };
  return { name: null, address: canonical(envelopeSender) || null };
}

/** Groups resolved: `Team: a@x, b@x;` is its members (RFC 5322 3.4). */
const flat = (list: ParsedAddress[]): ParsedAddress[] => list.slice(0, 200).flatMap((entry) => (entry.group ? flat(entry.group) : [entry]));
const mailboxes = (list: ParsedAddress[]) => flat(list).flatMap(({ address }) => (address ? [address] : []));
const addressesIn = (headers: Headers, ...names: string[]) =>
  names.flatMap((name) => (headers.get(name) ?? '').slice(0, 10_000).match(/[^\s<>,;:"]{1,128}@[^\s<>,;:"]{1,255}/g) ?? []);

function headersOf(lines: ParsedMail['headers']): Headers {
  const headers = new Map<string, string>();
  for (const { key, value } of lines) headers.set(key, headers.has(key) ? `${headers.get(key)}\n${value}` : value);
  return headers;
}

/** The Date header; the time of receipt where it is missing, nonsense or in the future. */
function sentAt(date: string | undefined, receivedAt: Date): Date {
  const at = new Date(date?.replace(/\([^)]*\)/g, '') ?? Number.NaN);
  return at.getTime() > 0 && at.getTime() <= receivedAt.getTime() ? at : receivedAt;
}

/** Lengths stand before the parts, so that no two lists look the same. */
function digest(parts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
}
