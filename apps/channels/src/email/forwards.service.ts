import { Injectable } from '@nestjs/common';
import type { User } from '@parley/contracts/access';
import type { Tx } from '@parley/service/tx';
import { canonical } from './address.rules.js';
import { forwardedHtml, forwardedIn } from './forwarding.rules.js';
import type { Mail } from './reading.rules.js';
import { StaffRepository } from './staff.repository.js';

/** A customer's mail that came inside another one. */
export type Unwrapped = { mail: Mail; forwarder: string; above: string };

/** MAIL-3: the customer is who wrote the forwarded mail, where the brand itself forwarded it. */
@Injectable()
export class ForwardsService {
  constructor(private readonly staff: StaffRepository) {}

  /** Whoever was deactivated is forgotten. */
  colleague(tx: Tx, { id, email, active }: Pick<User, 'id' | 'email' | 'active'>) {
    return active ? this.staff.remember(tx, id, canonical(email)) : this.staff.forget(tx, id);
  }

  /**
   * The mail inside the mail. Null: there is none, or nobody of the brand forwarded it: what a stranger claims that somebody else wrote is the stranger's word.
   * @param ours the addresses of the channel, canonical
   */
  async unwrap(tx: Tx, mail: Mail, ours: readonly string[]): Promise<Unwrapped | null> {
    const { address } = mail.author;
    const found = address ? forwardedIn(mail.text, mail.subject) : null;
    if (!address || !found || !(await this.isOurs(tx, address, ours)) || (await this.isOurs(tx, found.author.address, ours))) return null;
    const { author, subject, text, above } = found;
    const inner = { ...mail, author: { name: author.name || null, address: author.address }, subject: subject ?? mail.subject, text, html: forwardedHtml(mail.html), above: null };
    return { mail: inner, forwarder: address, above };
  }

  private async isOurs(tx: Tx, address: string, ours: readonly string[]) {
    return ours.includes(address) || (await this.staff.has(tx, address));
  }
}
