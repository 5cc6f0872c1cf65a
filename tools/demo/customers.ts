import { SignJWT } from 'jose';
import { createTransport } from 'nodemailer';
import type { ReceivedMail } from '../stand-ins/received.js';

/** A mail as a customer writes it; `via` is the address it is forwarded to where that is not the one written on it. */
export interface CustomerMail {
  from: { name: string; address: string };
  to: string;
  via?: string;
  subject: string;
  text: string;
  /** The mail it answers, as it stands in the customer's mailbox. */
  answers?: ReceivedMail;
}

/** Hands a mail to Parley's SMTP listener; resolves to its Message-ID once it was accepted. */
export async function customerMails(smtpPort: number, { via, answers, ...mail }: CustomerMail): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort, secure: false, ignoreTLS: true });
  const ancestors = answers ? { inReplyTo: answers.headers['message-id'], references: [answers.headers['references'], answers.headers['message-id']].filter(Boolean).join(' ') } : {};
  try {
    const { messageId } = await transport.sendMail({ ...mail, ...ancestors, envelope: { from: mail.from.address, to: via ?? mail.to } });
    return messageId;
  } finally {
    transport.close();
  }
}

/** Who the visitor of a website is, as its own server knows. */
export interface Visitor {
  id: string;
  email: string;
  name: string;
}

/** The token by which the brand's server vouches for a visitor (CHAT-2): HS256 by the channel's secret, for this widget, 30 minutes from `now`. */
export async function identityToken({ id, email, name }: Visitor, { widgetKey, secret, now = new Date() }: { widgetKey: string; secret: string; now?: Date }): Promise<string> {
  return new SignJWT({ email, name })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(id)
    .setAudience(`parley-widget:${widgetKey}`)
    .setIssuedAt(now)
    .setExpirationTime(new Date(now.getTime() + 30 * 60_000))
    .sign(new TextEncoder().encode(secret));
}
