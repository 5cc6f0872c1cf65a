import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { ConnectedChannel, InboundMessage, Status } from '../adapter.js';
import { ChannelsService } from '../channel/channels.service.js';
import { IntakeService } from '../inbound/intake.service.js';
import { DeliveriesService } from '../outbound/deliveries.service.js';
import { ShelfService } from '../quarantine/shelf.service.js';
import { type Automatic, automaticKind } from './automatic.rules.js';
import { newTextOf } from './folding.rules.js';
import { ForwardsService, type Unwrapped } from './forwards.service.js';
import { MailFilesService } from './mail-files.service.js';
import { MailboxRepository } from './mailbox.repository.js';
import type { Mail } from './reading.rules.js';
import { bounceIn, receiptIn, type Report } from './report.rules.js';
import { ConfirmationsService } from './setup/confirmations.service.js';
import { SendersService } from './setup/senders.service.js';
import { ThreadsService } from './threads.service.js';

/** Why a mail could not be read, and what is known of it all the same. */
export type Unread = { reason: string; sender: string; messageId: string };

/** What becomes of a mail that was read: a message, news of a message of ours, or a line in the books. Joins the caller's transaction. */
@Injectable()
export class IncomingService {
  constructor(
    private readonly threads: ThreadsService,
    private readonly intake: IntakeService,
    private readonly deliveries: DeliveriesService,
    private readonly channels: ChannelsService,
    private readonly mailbox: MailboxRepository,
    private readonly files: MailFilesService,
    private readonly shelf: ShelfService,
    private readonly forwards: ForwardsService,
    private readonly senders: SendersService,
    private readonly confirmations: ConfirmationsService,
  ) {}

  async file(tx: Tx, channel: ConnectedChannel, rawId: string, mail: Mail): Promise<void> {
    await this.shelf.take(tx, rawId);
    const ours = await this.senders.addresses(tx, channel);
    const madeHere = this.threads.ourMessage(mail.messageId) !== null || this.threads.isOurLoop(mail);
    const kind = automaticKind({ headers: mail.headers, from: mail.author.address, ours, madeHere });
    // A rule of the mailbox forwards in the mailbox's own name, and marks it as automatic.
    const inside = madeHere ? null : await this.forwards.unwrap(tx, mail, ours);
    if (inside && kind !== 'bounce' && kind !== 'receipt') return this.accept(tx, channel, rawId, inside.mail, null, inside);
    if (await this.confirmations.take(tx, channel, rawId, mail)) return this.intake.setAside(tx, [{ channel, rawId, outcome: 'quarantined', reason: 'set-up: a forwarding address is to be confirmed' }]);
    if (kind === 'bounce') return this.report(tx, channel, rawId, bounceIn(reportParts(mail)));
    if (kind === 'receipt') return this.report(tx, channel, rawId, receiptIn(reportParts(mail)));
    if (kind === 'own') return this.intake.setAside(tx, [{ channel, rawId, outcome: 'duplicate', reason: 'our own mail came back' }]);
    if (kind === 'auto_reply' && (await this.threads.find(tx, mail)) === null) {
      return this.intake.setAside(tx, [{ channel, rawId, outcome: 'quarantined', reason: 'an automatic reply to nothing we know' }]);
    }
    await this.accept(tx, channel, rawId, mail, kind);
  }

  /** MAIL-6: never lost, waits in quarantine. Opens a ticket that says so, with what the raw bytes show of the sender; read later, it stands in that ticket. */
  async quarantine(tx: Tx, channel: ConnectedChannel, rawId: string, unread: Unread, receivedAt: Date): Promise<void> {
    if (await this.shelf.putBack(tx, rawId, unread.reason)) return;
    const thread = await this.threads.open(tx, channel, unread.sender || null);
    await this.threads.expect(tx, thread, unread.messageId);
    const [notice] = await this.intake.accept(tx, channel, rawId, [{
      kind: 'message',
      providerMessageId: `unread:${unread.messageId}`,
      from: [identifier(unread.sender)],
      threadId: thread.id,
      subject: 'A mail that could not be read',
      text: '',
      note: `This mail could not be read (${unread.reason}). Its bytes are kept for 30 days.`,
      occurredAt: receivedAt.toISOString(),
    }]);
    if (!notice!.duplicate) await this.shelf.put(tx, [{ id: notice!.inboundId, channelId: channel.id, rawId, reason: unread.reason }]);
  }

