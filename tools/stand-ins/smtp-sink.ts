import { simpleParser, type ParsedMail } from 'mailparser';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { note, type ReceivedMail } from './received.js';
import type { World } from './twilio.js';

/** A mail server that delivers to nobody: it keeps what it gets, parsed. Takes any credentials and any sender. */
export async function startSmtpSink(port: number, host: string, world: World): Promise<{ url: string; close(): Promise<void> }> {
  const { faults, received, keep } = world;
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 500,
    logger: false,
    onAuth: (_auth, _session, done) => done(null, { user: 'anybody' }),
    onRcptTo: (_address, _session, done) => done(faults.smtpRecipientCode ? refusal(faults.smtpRecipientCode) : null),
    onData: (stream, session, done) => {
      const take = async () => {
        const raw = await buffer(stream);
        await pause(faults.smtpLatencyMs);
        if (faults.smtpDataCode) throw refusal(faults.smtpDataCode);
        note(received.mails, toMail(await simpleParser(raw), raw, session), keep);
      };
      take().then(() => done(), done);
    },
  });
  server.on('error', () => {});
  const listening = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    const net = server.listen(port, host, () => resolve((net.address() as { port: number }).port));
  });
  return { url: `smtp://${host}:${listening}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

const TEXT: Record<number, string> = {
  450: '4.2.1 The mailbox is busy, try again later',
  451: '4.3.0 Local error, try again later',
  550: '5.1.1 No such mailbox here',
  554: '5.7.1 The message was refused',
};
const refusal = (responseCode: number) => Object.assign(new Error(TEXT[responseCode]), { responseCode });

function toMail(mail: ParsedMail, raw: Buffer, { envelope }: SMTPServerSession): ReceivedMail {
  const headers: Record<string, string> = {};
  for (const { key, line } of mail.headerLines) {
    const value = line.slice(line.indexOf(':') + 1).replace(/\r?\n\s+/g, ' ').trim();
    headers[key] = key in headers ? `${headers[key]}\n${value}` : value;
  }
  return {
    envelope: { from: envelope.mailFrom ? envelope.mailFrom.address : '', to: envelope.rcptTo.map(({ address }) => address) },
    headers,
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html || null,
    raw: raw.toString('utf8'),
    at: Date.now(),
  };
}
