import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { messageEvents, type Message, type messages } from '@parley/contracts/messages';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { CouponsService } from '../macros/coupons.service.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { toMessage, type MessageEntity } from './message.entity.js';
import { MessagesRepository } from './messages.repository.js';
import { RepliesService } from './replies.service.js';
import { retryRefusal } from './retry.rules.js';

/** Sends once more what has failed, because a person wants it: a message of its own, with its own id and attempt at the provider. */
@Injectable()
export class RetriesService {
  constructor(
    private readonly db: DataSource,
    private readonly messages: MessagesRepository,
    private readonly tickets: TicketsService,
    private readonly replies: RepliesService,
    private readonly coupons: CouponsService,
  ) {}

  /** @throws ContractError MESSAGE_NOT_FOUND; RETRY_NOT_POSSIBLE with `reason` (retry.rules.ts, or coupon_gone); REPLY_NOT_ALLOWED (TKT-11) */
  retry({ id, force }: Input<typeof messages.retry>, by: Actor): Promise<Message> {
    return within(
      this.db, by,
      async (tx) => {
        const found = await this.messages.find(tx, id);
        if (!found) throw new ContractError('MESSAGE_NOT_FOUND', `No message ${id}`);
        const ticket = await this.tickets.lock(tx, found.ticketId);
        const failed = await this.messages.lockSent(tx, id);
        const reason = retryRefusal(failed ?? found, { force });
        if (reason || !failed) throw refusal(reason ?? 'not_ours', failed);
        const template = failed.template ?? null;
        await this.replies.demand(tx, ticket, { force: true, template: template ?? undefined });
        const again = await this.replies.send(tx, ticket, failed.text, { attachments: failed.attachments, keepSnoozed: true, template, retryOf: id });
        if (!(await this.coupons.follow(tx, failed, again.id))) throw refusal('coupon_gone', failed);
        await this.mark(tx, failed, again.id);
        return again;
      },
      async (tx, messageId) => toMessage((await this.messages.find(tx, messageId))!),
    );
  }

  private async mark(tx: Tx, failed: MessageEntity & { partition: number }, retriedAs: string): Promise<void> {
    await this.messages.saveRetried(tx, failed.id, retriedAs);
    announce(tx, messageEvents.updated, { key: failed.ticketId, partition: failed.partition, ticket: failed.ticketId, before: { message: toMessage(failed) }, data: { message: toMessage({ ...failed, retriedAs }) } });
  }
}

const refusal = (reason: string, failed?: MessageEntity) =>
  new ContractError('RETRY_NOT_POSSIBLE', `It is not sent again: ${reason}`, { reason, ...(failed?.retriedAs && { retriedAs: failed.retriedAs }) });
