import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import type { NewEvent, customerEvents } from '@parley/contracts/customer-events';
import type { Data } from '@parley/contracts/events';
import type { linkEvents } from '@parley/contracts/links';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { IdentityService } from '../profiles/identity.service.js';
import { EventsRepository } from './events.repository.js';
import { CLICKED, SEEN_BY_US } from './metrics.rules.js';

type Recorded = { status: 'recorded' | 'duplicate' | 'refused'; id: string | null; code: string | null };

/** What customers did, sent in by the account's other systems (PRO-3). */
@Injectable()
export class EventsService {
  constructor(
    private readonly db: DataSource,
    private readonly events: EventsRepository,
    private readonly identity: IdentityService,
  ) {}

  /** One or many, in one transaction and a handful of statements. A repeated command records nothing twice. */
  record(input: Input<typeof customerEvents.record>, by: Actor): Promise<{ items: Recorded[] }> {
    return within(this.db, by, async (tx) => ({ items: await this.all(tx, 'events' in input ? input.events : [input]) }));
  }

  /** A link of a text was followed (SMS-4). */
  async linkClicked(tx: Tx, { clickId, messageId, ticketId, profileId, url, clickedAt }: Data<typeof linkEvents.clicked>): Promise<void> {
    const { id } = await this.identity.find(tx, profileId);
    await this.events.record(tx, [{ id: clickId, profileId: id, metric: CLICKED, at: clickedAt, properties: { url, messageId, ...(ticketId && { ticketId }) }, uniqueId: `${SEEN_BY_US} click ${clickId}` }]);
  }

  private async all(tx: Tx, events: NewEvent[]): Promise<Recorded[]> {
    const people = await this.identity.people(tx, events.map(({ profile }) => profile));
    const wished = events.map(({ metric, time, properties, uniqueId }, n) => ({
      id: newId(), profileId: people[n]!, metric, at: time ?? tx.at, properties,
      uniqueId: uniqueId ?? (tx.by.command ? `command ${tx.by.command} ${n}` : null),
    }));
    const known = wished.filter(({ profileId }) => profileId !== undefined);
    const recorded = known.length ? await this.events.record(tx, known) : new Set<string>();
    const repeated = known.filter(({ id }) => !recorded.has(id));
    const standing = repeated.length ? await this.events.standing(tx, repeated.map(({ uniqueId }) => uniqueId!)) : new Map<string, string>();
    return wished.map(({ id, profileId, uniqueId }, n) => {
      if (profileId === undefined) return { status: 'refused', id: null, code: 'PROFILE_NOT_FOUND' };
      if (recorded.has(id)) return { status: 'recorded', id, code: null };
      // Without a unique id of the caller's it is the same command that comes again.
      return { status: events[n]!.uniqueId === undefined ? 'recorded' : 'duplicate', id: standing.get(uniqueId!) ?? null, code: null };
    });
  }
}