  private async accept(tx: Tx, channel: ConnectedChannel, rawId: string, mail: Mail, kind: Automatic, inside: Unwrapped | null = null) {
    // Before anything is locked: a bucket may take its time.
    const attachments = await this.files.keep(tx.by.account, mail.attachments);
    const { thread, reused } = await this.threads.place(tx, channel, mail);
    // A thread stays in its channel, in whichever mailbox its next mail arrives: one conversation, one order.
    const home = thread.channelId === channel.id ? channel : ((await this.channels.byId(tx.by.account, thread.channelId)) ?? channel);
    if (home !== channel) await this.mailbox.moveTo(tx, rawId, home.id);
    await this.senders.wroteTo(tx, thread.id, home, mail.recipients);
    await this.intake.accept(tx, home, rawId, [{ ...messageOf(mail, thread, kind, notes(mail, thread.customer, reused, inside)), attachments }]);
  }

  /** News of a message of ours. A report that names none of ours is kept and shown in the books. */
  private async report(tx: Tx, channel: ConnectedChannel, rawId: string, { messageIds, state, failure }: Report): Promise<void> {
    const ours = messageIds.map((id) => this.threads.ourMessage(id)).find((id) => id !== null);
    if (!ours) return this.intake.setAside(tx, [{ channel, rawId, outcome: 'quarantined', reason: 'a report on nothing of ours' }]);
    await this.intake.recount(tx, rawId, 0);
    if (!state) return;
    const status: Status = { kind: 'status', providerMessageId: messageIds[0]!, reference: ours, state, failure, occurredAt: tx.at.toISOString() };
    await this.deliveries.apply(tx, channel, [status]);
  }
}

function messageOf(mail: Mail, thread: { id: string }, kind: Automatic, note: string | null): InboundMessage {
  return {
    kind: 'message',
    // Message-ID and content: the same id with other content is another message (MAIL-8).
    providerMessageId: mail.fingerprint.toString('hex'),
    fingerprint: mail.fingerprint,
    from: [identifier(mail.author.address)],
    name: mail.author.name,
    threadId: thread.id,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    newText: newTextOf(mail.text, mail.subject, mail.above),
    automatic: kind === 'auto_reply' || kind === 'bulk' ? kind : null,
    note,
    occurredAt: mail.occurredAt,
  };
}

/** Of the words of whoever forwarded a mail. Characters. */
const LONGEST_NOTE = 10_000;

/** From is anybody's word: never verified (PRO-1). */
const identifier = (address: string | null) => ({ type: 'email' as const, value: (address || 'unknown@sender.invalid').slice(0, 512), verified: false });

function notes(mail: Mail, customer: string | null, reused: boolean, inside: Unwrapped | null): string | null {
  const found = [
    inside && `Forwarded by ${inside.forwarder}${inside.above ? `, who wrote: ${inside.above.slice(0, LONGEST_NOTE)}` : '.'}`,
    mail.author.address === null && 'The mail names no sender.',
    mail.author.address !== null && customer !== null && mail.author.address !== customer && `Other sender: ${mail.author.address} wrote this, ${customer} began the thread.`,
    reused && 'Another mail came under the same Message-ID before.',
  ].filter((note) => typeof note === 'string');
  return found.join(' ') || null;
}

const reportParts = (mail: Mail) => mail.attachments.map(({ contentType, body }) => ({ contentType, body: body ?? '' }));
