import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { TAGS_PER_TICKET, tagEvents, type TagOrigin } from '@parley/contracts/tags';
import { announce, system, type Tx } from '@parley/service/tx';
import { HistoryService } from '../explain/history.service.js';
import { toSnapshot, type TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService } from '../ticket/tickets.service.js';
import type { TagEntity } from './tag.entity.js';
import { spelled } from './tag.rules.js';
import { TagsRepository } from './tags.repository.js';

/** Gives tags to tickets and takes them off, for whoever has locked the ticket (TKT-14). */
@Injectable()
export class TaggingService {
  constructor(
    private readonly tags: TagsRepository,
    private readonly tickets: TicketsService,
    private readonly history: HistoryService,
  ) {}

  /** A tag that there was not is made. `by`: the rule, or else who acts. Changes nothing where the ticket has it. @throws ContractError TOO_MANY */
  async put(tx: Tx, ticket: TicketEntity, written: string, origin: TagOrigin, by: string | null = tx.by.id): Promise<void> {
    const tag = await this.demand(tx, spelled(written));
    if (ticket.tags.includes(tag.name)) return;
    if (ticket.tags.length >= TAGS_PER_TICKET) throw new ContractError('TOO_MANY', `A ticket has at most ${TAGS_PER_TICKET} tags`);
    await this.tags.give(tx, ticket.id, tag, { origin, by });
    await this.change(tx, ticket, { tag, added: true, origin });
  }

  /** Changes nothing where the ticket has no such tag. */
  async take(tx: Tx, ticket: TicketEntity, written: string, origin: TagOrigin): Promise<void> {
    const tag = await this.tags.named(tx, spelled(written).key);
    if (!tag || !ticket.tags.includes(tag.name)) return;
    await this.tags.take(tx, ticket.id, tag.id);
    await this.change(tx, ticket, { tag, added: false, origin });
  }

  /** Gives the ticket what another one has, as it was given there, as far as it fits; answers what it did not have. */
  async share(tx: Tx, from: TicketEntity, into: TicketEntity): Promise<string[]> {
    const had = into.tags;
    const given = (await this.tags.history(tx, from.id)).filter(({ removedAt, name }) => removedAt === null && !had.includes(name));
    for (const { name, origin, byId } of given.reverse().slice(0, TAGS_PER_TICKET - had.length)) await this.put(tx, into, name, origin, byId);
    return into.tags.filter((name) => !had.includes(name));
  }

  private async demand(tx: Tx, name: { name: string; key: string }): Promise<TagEntity> {
    for (;;) {
      const tag = (await this.tags.named(tx, name.key)) ?? (await this.tags.create(tx, name));
      if (tag) return tag;
    }
  }

  private async change(tx: Tx, ticket: TicketEntity, { tag, added, origin }: { tag: TagEntity; added: boolean; origin: TagOrigin }) {
    const before = toSnapshot(ticket);
    ticket.tags = added ? [...ticket.tags, tag.name] : ticket.tags.filter((name) => name !== tag.name);
    await this.tickets.settle(tx, ticket, before, []);
    const { id } = announce(tx, tagEvents.tagged, {
      key: ticket.id, partition: ticket.partition, ticket: ticket.id, before, data: { ...toSnapshot(ticket), tag: { id: tag.id, name: tag.name, added, origin } },
    });
    const actor = origin === 'person' ? tx.by : system(tx.by.account);
    await this.history.keep(tx, ticket.id, [{ id, type: tagEvents.tagged.type, actorType: actor.type, actorId: actor.id, changes: { tags: { from: before.tags, to: ticket.tags } } }]);
  }
}
