import { Injectable } from '@nestjs/common';
import type { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { fileEvents } from '@parley/contracts/attachments';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { forgetInLog } from '@parley/service/taken-back';
import { announce, type Tx } from '@parley/service/tx';
import { FilesService } from '../files/files.service.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { amended, amendedArrival, type Amendment } from './amendment.rules.js';
import { AmendmentsRepository } from './amendments.repository.js';
import { toMessage, type MessageEntity } from './message.entity.js';
import { preview } from './preview.rules.js';

type About = { messageId: string; conversationKey: string };

/** What happens to messages after they were written (META-2, META-4). Nobody waits longer or less for it, and nothing is opened. */
@Injectable()
export class AmendmentsService {
  constructor(
    private readonly repository: AmendmentsRepository,
    private readonly tickets: TicketsService,
    private readonly files: FilesService,
  ) {}

  amend(tx: Tx, { messageId, conversationKey, by, change, occurredAt }: Data<typeof channelEvents.messageAmended>): Promise<void> {
    return this.apply(tx, { messageId, conversationKey }, { by, change, occurredAt });
  }

  fetched(tx: Tx, { messageId, conversationKey, attachment }: Data<typeof channelEvents.mediaFetched>): Promise<void> {
    return this.apply(tx, { messageId, conversationKey }, { by: 'customer', change: { kind: 'file', attachment }, occurredAt: tx.at.toISOString() });
  }

  private async apply(tx: Tx, about: About, amendment: Amendment): Promise<void> {
    const place = await this.lock(tx, about.messageId);
    if (!place) return this.toHeld(tx, about, amendment);
    const { ticket, message } = place;
    // Of somebody who is blocked nothing more is shown; what they take back is gone all the same.
    if (ticket.profileBlocked && amendment.by === 'customer' && (amendment.change.kind === 'edited' || amendment.change.kind === 'reaction')) return;
    const change = amended(message, amendment);
    if (!change) return this.unwanted(tx, ticket.id, amendment);
    const [shownBefore, isPreviewed] = [toMessage(message), ticket.preview !== null && ticket.preview === preview(message)];
    const files = message.attachments;
    Object.assign(message, change);
    await this.repository.save(tx, message);
    if (isPreviewed) await this.review(tx, ticket);
    if (message.deletedAt) {
      await this.forget(tx, ticket.id, files);
      await forgetInLog(tx, { messageId: message.id, key: ticket.id, partition: ticket.partition });
    }
    const shown = toMessage(message);
    if (JSON.stringify(shown) === JSON.stringify(shownBefore)) return;
    announce(tx, messageEvents.updated, { key: ticket.id, partition: ticket.partition, ticket: ticket.id, before: { message: shownBefore }, data: { message: shown } });
  }

  /** The ticket before what hangs on it; a message may move to another while one waits for the lock. */
  private async lock(tx: Tx, messageId: string): Promise<{ ticket: TicketEntity; message: MessageEntity } | null> {
    for (;;) {
      const ticketId = await this.repository.ticketOf(tx, messageId);
      if (!ticketId) return null;
      const ticket = await this.tickets.lockExactly(tx, ticketId);
      const message = await this.repository.lock(tx, messageId, ticketId);
      if (message) return { ticket, message };
    }
  }

  /** Of a message outside every thread, or one that is still to come. */
  private async toHeld(tx: Tx, { messageId, conversationKey }: About, amendment: Amendment): Promise<void> {
    const held = await this.repository.lockHeld(tx, messageId);
    if (!held) return this.repository.wait(tx, messageId, { ...amendment, conversationKey });
    const now = amendedArrival(held, [amendment]);
    await this.repository.saveHeld(tx, messageId, now);
    if (now.deletedAt && !held.deletedAt) await this.forget(tx, conversationKey, held.attachments);
  }

  /** The list showed this message: what it shows now. */
  private async review(tx: Tx, ticket: TicketEntity): Promise<void> {
    const before = toSnapshot(ticket);
    const newest = await this.repository.newest(tx, ticket.id);
    ticket.preview = newest ? preview(newest) : null;
    if (ticket.preview !== before.preview) await this.tickets.settle(tx, ticket, before, [ticketEvents.updated]);
  }

  /** A file that was fetched for a message that was taken back meanwhile. */
  private async unwanted(tx: Tx, key: string, { change }: Amendment): Promise<void> {
    if (change.kind === 'file') await this.forget(tx, key, [change.attachment]);
  }

  /** Settled 1: bytes that no message and nobody's draft needs any more leave the store. */
  private async forget(tx: Tx, key: string, files: readonly { sha256?: string | undefined }[]): Promise<void> {
    const sha256 = await this.files.unneeded(tx, files.flatMap((file) => (file.sha256 ? [file.sha256] : [])));
    if (sha256.length) announce(tx, fileEvents.forgotten, { key, data: { sha256 } });
  }
}
