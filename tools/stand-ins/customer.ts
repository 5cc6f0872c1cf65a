import { randomUUID } from 'node:crypto';
import { postSigned, type Form } from './signature.js';

/** A text message of a customer, on its way to the brand. */
export interface CustomerText {
  /** Of the channel: what is signed. */
  webhookUrl: string;
  authToken: string;
  accountSid: string;
  from: string;
  to: string;
  body: string;
  /** Names the message; the same again is a redelivery. Default: a new one. */
  sid?: string;
  /** URLs of pictures and the like. */
  media?: { url: string; contentType: string }[];
  /** More fields, or others in place of ours. */
  fields?: Form;
  /** Where to connect, if not to webhookUrl. */
  through?: string;
}

/** A new name in Twilio's form: two letters and 32 hexadecimal digits. */
export const newSid = (kind: 'SM' | 'MM') => kind + randomUUID().replaceAll('-', '');

/** Twilio's delivery of a customer's message to a channel: the documented form fields, signed. Never repeats by itself. */
export async function customerTexts(message: CustomerText): Promise<{ sid: string; status: number; body: string }> {
  const sid = message.sid ?? newSid(message.media?.length ? 'MM' : 'SM');
  const answer = await postSigned(message.authToken, message.webhookUrl, fieldsOf(message, sid), message.through);
  return { sid, ...answer };
}

function fieldsOf(message: CustomerText, sid: string): Form {
  const media = (message.media ?? []).flatMap(({ url, contentType }, at) => [[`MediaUrl${at}`, url], [`MediaContentType${at}`, contentType]]);
  return {
    MessageSid: sid, SmsSid: sid, SmsMessageSid: sid, AccountSid: message.accountSid, ApiVersion: '2010-04-01', SmsStatus: 'received',
    From: message.from, FromCity: '', FromState: '', FromZip: '', FromCountry: 'US',
    To: message.to, ToCity: '', ToState: '', ToZip: '', ToCountry: 'US',
    Body: message.body, NumSegments: '1', NumMedia: String(media.length / 2), ...Object.fromEntries(media), ...message.fields,
  };
}
