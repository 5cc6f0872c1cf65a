import { Injectable } from '@nestjs/common';
import type { Attachment, EmailCredentials, EmailSettings } from '@parley/contracts/channels';
import { FileStore } from '@parley/service/files';
import { ForbiddenTarget } from '@parley/service/http';
import { system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { type ConnectedChannel, Outage, type Outbound, type OutboundAdapter, type Receipt, type RefusalClass } from '../adapter.js';
import { DeliveriesService } from '../outbound/deliveries.service.js';
import { replyAddress } from './address.rules.js';
import { automaticHeaders, MOST_AUTOMATIC_A_DAY, MOST_HOPS } from './automatic.rules.js';
import { compose, type Letter, type Part } from './composing.rules.js';
import { MailerService } from './mailer.service.js';
import { SendersService } from './setup/senders.service.js';
import { ThreadsService } from './threads.service.js';

/** How replies by mail leave (MAIL-7): by SMTP, from the brand's address, so that the answer to them finds back. */
@Injectable()
export class EmailAdapter implements OutboundAdapter {
  readonly channel = 'email' as const;
  readonly provider = 'smtp';

  constructor(
    private readonly db: DataSource,
    private readonly threads: ThreadsService,
    private readonly mailer: MailerService,
    private readonly store: FileStore,
    private readonly senders: SendersService,
    private readonly deliveries: DeliveriesService,
  ) {}

  async send(message: Outbound, channel: ConnectedChannel): Promise<Receipt> {
    const letter = await within(this.db, system(channel.account), (tx) => this.marks(tx, message, channel));
    if ('outcome' in letter) return letter;
    const files = await this.parts(channel.account, message.attachments);
    if (!files) return { outcome: 'refused', failure: { code: 'file_gone', reason: 'A file of this message is no longer there' }, class: 'content' };
    const mail = compose({ ...letter, files });
    if (!mail) return { outcome: 'refused', failure: { code: 'address', reason: 'No mail can be sent to or from such an address' }, class: 'address' };
    try {
      const { smtpUrl, dkim } = channel.credentials as z.output<typeof EmailCredentials>;
      await this.mailer.send(smtpUrl, mail, dkim);
      return { outcome: 'sent', providerMessageId: letter.messageId, state: 'sent' };
    } catch (error) {
      return judge(error as SmtpError);
    }
  }

  /** Who writes to whom, in which thread, and by what others know it again: the same at every attempt. */
  private async marks(tx: Tx, message: Outbound, channel: ConnectedChannel): Promise<Letter | Receipt> {
    const { fromName } = channel.settings as z.output<typeof EmailSettings>;
    const marks = await this.threads.prepare(tx, channel, message.threadId, message.id);
    const from = await this.senders.from(tx, channel, message.threadId);
    const answers = marks.chain.findLast(({ kind }) => kind === 'customer')?.messageId ?? null;
    const isAutomatic = message.byPerson === false;
    if (isAutomatic && marks.hops >= MOST_HOPS) return tooMuch('mail_loop', 'Two machines answer each other');
    if (isAutomatic && (await this.deliveries.automaticTo(tx, message.to.value, message.id)) >= MOST_AUTOMATIC_A_DAY) return tooMuch('too_many_automatic', `${MOST_AUTOMATIC_A_DAY} automatic mails went there within a day`);
    return {
      from: { name: fromName ?? channel.name, address: from },
      to: { name: message.toName ?? '', address: message.to.value },
      replyTo: marks.token && channel.forwardingAddress ? replyAddress(channel.forwardingAddress, marks.token) : from,
      subject: message.subject,
      text: message.text,
      messageId: marks.messageId,
      thread: marks.chain.map(({ messageId }) => messageId),
      answers,
      headers: { ...(marks.threadMark && { 'X-Parley-Thread': marks.threadMark }), ...(isAutomatic && automaticHeaders(marks.loopMark, answers !== null, marks.hops)) },
    };
  }

  /** Null where one is gone. @throws Outage while the store is away: nothing was taken. */
  private async parts(account: string, attachments: Attachment[]): Promise<Part[] | null> {
    const parts: Part[] = [];
    for (const { name, contentType, sha256 } of attachments) {
      const content = sha256 ? await this.store.read(account, sha256).catch((error: Error) => Promise.reject(new Outage(error.message))) : null;
      if (!content) return null;
      parts.push({ filename: name, contentType, content });
    }
    return parts;
  }
}

const tooMuch = (code: string, reason: string): Receipt => ({ outcome: 'refused', failure: { code, reason }, class: 'permanent' });

type SmtpError = Error & { code?: string; originalCode?: string; command?: string; responseCode?: number; response?: string };

/** By these the server was never reached, or had not let us in. */
const NOT_REACHED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EDNS', 'ETLS'];
const NO_GREETING = /^(Connection timeout|Greeting never received)/;

/** RFC 5321: 4xx means later, 5xx never. A connection that broke says nothing of how far we had come: the mail may have been taken. */
function judge(error: SmtpError): Receipt {
  const { code = '', originalCode = '', responseCode, response } = error;
  const reason = response ?? error.message;
  if (responseCode && responseCode >= 500) return { outcome: 'refused', failure: { code: String(responseCode), reason }, class: classOf(error) };
  if (responseCode || NOT_REACHED.includes(code) || NOT_REACHED.includes(originalCode) || NO_GREETING.test(error.message)) throw new Outage(reason);
  if (error instanceof ForbiddenTarget) throw error;
  return { outcome: 'unknown', reason };
}

function classOf({ code, command, responseCode }: SmtpError): RefusalClass {
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'auth';
  if (command === 'RCPT TO') return 'address';
  return responseCode === 552 || responseCode === 554 ? 'content' : 'permanent';
}
