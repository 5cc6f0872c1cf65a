import { tokenIn } from './address.rules.js';

/** What may tell the thread of a mail. The own header has been checked already: only a thread with a valid MAC is in it. */
export type ThreadHints = {
  /** Every address it was sent to: of the envelope, Delivered-To, X-Original-To, To, Cc. */
  recipients: readonly string[];
  ownHeader: string | null;
  inReplyTo: readonly string[];
  /** As in the mail: oldest first. */
  references: readonly string[];
};

/** One thing to look a thread up by. */
export type Clue = { by: 'token' | 'header' | 'id'; value: string };
/** A clue that is ours or known in this account, and its thread. */
export type Match = Clue & { threadId: string };

/** More than this many ids are a bomb, not a conversation. */
export const MAX_IDS = 200;

/**
 * MAIL-2: reply token, own header, In-Reply-To, References from the newest to the oldest. Never the subject, never an empty id.
 * The order is the rule: the first clue that is known decides.
 */
export function clues(mail: ThreadHints): Clue[] {
  const tokens = mail.recipients.flatMap((address) => tokenIn(address) ?? []);
  const ids = [...mail.inReplyTo, ...mail.references.toReversed()].filter((id) => id !== '').slice(0, MAX_IDS);
  return unique([
    ...tokens.map((value) => ({ by: 'token' as const, value })),
    ...(mail.ownHeader ? [{ by: 'header' as const, value: mail.ownHeader }] : []),
    ...ids.map((value) => ({ by: 'id' as const, value })),
  ]);
}

/** The thread of the first clue that is known; forged and foreign ones are known to nobody, and the search goes on. Null: a new thread. */
export function threadOf(ordered: readonly Clue[], known: readonly Match[]): string | null {
  for (const clue of ordered) {
    const match = known.find(({ by, value }) => by === clue.by && value === clue.value);
    if (match) return match.threadId;
  }
  return null;
}

/** Ids of a header such as In-Reply-To or References, without brackets and blanks; text that is no id is left out. */
export function idsIn(header: string | null | undefined): string[] {
  if (!header) return [];
  const bracketed = [...header.matchAll(/<([^<>]*)>/g)].map(([, id]) => id ?? '');
  const found = bracketed.length > 0 ? bracketed : header.split(/[\s,<>]+/).filter((word) => word.includes('@'));
  return found.map((id) => id.replace(/[\s\p{Cc}\p{Cs}]+/gu, '')).filter((id) => id !== '' && Buffer.byteLength(id) <= 998);
}

const unique = (list: Clue[]) => [...new Map(list.map((clue) => [`${clue.by} ${clue.value}`, clue])).values()];
