import type { Raw, Unreadable, WholeMail } from '../../adapter.js';
import { fieldsOf, textOf } from './form.rules.js';
import { verify as hasItsLogin } from './postmark.rules.js';

/** SendGrid signs nothing by default either: user and password stand in the address. */
export const verify = hasItsLogin;

/** https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook, in raw mode only: its parsed fields have lost their charsets. */
export function read({ headers, body }: Raw): WholeMail | Unreadable {
  const fields = fieldsOf(headers['content-type'], body);
  const mail = fields.find(({ name }) => name === 'email');
  const { to, from } = envelopeOf(textOf(fields, 'envelope'));
  if (!mail) return { kind: 'unreadable', reason: 'no raw mail: switch on “POST the raw, full MIME message” at SendGrid' };
  if (!to) return { kind: 'unreadable', reason: 'an envelope without a recipient' };
  return { kind: 'mail', raw: mail.bytes, sender: from, recipient: to, once: null };
}

/** `{"to": ["a@x"], "from": "b@y"}`; of several recipients the one that carries a reply token. */
function envelopeOf(json: string): { to: string; from: string } {
  try {
    const { to, from } = JSON.parse(json) as { to?: unknown; from?: unknown };
    const all = (Array.isArray(to) ? to : [to]).filter((one): one is string => typeof one === 'string' && one.includes('@'));
    return { to: all.find((one) => /\bt_[0-9a-z]{26}/i.test(one)) ?? all[0] ?? '', from: typeof from === 'string' ? from : '' };
  } catch {
    return { to: '', from: '' };
  }
}
