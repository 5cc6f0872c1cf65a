import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'node:querystring';

/** The parameters of a form, by name, in the order sent; blanks and empty fields stay as they are. */
export type Form = ReadonlyMap<string, readonly string[]>;

export function form(body: string): Form {
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(body)) fields.set(name, [...(fields.get(name) ?? []), value]);
  return fields;
}

/** base64(HMAC-SHA1(authToken, url + every name with its values, sorted)): https://www.twilio.com/docs/usage/webhooks/webhooks-security */
export function twilioSignature(authToken: string, url: string, fields: Form): string {
  const parameters = [...fields.keys()].sort().flatMap((name) => [...new Set(fields.get(name))].sort().map((value) => name + value));
  return createHmac('sha1', authToken).update(url + parameters.join(''), 'utf8').digest('base64');
}

/**
 * Does X-Twilio-Signature belong to this request? Only the primary auth token signs. The URL is tried as Twilio may have spelled it: without and
 * with the port, each as it stands, normalised, and with its query encoded the old way. JSON bodies are covered by `bodySHA256` in the query.
 */
export function isSignedByTwilio(request: { authToken: string; signature: string; url: string; body: Buffer }): boolean {
  const bodyHash = /[?&]bodySHA256=([^&#]*)/.exec(request.url)?.[1];
  if (bodyHash !== undefined && !isEqual(bodyHash, createHash('sha256').update(request.body).digest('hex'))) return false;
  const fields = bodyHash === undefined ? form(request.body.toString('utf8')) : new Map<string, string[]>();
  return spellings(request.url).some((url) => isEqual(request.signature, twilioSignature(request.authToken, url, fields)));
}

function spellings(url: string): string[] {
  const plain = url.replace(/#.*$/s, ''); // `#rc=…` steers Twilio's retries and is not signed
  const normalised = URL.canParse(plain) ? new URL(plain).toString() : plain;
  return [plain, normalised, withOldQuery(normalised)].flatMap((one) => [withoutPort(one), withPort(one)]);
}

const AUTHORITY = /^(https?:\/\/)([^/?#:]*|\[[^\]]*\])(:\d+)?(?=[/?#]|$)/i;
const withoutPort = (url: string) => url.replace(AUTHORITY, '$1$2');
const withPort = (url: string) =>
  url.replace(AUTHORITY, (_, scheme: string, host: string, port?: string) => scheme + host + (port ?? (scheme.toLowerCase() === 'https://' ? ':443' : ':80')));

function withOldQuery(url: string): string {
  const [path, query] = [url.split('?', 1)[0], url.slice(url.indexOf('?') + 1)];
  return url.includes('?') && query ? `${path}?${stringify(parse(query))}` : url;
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
