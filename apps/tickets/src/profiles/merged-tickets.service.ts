import { Injectable } from '@nestjs/common';
import type { Identifier } from '@parley/contracts/channels';
import { ticketEvents, type TicketSnapshot } from '@parley/contracts/tickets';
import type { Tx } from '@parley/service/tx';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import { sameIdentifier } from './identifier.rules.js';
import type { ProfileEntity } from './profile.entity.js';

/** A ticket and how it looked before. */
type Moving = { ticket: TicketEntity & { originId: string | null }; before: TicketSnapshot };
type Parting = { family: string[]; since: Date; back: Identifier[]; stays: Identifier[] };

/** What becomes of tickets when two profiles become one, or two again (PRO-7). */
@Injectable()
export class MergedTicketsService {
  constructor(private readonly tickets: TicketsService) {}

  /** The tickets of `from`, locked with those of the other one. A person has one live chat (TKT-2): the older of two closes, for good. */
  async lockBoth(tx: Tx, fromId: string, intoId: string): Promise<Moving[]> {
    const moving = await this.lockOf(tx, fromId);
    const staying = await this.lockOf(tx, intoId);
    const [older] = [...moving, ...staying].filter(({ ticket }) => ticket.channelType === 'webchat' && ticket.status !== 'closed').sort((a, b) => a.ticket.createdAt.getTime() - b.ticket.createdAt.getTime()).slice(0, -1);
    if (older) {
      await this.tickets.closeNow(tx, older.ticket, 'agent');
      older.before = toSnapshot(older.ticket);
    }
    return moving;
  }

  async lockOf(tx: Tx, profileId: string): Promise<Moving[]> {
    return (await this.tickets.lockEverythingOf(tx, profileId)).map((ticket) => ({ ticket: ticket as Moving['ticket'], before: toSnapshot(ticket) }));
  }

  /** Which of the tickets go back with the one who was merged: theirs of before, and those that they opened meanwhile by an identifier of theirs. Answers of the others no longer go to them. */
  part(tickets: Moving[], { family, since, back, stays }: Parting): { back: Moving[]; stay: Moving[] } {
    const writes = ({ ticket }: Moving) => back.some((one) => sameIdentifier(one, ticket.customer));
    const isTheirs = (one: Moving) => (one.ticket.originId === null ? one.ticket.createdAt >= since && writes(one) : family.includes(one.ticket.originId));
    const stay = tickets.filter((one) => !isTheirs(one) && writes(one));
    for (const { ticket } of stay) ticket.customer = stays.find(({ type }) => type === ticket.customer.type) ?? ticket.customer;
    return { back: tickets.filter(isTheirs), stay };
  }

  /** The tickets are this person's from now on. */
  async tell(tx: Tx, moved: Moving[], { id: profileId, name: profileName }: Pick<ProfileEntity, 'id' | 'name'>): Promise<void> {
    for (const { ticket, before } of moved) await this.tickets.settle(tx, Object.assign(ticket, { profileId, profileName }), before, [ticketEvents.updated]);
  }
}
