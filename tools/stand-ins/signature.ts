import { createHmac } from 'node:crypto';

/** Form fields as they are sent; a field may have several values. */
export type Form = Record<string, string | string[]>;

/**
 * X-Twilio-Signature of a form post: base64 HMAC-SHA1 by the auth token over the URL followed by name and value of every field,
 * sorted by name; several values of one field once each, sorted (https://www.twilio.com/docs/usage/security).
 */
export function twilioSignature(authToken: string, url: string, form: Form): string {
  const fields = Object.keys(form).sort().flatMap((name) => valuesOf(form[name]).map((value) => name + value));
  return createHmac('sha1', authToken).update(url + fields.join(''), 'utf8').digest('base64');
}

const valuesOf = (value: string | string[] = '') => (Array.isArray(value) ? [...new Set(value)].sort() : [value]);

/** Posts a form as Twilio does: urlencoded and signed. `through` is the address to connect to where it is not the signed URL. */
export async function postSigned(authToken: string, url: string, form: Form, through = url): Promise<{ status: number; body: string }> {
  const body = new URLSearchParams(Object.entries(form).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])));
  const headers = { 'x-twilio-signature': twilioSignature(authToken, url, form), 'user-agent': 'TwilioProxy/1.1', 'i-twilio-idempotency-token': crypto.randomUUID() };
  const response = await fetch(through, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
  return { status: response.status, body: await response.text() };
}
