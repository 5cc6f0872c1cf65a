import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import type { Tx } from '@parley/service/tx';
import { DateTime } from 'luxon';
import { DirectoryService } from '../directory/directory.service.js';
import { IdentityService } from '../profiles/identity.service.js';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { CouponsService } from './coupons.service.js';
import { OrdersRepository } from './orders.repository.js';
import { fill, namesOf, parse, poolsIn } from './placeholders.rules.js';

/** What a macro's text becomes in a ticket (TKT-13). */
@Injectable()
export class FillingService {
  constructor(
    private readonly identity: IdentityService,
    private readonly directory: DirectoryService,
    private readonly coupons: CouponsService,
    private readonly orders: OrdersRepository,
  ) {}

  /** @throws ContractError VALIDATION_FAILED naming every placeholder that is not known, with its position. */
  async check(tx: Tx, text: string): Promise<void> {
    const { pieces, faults } = parse(text);
    const unknown = await this.coupons.unknown(tx, poolsIn(pieces));
    const gone = pieces.flatMap((piece) => (piece.kind === 'coupon' && unknown.includes(piece.pool) ? [{ at: piece.at, message: `${piece.written} at character ${piece.at + 1} names no coupon pool` }] : []));
    const errors = [...faults, ...gone].sort((a, b) => a.at - b.at).map(({ message }) => ({ pointer: '/text', message }));
    if (errors.length) throw new ContractError('VALIDATION_FAILED', 'The text holds placeholders that cannot be filled', { errors });
  }

  /** Coupons stay as they are. */
  async preview(tx: Tx, ticket: TicketEntity, text: string) {
    return fill(parse(text).pieces, await this.values(tx, ticket), new Map());
  }

  /** With codes, which are the customer's from now on. @throws ContractError COUPON_POOL_EMPTY */
  async write(tx: Tx, ticket: TicketEntity, text: string, messageId: string): Promise<string> {
    await this.check(tx, text);
    const { pieces } = parse(text);
    const codes = await this.coupons.take(tx, poolsIn(pieces), { profileId: ticket.profileId, messageId });
    return fill(pieces, await this.values(tx, ticket), codes).text;
  }

  private async values(tx: Tx, ticket: TicketEntity): Promise<Record<string, string | null>> {
    const [person] = await this.identity.known(tx, [ticket.profileId]);
    const account = await this.directory.account(tx);
    const agent = await this.directory.nameOf(tx, tx.by.id);
    const order = await this.orders.latest(tx, ticket.profileId);
    const { first, last } = namesOf(ticket.profileName);
    return {
      'profile.first_name': first, 'profile.last_name': last, 'profile.name': ticket.profileName, 'profile.email': person?.emails[0] ?? null,
      'profile.phone': person?.phones[0] ?? null, 'profile.external_id': person?.externalId ?? null, 'profile.locale': person?.locale ?? null,
      'ticket.number': String(ticket.number), 'ticket.subject': ticket.subject, 'ticket.channel': ticket.channelType, 'ticket.status': ticket.status,
      'agent.name': agent, 'agent.first_name': namesOf(agent).first, 'account.name': account.name || null, 'account.email': account.senderEmail, 'account.sender_email': account.senderEmail,
      'order.number': order?.number ?? null, 'order.total': order?.amount ?? null, 'order.currency': order?.currency ?? null,
      'order.date': order && DateTime.fromJSDate(order.at, { zone: account.timezone }).toISODate(),
    };
  }
}
