/** A text message that Parley asked Twilio to send, with the state last reported. */
export interface ReceivedSms {
  sid: string;
  accountSid: string;
  to: string;
  /** Null when a messaging service chooses. */
  from: string | null;
  messagingServiceSid: string | null;
  body: string;
  media: string[];
  statusCallback: string | null;
  status: string;
  errorCode: number | null;
  /** Milliseconds since 1970. */
  at: number;
}

/** A mail that reached the sink. */
export interface ReceivedMail {
  envelope: { from: string; to: string[] };
  /** Header names in lower case; several of one name joined by line ends. */
  headers: Record<string, string>;
  subject: string;
  text: string;
  html: string | null;
  raw: string;
  at: number;
}

/** A message that Parley asked Meta to send by WhatsApp or Instagram. */
export interface ReceivedMeta {
  /** Meta's name of it: `wamid…` or `mid`. */
  id: string;
  door: 'whatsapp' | 'instagram';
  /** `phone_number_id`, or the id of the Instagram account. */
  from: string;
  to: string;
  text: string;
  template: object | null;
  /** Its kind, and its name or address. */
  file: string | null;
  tag: string | null;
  /** What Parley wishes to hear again in statuses. */
  reference: string | null;
  status: string;
  at: number;
}

/** One status callback and what Parley answered: an HTTP status, or null where nothing came back. */
export interface SentCallback {
  sid: string;
  status: string;
  answered: number | null;
}

/** Everything that came in, oldest first. */
export interface Received {
  sms: ReceivedSms[];
  mails: ReceivedMail[];
  meta: ReceivedMeta[];
  callbacks: SentCallback[];
  /** Sends that Twilio or Meta refused, by their error codes. */
  refused: { to: string; code: number }[];
}

export const nothingReceived = (): Received => ({ sms: [], mails: [], meta: [], callbacks: [], refused: [] });

/** Appends, and forgets the oldest beyond `keep`: a long run must not fill the memory. */
export function note<T>(list: T[], item: T, keep: number): void {
  list.push(item);
  if (list.length > keep * 1.1) list.splice(0, list.length - keep);
}
