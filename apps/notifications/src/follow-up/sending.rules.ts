/** Waits before the next try of a mail, in seconds (messaging.md, external send). */
const WAITS_SECONDS = [5, 30, 120, 600, 3600, 21_600];
/** ± this share, so that what failed together does not come back together. */
const SPREAD = 0.2;

/** MAIL-4: automatic mails to one recipient in 24 hours. */
export const MOST_PER_DAY = 5;

/** What became of a try to send. */
export type Outcome = { kind: 'sent' } | { kind: 'again'; reason: string } | { kind: 'failed'; reason: string };

/** Seconds until try number `attempt + 1`, or null when `attempt` was the last. `chance` is from 0 to 1. */
export function waitAfter(attempt: number, chance: number): number | null {
  const seconds = WAITS_SECONDS[attempt - 1];
  return seconds === undefined ? null : seconds * (1 + SPREAD * (2 * chance - 1));
}

/** Answers of a mail server that are about the message, not about the moment: RFC 5321 section 4.2.1. Refused credentials are the operator's to mend. */
export function verdictOn(error: { code?: string; responseCode?: number; message: string }): Outcome {
  const reason = error.message.slice(0, 300);
  const final = error.code !== 'EAUTH' && (error.responseCode ?? 0) >= 500;
  return { kind: final ? 'failed' : 'again', reason };
}

/** Own check before any mailer sees an address: one `@`, and nothing that could end a header or begin another recipient. */
export const isAddress = (text: string) => text.length <= 254 && /^[^\s\x00-\x1f\x7f<>()[\]\\,;:"@]+@[^\s\x00-\x1f\x7f<>()[\]\\,;:"@]+$/.test(text);
