import { Injectable } from '@nestjs/common';
import type { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { announce, type Tx } from '@parley/service/tx';
import { CouponsService } from '../macros/coupons.service.js';
import { reported } from './delivery.rules.js';
import { toMessage } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';

/** What became of our answers (TKT-8). */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly messages: MessagesRepository,
    private readonly coupons: CouponsService,
  ) {}

  /** A report moves the message forward, never back; one that says nothing new is not announced. */
  async reported(tx: Tx, { messageId, ticketId: of, state, failure, class: kind, occurredAt }: Data<typeof channelEvents.deliveryChanged>): Promise<void> {
    if (kind === 'window') await this.messages.closeWindow(tx, of, new Date(occurredAt));
    const message = await this.messages.lockSent(tx, messageId);
    if (!message) return;
    const now = reported({ state: message.deliveryState ?? 'queued', failure: message.deliveryFailure }, { state, failure });
    if (!now) return;
    const before = { message: toMessage(message) };
    Object.assign(message, { deliveryState: now.state, deliveryFailure: now.failure, readAt: now.state === 'read' ? new Date(occurredAt) : message.readAt });
    await this.messages.saveDelivery(tx, message);
    await this.coupons.delivery(tx, messageId, now.state);
    const { ticketId, partition } = message;
    announce(tx, messageEvents.deliveryChanged, { key: ticketId, partition, ticket: ticketId, before, data: { message: toMessage(message) } });
  }
}
