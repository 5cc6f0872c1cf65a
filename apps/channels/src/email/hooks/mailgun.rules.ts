import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Raw, Unreadable, WholeMail } from '../../adapter.js';
import { type Field, fieldsOf, textOf } from './form.rules.js';
import { mimeOf } from './mime.rules.js';

/** Mailgun repeats for 8 hours. Older, or from a clock that is this much ahead, is a replay; within it a token is good for one mail. */
const OLDEST_SECONDS = 12 * 3600;
const AHEAD_SECONDS = 300;

/** HMAC-SHA256 over timestamp and token: the mail itself is not covered (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks). */
export function verify({ headers, body, receivedAt }: Raw, { signingKey }: Record<string, unknown>): boolean {
  const fields = fieldsOf(headers['content-type'], body);
  const [timestamp, token, signature] = ['timestamp', 'token', 'signature'].map((name) => textOf(fields, name)) as [string, string, string];
  if (typeof signingKey !== 'string' || !/^\d{1,12}$/.test(timestamp) || !/^[0-9a-f]{64}$/.test(signature)) return false;
  const age = receivedAt.getTime() / 1000 - Number(timestamp);
  if (age > OLDEST_SECONDS || age < -AHEAD_SECONDS) return false;
  return timingSafeEqual(createHmac('sha256', signingKey).update(timestamp + token).digest(), Buffer.from(signature, 'hex'));
}

/** https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store: the raw mail where the route’s address ends in `/mime`, else what Mailgun made of it. */
export function read({ headers, body }: Raw): WholeMail | Unreadable {
  const fields = fieldsOf(headers['content-type'], body);
  const recipient = textOf(fields, 'recipient').split(',')[0]!.trim();
  if (!recipient.includes('@')) return { kind: 'unreadable', reason: 'no mail as Mailgun posts it' };
  const raw = fields.find(({ name }) => name === 'body-mime')?.bytes ?? putTogether(fields);
  return { kind: 'mail', raw, sender: textOf(fields, 'sender'), recipient, once: textOf(fields, 'token') };
}

function putTogether(fields: readonly Field[]): Buffer {
  const given = headersOf(textOf(fields, 'message-headers'));
  const has = (name: string) => given.some(([one]) => one.toLowerCase() === name);
  const told: [string, string][] = [['From', textOf(fields, 'from')], ['Subject', textOf(fields, 'subject')]];
  const ids = contentIds(textOf(fields, 'content-id-map'));
  return mimeOf({
    headers: [...given, ...told.filter(([name, value]) => value && !has(name.toLowerCase()))],
    text: textOf(fields, 'body-plain'), html: textOf(fields, 'body-html'),
    files: fields.flatMap(({ name, bytes, file }) => (file ? [{ ...file, contentId: ids.get(name) ?? '', content: bytes }] : [])),
  });
}

/** `[["Subject", "Hi"], …]` */
function headersOf(json: string): [string, string][] {
  const all = parsed(json);
  return Array.isArray(all) ? all.filter((one): one is [string, string] => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'string').slice(0, 500) : [];
}

/** `{"<id@x>": "attachment-1"}`, turned round. */
const contentIds = (json: string) => new Map(Object.entries(parsed(json) ?? {}).map(([id, field]) => [String(field), id.replace(/[<>]/g, '')]));

function parsed(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
