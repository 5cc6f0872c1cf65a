import { Injectable } from '@nestjs/common';
import { notificationEvents } from '@parley/contracts/feed';
import { Secrets } from '@parley/service/secrets';
import { announce, system, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { FeedService } from '../feed/feed.service.js';
import { staffMail } from '../staff-mail/staff-mail.rules.js';
import { StaffService } from '../staff-mail/staff.service.js';
import { addressesOf, followUpMail, linkTo, type Brand, type OutgoingMail } from './follow-up-mail.rules.js';
import { Mailer } from './mailer.js';
import { MailsRepository, type Claim, type StoredFollowUp, type StoredMail } from './mails.repository.js';
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
    private readonly staff: StaffService,
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
    const { mail, brand, isWanted } = await inTurn(async (tx) => this.look(tx, claim));
    if (mail?.state !== 'queued') return inTurn((tx) => this.mails.finish(tx, claim));
    if (!isWanted) return inTurn(async (tx) => (await this.mails.finish(tx, claim)) && this.mails.end(tx, claim.id, 'cancelled'));
    const written = brand && this.write(claim, mail, brand);
    const outcome = brand ? await this.hand(written ?? null) : { kind: 'again' as const, reason: 'the account is not known here yet' };
    await inTurn((tx) => this.settle(tx, claim, mail, outcome, written?.messageId ?? ''));
  }

  /** Whoever has left since the mail was written gets none. */
  private async look(tx: Tx, { id }: Claim) {
    const [mail, brand] = [await this.mails.find(tx, id), await this.mails.brand(tx)];
    const isWanted = !mail || mail.kind === 'follow_up' || (await this.staff.stillHere(tx, [mail.recipient])).length > 0;
    return { mail, brand, isWanted };
  }

  private write({ account }: Claim, mail: StoredMail, brand: Brand) {
    if (mail.kind !== 'follow_up') return staffMail(mail, brand);
    const { request, createdAt } = mail;
    const payload = Buffer.from(JSON.stringify({ account, session: request.sessionId, ticket: request.ticketId, exp: Math.floor(createdAt.getTime() / 1000) + LINK_SECONDS })).toString('base64url');
    return followUpMail(request, brand, linkTo(request.siteUrl, `${payload}.${this.secrets.mac('chat-link', payload)}`));
  }

  private async hand(mail: OutgoingMail | null): Promise<Outcome> {
    if (!mail) return { kind: 'failed', reason: 'the account has no support address to write from' };
    const bad = addressesOf(mail).find((address) => !isAddress(address));
    return bad === undefined ? this.mailer.send(mail) : { kind: 'failed', reason: 'an address is not one that mail can be sent to or from' };
  }

  /** Books what became of a try, unless the lease has gone to another replica: then it is theirs to tell. */
  private async settle(tx: Tx, claim: Claim, mail: StoredMail, outcome: Outcome, messageId: string) {
    const wait = outcome.kind === 'again' ? waitAfter(claim.attempt, Math.random()) : null;
    if (wait !== null) return this.mails.postpone(tx, claim, wait);
    if (!(await this.mails.finish(tx, claim))) return;
    if (outcome.kind === 'sent') await this.mails.end(tx, claim.id, 'sent');
    else await this.mails.end(tx, claim.id, 'failed', outcome.reason);
    if (mail.kind === 'follow_up') await this.tell(tx, mail, outcome, messageId);
  }

  private async tell(tx: Tx, { request: { timerId, ticketId, sessionId, to } }: StoredFollowUp, outcome: Outcome, messageId: string) {
    const about = { key: ticketId, ticket: ticketId };
    const fact = outcome.kind === 'sent'
      ? announce(tx, notificationEvents.followUpSent, { ...about, data: { timerId, ticketId, sessionId, to: to.email, messageId, sentAt: tx.at.toISOString() } })
      : announce(tx, notificationEvents.followUpFailed, { ...about, data: { timerId, ticketId, sessionId, reason: outcome.reason } });
    await this.feed.append(tx, [fact]);
  }
}
