import type { Readable } from 'node:stream';
import { type Mailbox, displayName, isSendable, oneLine } from './address.rules.js';

export type Letter = {
  from: Mailbox;
  to: Mailbox;
  replyTo: string;
  subject: string | null;
  text: string;
  messageId: string;
  /** Message-IDs of the thread so far, oldest first, without brackets. */
  thread: readonly string[];
  /** The last one of them that the customer wrote. */
  answers: string | null;
  headers: Record<string, string>;
  files?: Part[];
};
/** A file of a mail. Its name was cleaned when it came; its bytes are read when the mail is sent. */
export type Part = { filename: string; contentType: string; content: Readable };

/** As nodemailer takes it: addresses are objects, the envelope is explicit, nothing is fetched from disk or net. */
export type Composed = {
  envelope: { from: string; to: string[] };
  from: Mailbox;
  to: Mailbox[];
  replyTo: Mailbox;
  subject: string;
  text: string;
  html: string;
  messageId: string;
  inReplyTo?: string;
  references: string[];
  headers: Record<string, string>;
  attachments: (Part & { contentDisposition: 'attachment' })[];
  disableFileAccess: true;
  disableUrlAccess: true;
};

/** A reply as it leaves (MAIL-7): from the brand's address, text and HTML part, threading headers. Null: an address that nothing may be sent to. */
export function compose(letter: Letter): Composed | null {
  const { from, to, replyTo } = letter;
  if (![from.address, to.address, replyTo].every(isSendable)) return null;
  return {
    envelope: { from: from.address, to: [to.address] },
    from: { name: displayName(from.name), address: from.address },
    to: [{ name: displayName(to.name), address: to.address }],
    replyTo: { name: displayName(from.name), address: replyTo },
    subject: letter.thread.length > 0 ? replySubject(letter.subject) : newSubject(letter.subject),
    text: letter.text,
    html: htmlOf(letter.text),
    messageId: bracketed(letter.messageId),
    ...(letter.answers && { inReplyTo: bracketed(letter.answers) }),
    references: chain(letter.thread).map(bracketed),
    headers: letter.headers,
    attachments: (letter.files ?? []).map((file) => ({ ...file, contentDisposition: 'attachment' })),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** `Re: ` once, whatever the customer's mail program had put there. */
export function replySubject(subject: string | null): string {
  const bare = oneLine(subject ?? '').replace(/^(?:\s*(?:re|aw|sv|antw|ref|rif|odp)\s*(?:\[\d+\])?:)+\s*/i, '');
  return `Re: ${bare || 'your message'}`.slice(0, 250);
}

const newSubject = (subject: string | null): string => (oneLine(subject ?? '') || 'A message for you').slice(0, 250);

/** References: the first and the last ten, so that the line stays short and the root stays known. */
export function chain(ids: readonly string[]): string[] {
  const distinct = [...new Set(ids)].filter((id) => /^[^\s<>]{1,250}$/.test(id));
  return distinct.length <= 11 ? distinct : [...distinct.slice(0, 1), ...distinct.slice(-10)];
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** The text as HTML: everything escaped, line breaks and paragraphs kept, no links made. */
export const htmlOf = (text: string): string =>
  text
    .replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
    .split(/\r?\n{2,}/)
    .map((paragraph) => `<p>${paragraph.replace(/\r?\n/g, '<br>')}</p>`)
    .join('\n');

const bracketed = (id: string) => `<${id}>`;
