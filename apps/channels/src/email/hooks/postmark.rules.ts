import type { Raw, Unreadable, WholeMail } from '../../adapter.js';
import { hasLogin } from './login.rules.js';
import { mimeOf } from './mime.rules.js';

type Json = Record<string, unknown>;

/** Postmark signs nothing: the address that was entered there carries a user and a password. */
export const verify = ({ headers }: Raw, { hookUser, hookPassword }: Record<string, unknown>): boolean =>
  typeof hookUser === 'string' && typeof hookPassword === 'string' && hasLogin(headers['authorization'], hookUser, hookPassword);

/** https://postmarkapp.com/developer/webhooks/inbound-webhook: the raw mail where it is switched on, else what Postmark made of it. */
export function read({ body }: Raw): WholeMail | Unreadable {
  const posted = jsonOf(body);
  const recipient = text(posted, 'OriginalRecipient') || text(list(posted, 'ToFull')[0], 'Email');
  if (!posted || !recipient) return { kind: 'unreadable', reason: 'no mail as Postmark posts it' };
  const raw = text(posted, 'RawEmail') ? Buffer.from(text(posted, 'RawEmail')) : putTogether(posted);
  const returnPath = list(posted, 'Headers').find((header) => text(header, 'Name').toLowerCase() === 'return-path');
  return { kind: 'mail', raw, sender: text(returnPath, 'Value').replace(/[<>\s]/g, '') || text(posted, 'From'), recipient, once: null };
}

function putTogether(posted: Json): Buffer {
  const given = list(posted, 'Headers').map((header): [string, string] => [text(header, 'Name'), text(header, 'Value')]);
  const has = (name: string) => given.some(([one]) => one.toLowerCase() === name);
  const name = text(posted, 'FromName').replace(/["\\\r\n]/g, '');
  const told: [string, string][] = [
    ['From', name ? `"${name}" <${text(posted, 'From')}>` : text(posted, 'From')], ['To', text(posted, 'To')], ['Cc', text(posted, 'Cc')], ['Reply-To', text(posted, 'ReplyTo')],
    ['Subject', text(posted, 'Subject')], ['Date', text(posted, 'Date')],
  ];
  return mimeOf({
    headers: [...given, ...told.filter(([header, value]) => value && !has(header.toLowerCase()))],
    text: text(posted, 'TextBody'), html: text(posted, 'HtmlBody'),
    files: list(posted, 'Attachments').map((file) => ({
      name: text(file, 'Name'), contentType: text(file, 'ContentType'), contentId: text(file, 'ContentID').replace(/^cid:/, ''), content: Buffer.from(text(file, 'Content'), 'base64'),
    })),
  });
}

function jsonOf(body: Buffer): Json | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}

const text = (of: Json | null | undefined, name: string): string => (typeof of?.[name] === 'string' ? (of[name] as string) : '');
const list = (of: Json | null, name: string): Json[] => (Array.isArray(of?.[name]) ? (of[name] as unknown[]).filter((one): one is Json => typeof one === 'object' && one !== null) : []);
