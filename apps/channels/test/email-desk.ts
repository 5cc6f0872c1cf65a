import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type AcceptedMessage, channels, type Channel } from '@parley/contracts/channels';
import { mailSetup } from '@parley/contracts/mail-setup';
import { messageEvents } from '@parley/contracts/messages';
import { newId } from '@parley/service/ids';
import { type Rig, rig } from '@parley/service/testing/rig';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { channelsApp } from '../src/channels.app.js';
import { MailboxService } from '../src/email/mailbox.service.js';
import { SmtpListener } from '../src/email/smtp.listener.js';

/** A mail that left, as the customer's server got it. */
export type Posted = { from: string; to: string[]; raw: string; header(name: string): string };

/** The customers' mail server: takes what we send, or refuses it as told. */
export class MailServerStandIn {
  readonly posted: Posted[] = [];
  refuse: { code: number; text: string } | null = null;
  private readonly server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], disableReverseLookup: true,
    onRcptTo: (_address, _session, done) => done(this.refuse ? Object.assign(new Error(this.refuse.text), { responseCode: this.refuse.code }) : null),
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString();
        const header = (name: string) => new RegExp(`^${name}:((?:.*(?:\r\n[ \t].*)*))`, 'im').exec(raw)?.[1]?.replace(/\r\n[ \t]+/g, ' ').trim() ?? '';
        this.posted.push({ from: envelope.mailFrom ? envelope.mailFrom.address : '', to: envelope.rcptTo.map(({ address }) => address), raw, header });
        done();
      });
    },
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  close() {
    return new Promise<void>((resolve) => this.server.close(resolve));
  }
}

export const fixture = (name: string) => readFileSync(new URL(`./fixtures/email/${name}.eml`, import.meta.url));

/** A mail of a made-up person, small enough to read. */
export const mail = (headers: Record<string, string>, body = 'Hello') =>
  [...Object.entries({ From: 'Ada <ada@customer.example>', To: 'support@parley.example', Date: 'Fri, 20 Nov 2026 10:00:00 +0100', ...headers }).map(([name, value]) => `${name}: ${value}`), '', body].join('\r\n');

/** A running channels service with an e-mail channel, people who write to it, and the mail server they sit at. */
export async function emailDesk(env: Record<string, string> = {}) {
  const outside = new MailServerStandIn();
  const here = await rig(channelsApp, { env: { PARLEY_OUTBOUND_SMTP_URL: await outside.start(), PARLEY_INBOUND_DOMAIN: 'inbound.parley.example', ...env } });
  const desk = new EmailDesk(here, outside);
  desk.channel = await desk.connect('support@parley.example');
  return desk;
}

export class EmailDesk {
  channel!: Channel;

  constructor(
    readonly here: Rig,
    readonly outside: MailServerStandIn,
  ) {}

  async connect(address: string): Promise<Channel> {
    const channel = await this.here.ask(channels.create, { type: 'email', name: 'Support', settings: { address, fromName: 'Parley Support' } });
    await this.verify(channel, address);
    return channel;
  }

  /** Reads the code in the mailbox of this address, and shows it. */
  async verify({ id }: Channel, address: string) {
    const before = this.outside.posted.length;
    const sender = await this.here.ask(mailSetup.addSender, { id, address });
    const posted = await this.here.until(() => this.outside.posted.slice(before).find(({ to }) => to.includes(address)), 'the code to arrive');
    return this.here.ask(mailSetup.verifySender, { id, senderId: sender.id, code: /^\d{8}/.exec(posted.header('Subject'))![0] });
  }

  get port(): number {
    return this.here.app.get(SmtpListener).port;
  }

  /** Hands the bytes to our SMTP door, as any mail server does. @throws what the door refuses */
  async deliver(raw: Buffer | string, to: string | string[] = this.channel.forwardingAddress!, from = 'bounces@customer.example') {
    const transport = createTransport({ host: '127.0.0.1', port: this.port, secure: false, ignoreTLS: true });
    try {
      await transport.sendMail({ envelope: { from, to }, raw: Buffer.from(raw) });
    } finally {
      transport.close();
    }
  }

  /** Until no mail waits to be read. */
  async settled() {
    await this.here.until(async () => {
      this.here.app.get(MailboxService).wake();
      return ((await this.here.db.query('SELECT count(*) FROM mail_waiting')) as { count: number }[])[0]!.count === 0;
    }, 'all mail to be read');
  }

  /** Delivers and reads; answers the messages that came of it. */
  async receive(...mails: (Buffer | string)[]): Promise<AcceptedMessage[]> {
    const before = (await this.received()).length;
    for (const mail of mails) await this.deliver(mail);
    await this.settled();
    return (await this.received()).slice(before);
  }

  async received(): Promise<AcceptedMessage[]> {
    const facts = await this.here.facts('channel.message_received');
    return facts.map(({ data }) => data as AcceptedMessage).sort((a, b) => (a.inboundId < b.inboundId ? -1 : 1));
  }

  /** An agent answers in this thread; the mail as it left. */
  async answer(to: AcceptedMessage, text = 'We are looking into it.'): Promise<Posted & { id: string; ticketId: string }> {
    const [id, ticketId] = [newId(), newId()];
    const before = this.outside.posted.length;
    await this.here.say(messageEvents.sent, { key: ticketId, ticket: ticketId, data: sentMessage({ id, ticketId, to, text }) });
    const posted = await this.here.until(() => this.outside.posted[before], 'the answer to leave');
    return { ...posted, id, ticketId };
  }

  states(messageId: string) {
    return this.here.facts('channel.delivery_changed').then((facts) => facts.map(({ data }) => data).filter((data) => data.messageId === messageId));
  }

  /** What stands in the books beside the messages. */
  setAside(): Promise<{ outcome: string; reason: string | null }[]> {
    return this.here.tx((tx) => tx.sql('SELECT outcome, reason FROM inbound_item ORDER BY received_at, id'));
  }

  async close() {
    await this.here.close();
    await this.outside.close();
  }
}

export function sentMessage({ id, ticketId, to, text, seq = 2, by = 'agent' }: { id: string; ticketId: string; to: AcceptedMessage; text: string; seq?: number; by?: 'agent' | 'automation' }) {
  const at = '2026-11-20T12:00:00.000Z';
  return {
    message: {
      id, ticketId, seq, direction: 'outbound' as const, author: { type: by, id: newId(), name: 'Anna' }, text, html: null, truncated: false, attachments: [],
      keyword: null, automatic: null, note: null, delivery: { state: 'queued' as const, failure: null }, occurredAt: at, receivedAt: at, readAt: null,
    },
    ticket: ticketSnapshot(ticketId, to),
    route: { channelId: to.channelId, channel: to.channel, to: to.from[0]!, toName: to.name, sessionId: to.sessionId, threadId: to.threadId, subject: to.subject },
  };
}

export function ticketSnapshot(id: string, of: Pick<AcceptedMessage, 'channel' | 'channelId' | 'name' | 'subject'>) {
  const at = '2026-11-20T12:00:00.000Z';
  return {
    id, number: 1, channel: of.channel, channelId: of.channelId, profile: { id: newId(), name: of.name }, subject: of.subject, status: 'open' as const, snoozedUntil: null,
    assigneeId: null, teamId: null, tags: [], priority: 'normal' as const, spam: false, unread: false, preview: null, lastSeq: 2, lastMessageAt: at, waitingSince: null, createdAt: at,
    firstResponseAt: null, closedAt: null, language: null, attribution: null, version: 2,
  };
}
