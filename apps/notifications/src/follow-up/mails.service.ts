import { Injectable } from '@nestjs/common';
import type { Tx } from '@parley/service/tx';
import type { StaffMail } from '../staff-mail/staff-mail.rules.js';
import { MailBell } from './mail-bell.js';
import { MailsRepository } from './mails.repository.js';

/** Mails of other features, on their way to whoever sends them. */
@Injectable()
export class MailsService {
  constructor(
    private readonly mails: MailsRepository,
    private readonly bell: MailBell,
  ) {}

  /** One mail about a thing and to a recipient, however often it is asked for. */
  async queue(tx: Tx, mail: { ticketId: string; aboutId: string; recipient: string; request: StaffMail }) {
    const id = await this.mails.addStaff(tx, mail);
    if (id === null) return;
    await this.mails.makeDue(tx, id);
    tx.after(() => this.bell.ring());
  }

  /** Has anybody of the staff been told of this ticket? */
  isToldOf(tx: Tx, ticketId: string) {
    return this.mails.isToldOf(tx, ticketId);
  }
}
