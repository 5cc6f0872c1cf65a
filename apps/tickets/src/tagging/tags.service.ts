import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { tagEvents, type tags } from '@parley/contracts/tags';
import { recordChange } from '@parley/service/audit';
import { announce, within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { recordThing } from '../tickets.audit.js';
import { holding, nameCursor, namePage } from '../tickets.database.js';
import { TicketsService, toTicket } from '../ticket/tickets.service.js';
import { toTag, toTagging, type TagEntity } from './tag.entity.js';
import { spelled } from './tag.rules.js';
import { TaggingService } from './tagging.service.js';
import { TagsRepository } from './tags.repository.js';

/** The tags of an account and of its tickets, for people (TKT-14). */
@Injectable()
export class TagsService {
  constructor(
    private readonly db: DataSource,
    private readonly tags: TagsRepository,
    private readonly tagging: TaggingService,
    private readonly tickets: TicketsService,
  ) {}

  list({ q, limit, cursor }: Input<typeof tags.list>, by: Actor) {
    return within(this.db, by, async (tx) => namePage(await this.tags.page(tx, { like: holding(q?.normalize('NFC').toLowerCase()), after: nameCursor(cursor), limit }), limit, ({ key }) => key, toTag));
  }

  get({ id }: Input<typeof tags.get>, by: Actor) {
    return within(this.db, by, async (tx) => toTag(await this.tags.find(tx, id)));
  }

  create({ name }: Input<typeof tags.create>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        const tag = await this.tags.create(tx, spelled(name));
        if (!tag) throw new ContractError('NAME_TAKEN', `There is a tag ${name}`);
        recordThing(tx, 'tag', null, toTag(tag));
        return toTag(tag);
      },
      async (tx, id) => toTag(await this.tags.find(tx, id)),
    );
  }

  rename({ id, ifMatch, name }: Input<typeof tags.rename>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const tag = await this.current(tx, id, ifMatch);
      const before = toTag(tag);
      Object.assign(tag, spelled(name), { version: tag.version + 1 });
      if (!(await this.tags.rename(tx, tag, before.name))) throw new ContractError('NAME_TAKEN', `There is a tag ${name}`);
      announce(tx, tagEvents.changed, { key: id, data: { id, name: before.name, became: { id, name: tag.name } } });
      recordThing(tx, 'tag', before, toTag(tag));
      return toTag(tag);
    });
  }

  remove({ id, ifMatch }: Input<typeof tags.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const tag = await this.current(tx, id, ifMatch);
      await this.tags.remove(tx, tag);
      announce(tx, tagEvents.changed, { key: id, data: { id, name: tag.name, became: null } });
      recordThing(tx, 'tag', toTag(tag), null);
      return {};
    });
  }

  merge({ id, intoId }: Input<typeof tags.merge>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        if (id === intoId) throw new ContractError('VALIDATION_FAILED', 'A tag is not merged into itself', { errors: [{ pointer: '/intoId', message: 'is the same tag' }] });
        // In one order everywhere, so that two merges never wait for each other.
        const [first, second] = [await this.tags.lock(tx, id < intoId ? id : intoId), await this.tags.lock(tx, id < intoId ? intoId : id)];
        const [from, into] = id < intoId ? [first, second] : [second, first];
        await this.tags.merge(tx, from, into);
        announce(tx, tagEvents.changed, { key: id, data: { id, name: from.name, became: { id: into.id, name: into.name } } });
        recordChange(tx, auditEvents.tickets, { action: 'tag.merged', resource: `tag/${id}`, before: toTag(from), after: { intoId, into: into.name } });
        return toTag(into);
      },
      async (tx, into) => toTag(await this.tags.find(tx, into)),
    );
  }

  put({ id, tag }: Input<typeof tags.put>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const ticket = await this.tickets.lock(tx, id);
      await this.tagging.put(tx, ticket, tag, originOf(by));
      return toTicket(ticket, tx.at);
    });
  }

  take({ id, tag }: Input<typeof tags.take>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const ticket = await this.tickets.lock(tx, id);
      await this.tagging.take(tx, ticket, tag, originOf(by));
      return toTicket(ticket, tx.at);
    });
  }

  history({ id }: Input<typeof tags.history>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.tickets.find(tx, id);
      return { items: (await this.tags.history(tx, id)).map(toTagging), nextCursor: null };
    });
  }

  private async current(tx: Tx, id: string, ifMatch: number): Promise<TagEntity> {
    const tag = await this.tags.lock(tx, id);
    if (tag.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${tag.version}`, { current: toTag(tag) });
    return tag;
  }
}

/** People, and what people have written to act for them; a program by its key is a rule of the brand's. */
const originOf = ({ type }: Actor) => (type === 'agent' ? 'person' : type === 'ai_agent' ? 'auto' : 'rule');
