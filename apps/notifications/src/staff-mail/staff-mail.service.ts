import { Injectable } from '@nestjs/common';
import type { Envelope } from '@parley/contracts/events';
import type { Tx } from '@parley/service/tx';
import { MailsService } from '../follow-up/mails.service.js';
import { StaffService } from './staff.service.js';
import { isForAll, newsOf, toStaffMail, type News } from './staff-mail.rules.js';

type Addressee = { address: string; personId: string | null };

/** E-mail to staff: of new tickets or every message (NTF-1), and to whom a note mentions (TKT-12). Off but for mentions, unless the account says so. */
@Injectable()
export class StaffMailService {
  constructor(
    private readonly staff: StaffService,
    private readonly mails: MailsService,
  ) {}

  /** Facts of one account: its settings are asked for once, and only where there is news. */
  async heard(tx: Tx, facts: readonly Envelope[]) {
    const news = facts.map(newsOf).filter((one) => one !== null);
    if (!news.length) return;
    const settings = await this.staff.settings(tx);
    const everybody = settings.recipients.map((address) => ({ address, personId: null }));
    for (const one of news) {
      if (one.kind === 'mention' && settings.mentions) await this.tell(tx, one, settings.from, await this.staff.addressesOf(tx, one.people));
      else if (isForAll(one, settings)) await this.tell(tx, one, settings.from, everybody);
    }
  }

  private async tell(tx: Tx, news: News, from: string | null, addressees: Addressee[]) {
    // What was told of before it was taken for spam is not new when it comes back.
    if (news.kind === 'restored' && (await this.mails.isToldOf(tx, news.ticket.id))) return;
    const here = new Set(await this.staff.stillHere(tx, addressees.map(({ address }) => address)));
    for (const { address, personId } of addressees.filter((one) => here.has(one.address))) {
      await this.mails.queue(tx, { ticketId: news.ticket.id, aboutId: news.about, recipient: address.toLowerCase(), request: toStaffMail(news, from, personId) });
    }
  }
}
