import { createHash } from 'node:crypto';

/** As the contract has them, parsed. */
export type ImapCredentials = {
  host: string; port: number; security: 'tls' | 'starttls' | 'none'; user: string; mailbox: string;
  auth: { password: string } | { accessToken: string } | { refreshToken: string; clientId: string; clientSecret: string; tokenUrl: string };
};

/** Which mailbox it is: another one is read from its own beginning. */
export const sourceOf = ({ host, port, user, mailbox }: ImapCredentials): string => createHash('sha256').update(JSON.stringify([host.toLowerCase(), port, user, mailbox])).digest('hex').slice(0, 32);

/** How far a mailbox has been read: every message up to `uid`, since it was connected. UIDs mean something within one UIDVALIDITY only (RFC 3501 2.3.1.1). */
export type Cursor = { uidValidity: number | null; uid: number };

/** Where to go on in a mailbox that shows this UIDVALIDITY: from the beginning, if it is another one. What is found again is told by its content (MAIL-8). */
export const resumed = (cursor: Cursor, uidValidity: number): Cursor => (cursor.uidValidity === uidValidity ? cursor : { uidValidity, uid: 0 });

const DAY_MS = 86_400_000;
/**
 * What to search for: all that came after the cursor; from the beginning, all since the day before the mailbox was connected: SINCE knows days alone, and
 * the server’s may begin hours after ours. What is older is left out one by one (`isOld`).
 */
export const wanted = ({ uid }: Cursor, since: Date) => (uid > 0 ? { uid: `${uid + 1}:*` } : { since: new Date(since.getTime() - DAY_MS) });

/** The new ones, in their order. A server answers `n:*` with its last message even where there is nothing new. */
export const fresh = (found: readonly number[], { uid }: Cursor): number[] => [...new Set(found)].filter((one) => one > uid).sort((a, b) => a - b);

/** The clocks of the two sides may differ by so much. */
const CLOCKS_MS = 600_000;
/** Was it in the mailbox before this was connected? Nobody wants the mail of the last ten years. */
export const isOld = (arrived: Date | undefined, since: Date): boolean => arrived !== undefined && arrived.getTime() < since.getTime() - CLOCKS_MS;

/** Before the next try, after this many failures in a row. A server that refuses the login is not asked more often than is polite. Seconds. */
export const waitSeconds = (failures: number, refused: boolean): number => (refused ? 300 : Math.min(300, 2 ** Math.min(failures, 9)));

export type Trouble = { class: 'auth' | 'config' | 'unreachable'; code: string; reason: string };

/** Why a mailbox could not be read, as health shows it. */
export function troubleOf(error: unknown): Trouble {
  const { authenticationFailed, responseStatus, responseText, code, message } = error as { authenticationFailed?: boolean; responseStatus?: string; responseText?: string; code?: string; message?: string };
  const reason = (responseText || message || 'no answer').slice(0, 500);
  if (authenticationFailed) return { class: 'auth', code: 'imap_login', reason };
  if (responseStatus === 'NO' || responseStatus === 'BAD') return { class: 'config', code: 'imap_mailbox', reason };
  return { class: 'unreachable', code: code ? `imap_${code}` : 'imap_connection', reason };
}
