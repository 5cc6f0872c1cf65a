import { Injectable } from '@nestjs/common';
import type { Account } from '@parley/contracts/access';
import { notificationEvents } from '@parley/contracts/feed';
import { announce, type Tx } from '@parley/service/tx';
import { FeedService } from '../feed/feed.service.js';
import { MailBell } from './mail-bell.js';
import type { FollowUp } from './follow-up-mail.rules.js';
import { MailsRepository } from './mails.repository.js';
import { MOST_PER_DAY } from './sending.rules.js';

const DAY_MS = 86_400_000;

/** TIME-1: tickets says when a follow-up e-mail is due; here it becomes one. */
@Injectable()
export class FollowUpService {
  constructor(
    private readonly mails: MailsRepository,
    private readonly bell: MailBell,
    private readonly feed: FeedService,
  ) {}

  /** One mail per timer, however often it is heard; none above what one recipient gets in a day (MAIL-4). */
  async due(tx: Tx, request: FollowUp) {
    const recipient = request.to.email.toLowerCase();
    const before = await this.mails.countSince(tx, recipient, new Date(tx.at.getTime() - DAY_MS));
    if (!(await this.mails.add(tx, recipient, request))) return;
    if (before >= MOST_PER_DAY) return this.refuse(tx, request, `more than ${MOST_PER_DAY} automatic mails to this recipient in 24 hours`);
    await this.mails.makeDue(tx, request.timerId);
    tx.after(() => this.bell.ring());
  }

  /** The visitor is back, has read or has ended the chat: what still waits for the mail server is not needed any more. */
  cancel(tx: Tx, sessionId: string, since: Date) {
    return this.mails.cancel(tx, sessionId, since);
  }

  brandChanged(tx: Tx, account: Account) {
    return this.mails.saveBrand(tx, account);
  }

  private async refuse(tx: Tx, { timerId, ticketId, sessionId }: FollowUp, reason: string) {
    await this.mails.end(tx, timerId, 'failed', reason);
    await this.feed.append(tx, [announce(tx, notificationEvents.followUpFailed, { key: ticketId, ticket: ticketId, data: { timerId, ticketId, sessionId, reason } })]);
  }
}
