import { Injectable } from '@nestjs/common';
import { notificationEvents } from '@parley/contracts/feed';
import { Secrets } from '@parley/service/secrets';
import { announce, system, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { FeedService } from '../feed/feed.service.js';
import { addressesOf, followUpMail, linkTo, type Brand, type FollowUp, type OutgoingMail } from './follow-up-mail.rules.js';
import { Mailer } from './mailer.js';
import { MailsRepository, type Claim, type StoredMail } from './mails.repository.js';
import { isAddress, waitAfter, type Outcome } from './sending.rules.js';

/** TIME-2: how long the link in the mail opens the chat. */
const LINK_SECONDS = 72 * 3600;
/** Mails on their way at the same time. */
const AT_ONCE = 8;

/**
 * Hands queued mails to the mail server. Each is leased, sent and settled; a process that dies in between leaves a lease that
 * ends, and the mail is sent once more under the same Message-ID (messaging.md, external send).
 */
@Injectable()
export class DeliveryService {
  constructor(
    private readonly db: DataSource,
    private readonly mails: MailsRepository,
    private readonly feed: FeedService,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
  ) {}

  /** Tries everything that is due now; answers how many mails that were. */
  async deliverDue(): Promise<number> {
    for (let done = 0; ; ) {
      const claims = await this.mails.claim(AT_ONCE);
      await Promise.all(claims.map((claim) => this.deliver(claim)));
      done += claims.length;
      if (claims.length < AT_ONCE) return done;
    }
  }

  private async deliver(claim: Claim) {
    const inTurn = <T>(work: (tx: Tx) => Promise<T>) => within(this.db, system(claim.account), work);
    const { mail, brand } = await inTurn(async (tx) => ({ mail: await this.mails.find(tx, claim.id), brand: await this.mails.brand(tx) }));
    if (mail?.state !== 'queued') return inTurn((tx) => this.mails.finish(tx, claim));
    const written = brand && this.write(claim, mail, brand);
    const outcome = brand ? await this.hand(written ?? null) : { kind: 'again' as const, reason: 'the account is not known here yet' };
    await inTurn((tx) => this.settle(tx, claim, mail.request, outcome, written?.messageId ?? ''));
  }

  private write({ account }: Claim, { request, createdAt }: StoredMail, brand: Brand) {
    const payload = Buffer.from(JSON.stringify({ account, session: request.sessionId, ticket: request.ticketId, exp: Math.floor(createdAt.getTime() / 1000) + LINK_SECONDS })).toString('base64url');
    return followUpMail(request, brand, linkTo(request.siteUrl, `${payload}.${this.secrets.mac('chat-link', payload)}`));
  }

  private async hand(mail: OutgoingMail | null): Promise<Outcome> {
    if (!mail) return { kind: 'failed', reason: 'the account has no support address to write from' };
    const bad = addressesOf(mail).find((address) => !isAddress(address));
    return bad === undefined ? this.mailer.send(mail) : { kind: 'failed', reason: 'an address is not one that mail can be sent to or from' };
  }

  /** Books what became of a try, unless the lease has gone to another replica: then it is theirs to tell. */
  private async settle(tx: Tx, claim: Claim, { timerId, ticketId, sessionId, to }: FollowUp, outcome: Outcome, messageId: string) {
    const wait = outcome.kind === 'again' ? waitAfter(claim.attempt, Math.random()) : null;
    if (wait !== null) return this.mails.postpone(tx, claim, wait);
    if (!(await this.mails.finish(tx, claim))) return;
    const about = { key: ticketId, ticket: ticketId };
    if (outcome.kind === 'sent') {
      await this.mails.end(tx, claim.id, 'sent');
      await this.feed.append(tx, [announce(tx, notificationEvents.followUpSent, { ...about, data: { timerId, ticketId, sessionId, to: to.email, messageId, sentAt: tx.at.toISOString() } })]);
    } else {
      await this.mails.end(tx, claim.id, 'failed', outcome.reason);
      await this.feed.append(tx, [announce(tx, notificationEvents.followUpFailed, { ...about, data: { timerId, ticketId, sessionId, reason: outcome.reason } })]);
    }
  }
}
