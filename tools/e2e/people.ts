import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { createTransport } from 'nodemailer';
import twilio from 'twilio';
import { openFrames, type Frames } from '../demo/frames.js';
import { eventually } from '../demo/waiting.js';
import type { Answer, Api, Json } from './api.js';
import { ACCOUNT_SID, AUTH_TOKEN, IDENTITY_SECRET, type Brand } from './town.js';

/** Twilio's own code signs; the message reaches the channel as a form. `sid` again is a redelivery; `signature` in place of the right one. */
export async function texts(channel: Json, { from, body, sid = `SM${randomUUID().replaceAll('-', '')}`, signature }: { from: string; body: string; sid?: string; signature?: string }): Promise<{ sid: string; status: number }> {
  const form = { MessageSid: sid, SmsSid: sid, AccountSid: ACCOUNT_SID, From: from, To: channel.address as string, Body: body, NumMedia: '0', SmsStatus: 'received', ApiVersion: '2010-04-01' };
  const url = channel.webhookUrl as string;
  const headers = { 'x-twilio-signature': signature ?? twilio.getExpectedTwilioSignature(AUTH_TOKEN, url, form) };
  const { status } = await fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
  return { sid, status };
}

/** A mail by an ordinary client. Resolves to its Message-ID. */
export async function mails(smtpPort: number, mail: { from: string; to: string; via?: string; subject: string; text: string; html?: string; inReplyTo?: string; references?: string; headers?: Record<string, string> }): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort, ignoreTLS: true });
  const { via = mail.to, ...rest } = mail;
  const { messageId } = await transport.sendMail({ ...rest, envelope: { from: mail.from, to: via } });
  return messageId;
}

/** A token as a brand's server signs it; `more` spoils it. */
export function vouch(channel: Json, visitor: { id: string; email?: string; name?: string }, more: { secret?: string; audience?: string; expires?: string } = {}): Promise<string> {
  return new SignJWT({ email: visitor.email, name: visitor.name })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(visitor.id)
    .setAudience(more.audience ?? `parley-widget:${String(channel.widgetKey)}`)
    .setIssuedAt()
    .setExpirationTime(more.expires ?? '10 minutes')
    .sign(new TextEncoder().encode(more.secret ?? IDENTITY_SECRET));
}

/** A visitor with a chat. */
export interface Guest {
  token: string;
  ask(question: string, body?: unknown): Promise<Answer>;
  window(gatewayUrl: string, afterSeq?: number): Promise<Frames<Json>>;
}

/** Starts a chat, or returns to the living one. */
export async function visit(api: Api, channel: Json, visitor: { id: string; email?: string; name?: string }): Promise<Guest> {
  const { body } = await api.call(`POST /v1/webchat/${String(channel.widgetKey)}/sessions`, { body: { identityToken: await vouch(channel, visitor) } });
  const token = body.sessionToken as string;
  return {
    token,
    ask: (question, sent) => api.call(question, { token, body: sent }),
    window: (gatewayUrl, afterSeq = 0) => openFrames(gatewayUrl, `/v1/webchat/socket?token=${token}&afterSeq=${afterSeq}`),
  };
}

/** An agent's screen. */
export const watch = (gatewayUrl: string, token: string, after = 0): Promise<Frames<Json>> => openFrames(gatewayUrl, `/v1/live?token=${token}&after=${after}`);

/** The first frame of a type that fits. */
export const frame = (screen: Frames<Json>, type: string, fits: (envelope: Json) => boolean = () => true): Promise<Json> =>
  eventually(`${type} on the socket`, () => screen.all.find((envelope) => envelope.type === type && fits(envelope)) as Json);

/** The ticket that holds a message with this text, through the API alone. */
export function ticketWith({ ask }: Brand, text: string): Promise<Json> {
  return eventually(`a ticket with “${text}”`, async () => {
    const { body } = await ask('GET /v1/tickets?limit=100');
    for (const ticket of body.items) {
      const thread = await ask(`GET /v1/tickets/${String(ticket.id)}/messages`);
      if (thread.body.items.some((message: Json) => message.text.includes(text))) return ticket as Json;
    }
  });
}

/** The texts of a thread, in order. */
export async function thread({ ask }: Brand, ticketId: string): Promise<string[]> {
  return (await ask(`GET /v1/tickets/${ticketId}/messages`)).body.items.map((message: Json) => message.text as string);
}
