import { createHash, createHmac, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { channels } from '@parley/contracts/channels';
import type { Ask } from '@parley/contracts/contract';
import { META_APP_SECRET, META_VERIFY_TOKEN } from '../meta-fixtures.js';
import { secrets, telnyxPublicKey } from '../sms-fixtures.js';

type Headers = Record<string, string>;
/** A webhook as its provider uses it, so that any bytes can be posted as genuine. */
export type Door = {
  create: Ask<typeof channels.create>;
  contentType: string;
  /** Bodies that mean something; `{{ID}}` is replaced by an id of its own, so that each may be a message of its own. */
  samples: Buffer[];
  /** What the provider adds so that these bytes pass; `query`: to the address. */
  sign(body: Buffer, url: string): { headers: Headers; query?: string };
};

const FIXTURES = new URL('../fixtures/', import.meta.url);
const all = (folder: string, ending: RegExp) => readdirSync(new URL(folder, FIXTURES)).filter((name) => ending.test(name)).map((name) => readFileSync(new URL(`${folder}/${name}`, FIXTURES)));
/** Long ids become places where an id of its own can stand. */
const open = (body: Buffer, ids: RegExp) => Buffer.from(body.toString('latin1').replace(ids, '{{ID}}'), 'latin1');

const LOGIN = { hookUser: 'parley', hookPassword: 'test-only-not-a-secret' };
const basic = { headers: { authorization: `Basic ${Buffer.from(`${LOGIN.hookUser}:${LOGIN.hookPassword}`).toString('base64')}` } };
const meta = { appSecrets: [META_APP_SECRET], verifyToken: META_VERIFY_TOKEN, accessToken: 'token-of-no-account' };
const signedByMeta: Door['sign'] = (body) => ({ headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', META_APP_SECRET).update(body).digest('hex')}` } });
const TWILIO_TOKEN = 'not-a-real-token-0123456789';
const telnyxKey = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${secrets.TELNYX_ED25519_PRIVATE_HEX}`, 'hex'), format: 'der', type: 'pkcs8' });
const BOUNDARY = 'fuzz-boundary';
const mails = () => all('email', /\.eml$/);
const parts = (fields: [string, Buffer | string][]) =>
  Buffer.concat([...fields.flatMap(([name, value]) => [Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n')]), Buffer.from(`--${BOUNDARY}--\r\n`)]);
const settings = (address: string) => ({ address: `${address}@parley.example` });

/** By `channel/provider`. A hook adapter without a door here turns fuzz-hooks.spec.ts red. */
export const DOORS: Record<string, Door> = {
  'sms/twilio': {
    create: { type: 'sms', provider: 'twilio', name: 'Twilio', settings: { phoneNumber: '+15005550100', messagingServiceSid: null }, credentials: { accountSid: 'ACtest', authToken: TWILIO_TOKEN } },
    contentType: 'application/x-www-form-urlencoded',
    samples: all('sms', /twilio-(inbound|status).*\.form$/).map((body) => open(body, /(?<=SM)[0-9a-fA-F]{32}/g)),
    // Bodies of any kind are covered by their hash in the address, which is signed alone.
    sign: (body, url) => {
      const query = `?bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
      return { query, headers: { 'x-twilio-signature': createHmac('sha1', TWILIO_TOKEN).update(url + query).digest('base64') } };
    },
  },
  'sms/telnyx': {
    create: { type: 'sms', provider: 'telnyx', name: 'Telnyx', settings: { phoneNumber: '+15005550101' }, credentials: { apiKey: 'KEY-not-a-real-one', publicKey: telnyxPublicKey } },
    contentType: 'application/json',
    samples: all('sms', /telnyx.*\.json$/).flatMap((body) => [open(body, /[0-9a-f]{8}-[0-9a-f-]{27}/g), Buffer.from(body.toString().replace('message.received', 'message.finalized'))]),
    sign: (body) => {
      const at = String(Math.floor(Date.now() / 1000));
      return { headers: { 'telnyx-timestamp': at, 'telnyx-signature-ed25519': sign(null, Buffer.concat([Buffer.from(`${at}|`), body]), telnyxKey).toString('base64') } };
    },
  },
  'whatsapp/meta': {
    create: { type: 'whatsapp', provider: 'meta', name: 'WhatsApp', settings: { phoneNumber: '+15550783881', phoneNumberId: '106540352242922', businessAccountId: '102290129340398' }, credentials: meta },
    contentType: 'application/json',
    samples: all('whatsapp', /^(?!index|2[34]).*\.json$/).map((body) => open(body, /(?<="wamid\.)[^"]+/g)),
    sign: signedByMeta,
  },
  'instagram/meta': {
    create: { type: 'instagram', provider: 'meta', name: 'Instagram', settings: { accountId: '17841400000000001' }, credentials: meta },
    contentType: 'application/json',
    samples: all('instagram', /^(?!index).*\.json$/).map((body) => open(body, /(?<="mid":\s*")[^"]+/g)),
    sign: signedByMeta,
  },
  'email/postmark': {
    create: { type: 'email', provider: 'postmark', name: 'Postmark', settings: settings('postmark'), credentials: LOGIN },
    contentType: 'application/json', samples: all('email', /postmark.*\.json$/).map((body) => open(body, /mail-41/g)), sign: () => basic,
  },
  'email/sendgrid': {
    create: { type: 'email', provider: 'sendgrid', name: 'SendGrid', settings: settings('sendgrid'), credentials: LOGIN },
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    samples: mails().filter((mail) => mail.length < 5000).slice(0, 8).map((mail) => parts([['envelope', '{"to":["in-1@inbound.parley.example"],"from":"a@customer.example"}'], ['email', mail]])),
    sign: () => basic,
  },
  'email/mailgun': {
    create: { type: 'email', provider: 'mailgun', name: 'Mailgun', settings: settings('mailgun'), credentials: { signingKey: 'mg_test_signing_key' } },
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    // What it signs stands in the form itself: the part that a change breaks is refused, all else is read.
    samples: mails().filter((mail) => mail.length < 5000).slice(8, 14).map((mail) => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      return parts([['timestamp', timestamp], ['token', 'fuzz'], ['signature', createHmac('sha256', 'mg_test_signing_key').update(`${timestamp}fuzz`).digest('hex')], ['recipient', 'in-1@inbound.parley.example'], ['sender', 'a@customer.example'], ['body-mime', mail]]);
    }),
    sign: () => ({ headers: {} }),
  },
};

/** With ids of its own. */
export const fresh = (sample: Buffer): Buffer => Buffer.from(sample.toString('latin1').replaceAll('{{ID}}', () => randomUUID().replaceAll('-', '')), 'latin1');
