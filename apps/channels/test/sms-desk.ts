import { randomUUID } from 'node:crypto';
import { channels } from '@parley/contracts/channels';
import type { Ask } from '@parley/contracts/contract';
import { messageEvents } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { noonAt } from '@parley/service/testing/noon';
import { type Rig, rig } from '@parley/service/testing/rig';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { channelsApp } from '../src/channels.app.js';
import { TwilioStandIn } from './twilio-stand-in.js';

export const AUTH_TOKEN = 'not-a-real-token-0123456789';
export const PUBLIC_URL = 'https://parley.example.com';
type SmsSettings = Extract<Ask<typeof channels.create>, { type: 'sms' }>['settings'];

/** A running channels service with one SMS channel, customers who write to it, and a Twilio of our own. */
export async function smsDesk(settings: Partial<SmsSettings> = {}, env: Record<string, string> = {}) {
  const twilio = new TwilioStandIn();
  const here = await rig(channelsApp, {
    env: { PARLEY_TWILIO_BASE_URL: await twilio.start(), PARLEY_EGRESS_ALLOW_CIDRS: '127.0.0.0/8', PARLEY_PUBLIC_URL: PUBLIC_URL, ...env },
  });
  const channel = await here.ask(channels.create, {
    type: 'sms', name: 'SMS', settings: { phoneNumber: '+15005550100', ...settings }, credentials: { accountSid: 'ACtest', authToken: AUTH_TOKEN },
  });
  return new SmsDesk(here, twilio, channel);
}

export class SmsDesk {
  private numbers = 0;

  constructor(
    readonly here: Rig,
    readonly twilio: TwilioStandIn,
    readonly channel: { id: string; webhookUrl: string | null },
  ) {}

  get path(): string {
    return this.channel.webhookUrl!.slice(PUBLIC_URL.length);
  }

  /** A new text as Twilio would post it. */
  text(body: string, more: Record<string, string> = {}): Record<string, string> {
    const sid = `SM${randomUUID().replaceAll('-', '')}`;
    return { ToCountry: 'US', SmsMessageSid: sid, NumMedia: '0', SmsStatus: 'received', To: '+15005550100', AccountSid: 'ACtest', From: '+15035550142', MessageSid: sid, FromCity: '', Body: body, ...more };
  }

  status(sid: string, status: string, more: Record<string, string> = {}): Record<string, string> {
    return { MessageSid: sid, SmsStatus: status, MessageStatus: status, To: '+15035550142', From: '+15005550100', AccountSid: 'ACtest', ...more };
  }

  /** Posts it as signed by Twilio's own code. */
  post(fields: Record<string, string>, change: { path?: string; body?: string; signature?: string; url?: string } = {}) {
    const path = change.path ?? this.path;
    const signature = change.signature ?? getExpectedTwilioSignature(AUTH_TOKEN, PUBLIC_URL + path, fields);
    return fetch((change.url ?? this.here.url) + path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', 'x-twilio-signature': signature },
      body: change.body ?? new URLSearchParams(fields).toString(),
    });
  }

  /** Lets tickets say that an agent has answered; the id of the message. */
  async reply(text: string, { ticketId = newId(), seq = ++this.numbers, to = '+15035550142', profileId = newId(), shortLinks = null as { expireAt: string } | null } = {}) {
    const id = newId();
    const at = new Date().toISOString();
    await this.here.say(messageEvents.sent, {
      key: ticketId,
      ticket: ticketId,
      data: {
        message: {
          id, ticketId, seq, direction: 'outbound', author: { type: 'agent', id: newId(), name: 'Anna' }, text, html: null, truncated: false, attachments: [],
          keyword: null, automatic: null, note: null, delivery: { state: 'queued', failure: null }, occurredAt: at, receivedAt: at, readAt: null,
        },
        ticket: this.ticket(ticketId, profileId, at),
        route: { channelId: this.channel.id, channel: 'sms', to: { type: 'phone', value: to, verified: true }, toName: null, sessionId: null, threadId: null, subject: null, shortLinks },
      },
    });
    return { id, ticketId, profileId };
  }

  /** Lets tickets say that an accepted message stands in a thread. */
  async threaded(inboundId: string, profileId = newId()) {
    const ticketId = newId();
    const at = new Date().toISOString();
    await this.here.say(messageEvents.received, {
      key: ticketId,
      ticket: ticketId,
      data: {
        sessionId: null,
        ticket: this.ticket(ticketId, profileId, at),
        message: {
          id: inboundId, ticketId, seq: 1, direction: 'inbound', author: { type: 'customer', id: profileId, name: null }, text: 'hi', html: null, truncated: false, attachments: [],
          keyword: null, automatic: null, note: null, delivery: null, occurredAt: at, receivedAt: at, readAt: null,
        },
      },
    });
  }

  /** Nobody waits: what is due later is due now. */
  hurry() {
    return this.here.db.query(`UPDATE outbox SET next_at = now() WHERE lease_token IS NULL`);
  }

  /** Once it was tried and put off, it stays so until somebody hurries it. Answers for how many seconds it was put off. */
  async postponed(id: string): Promise<number> {
    const [row] = await this.here.until(async () => {
      const [rows] = await this.here.db.query<[{ seconds: number }[], number]>(
        `UPDATE outbox o SET next_at = now() + interval '1 hour' FROM (SELECT extract(epoch FROM next_at - now())::float8 AS seconds FROM outbox WHERE id = $1) p
         WHERE o.id = $1 AND o.lease_token IS NULL AND o.attempt > 0 RETURNING p.seconds`, [id]);
      return rows.length > 0 && rows;
    }, 'the message to wait for its next try');
    return row!.seconds;
  }

  async received() {
    return (await this.here.facts('channel.message_received')).map(({ data }) => data as { inboundId: string; text: string; conversationSeq: number; conversationKey: string; keyword: string | null; from: object[]; attachments: object[] });
  }

  async deliveries(id: string) {
    return (await this.here.facts('channel.delivery_changed')).map(({ data }) => data as { messageId: string; state: string; failure: object | null; providerMessageId: string | null }).filter(({ messageId }) => messageId === id);
  }

  count(table: 'raw_inbound' | 'inbound_message' | 'inbound_item' | 'outbox') {
    return this.here.tx(async (tx) => (await tx.sql<{ n: number }>(`SELECT count(*) n FROM ${table}`))[0]!.n);
  }

  books() {
    return this.here.tx(async (tx) => tx.at).then((at) => this.here.ask(channels.books, { channelId: this.channel.id, ...noonAt(at) }));
  }

  async close() {
    await this.here?.close();
    this.twilio.stop();
  }

  private ticket(id: string, profileId: string, at: string) {
    return {
      id, number: 1, channel: 'sms' as const, channelId: this.channel.id, profile: { id: profileId, name: null }, subject: null, status: 'open' as const, snoozedUntil: null,
      assigneeId: null, teamId: null, tags: [], priority: 'normal' as const, spam: false, unread: true, preview: null, lastSeq: 1, lastMessageAt: at, waitingSince: null,
      createdAt: at, firstResponseAt: null, closedAt: null, language: null, attribution: null, version: 1,
    };
  }
}
