/** A mailbox, as `{ name, address }` and never as a header string: a string may hide a second recipient (security.md 12). */
export type Mailbox = { name: string; address: string };

const FORBIDDEN = /[\0-\x20\x7f-\x9f\u2028\u2029<>()[\]\\,;:"]/;
const DOMAIN = /^(?=.{1,253}$)[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,62})(?:\.[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{0,62})*$/u;

/** May mail be sent to it? One plain addr-spec (RFC 5321, RFC 6531): no comments, no quotes, no line breaks, no second address. */
export function isSendable(address: string): boolean {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  return at > 0 && Buffer.byteLength(local) <= 64 && !local.includes('@') && !FORBIDDEN.test(address) && DOMAIN.test(address.slice(at + 1));
}

/** A display name that cannot leave its header: controls, line breaks and bidi marks become blanks. */
export const displayName = (name: string | null | undefined): string => oneLine(name ?? '').slice(0, 200);

/** One line of decoded header text: without C0, C1, line separators and bidi controls (channels.md 4.6). */
export const oneLine = (text: string): string =>
  text
    .replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(/\p{Surrogate}/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim()
    .normalize('NFC');

/** As addresses are compared and stored: NFC and lower case. */
export const canonical = (address: string): string => oneLine(address).replaceAll(' ', '').toLowerCase();

const TOKEN = /^(?:.*\+)?t_([0-9a-z]{26,32})$/i;

/** The reply token of an address: its plus part, or its whole local part. Null: it carries none. */
export function tokenIn(address: string): string | null {
  const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0));
  return TOKEN.exec(local)?.[1]?.toLowerCase() ?? null;
}

/** Where a reply finds its thread by itself: the channel's generated address with the token as its plus part (MAIL-7). */
export const replyAddress = (forwardingAddress: string, token: string): string => forwardingAddress.replace('@', `+t_${token}@`);
