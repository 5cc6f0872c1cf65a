import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ORDER_METRIC, type customerEvents } from '@parley/contracts/customer-events';
import { ContractError } from '@parley/contracts/errors';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { IdentityService } from '../profiles/identity.service.js';
import { recordThing } from '../tickets.audit.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { toEvent, toFilter, toOrder, type FilterEntity, type TimelineEntity } from './customer-event.entity.js';
import { EventsRepository } from './events.repository.js';
import { METRICS, isOwn } from './metrics.rules.js';
import { TimelineRepository } from './timeline.repository.js';

/** What happened with a customer, and the saved filters by which it is read (PRO-3). */
@Injectable()
export class TimelineService {
  constructor(
    private readonly db: DataSource,
    private readonly events: EventsRepository,
    private readonly timeline: TimelineRepository,
    private readonly identity: IdentityService,
  ) {}

  list({ id, metric, filterId, limit, cursor }: Input<typeof customerEvents.timeline>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.identity.find(tx, id);
      const saved = filterId === undefined ? null : (await this.events.filter(tx, filterId)).metrics;
      const metrics = metric === undefined ? saved : saved === null || saved.includes(metric) ? [metric] : [];
      return pageOf(await this.of(tx, profile.id, metrics, placeIn(cursor, 1), limit + 1), limit, placeOf, toEvent);
    });
  }

  orders({ id, limit, cursor }: Input<typeof customerEvents.orders>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const profile = await this.identity.find(tx, id);
      return pageOf(await this.events.ofMetric(tx, profile.id, ORDER_METRIC, placeIn(cursor, 1), limit + 1), limit, placeOf, toOrder);
    });
  }

  /** Newest first; `metrics` null: all. */
  of(tx: Tx, profileId: string, metrics: readonly string[] | null, before: readonly string[] | null, limit: number): Promise<TimelineEntity[]> {
    return this.timeline.page(tx, { profileId, metrics, own: isOwn(metrics) ? METRICS : [], before, limit });
  }

  filters({ limit, cursor }: Input<typeof customerEvents.filters>, by: Actor) {
    return within(this.db, by, async (tx) => pageOf(await this.events.filters(tx, placeIn(cursor, 0), limit + 1), limit, ({ id }) => [id], toFilter));
  }

  saveFilter({ name, metrics }: Input<typeof customerEvents.saveFilter>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        const filter = await this.events.createFilter(tx, name, metrics);
        if (!filter) throw taken(name);
        recordThing(tx, 'event-filter', null, toFilter(filter));
        return toFilter(filter);
      },
      async (tx, id) => toFilter(await this.events.filter(tx, id)),
    );
  }

  changeFilter({ id, ifMatch, name, metrics }: Input<typeof customerEvents.changeFilter>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const filter = await this.lock(tx, id, ifMatch);
      const before = toFilter(filter);
      if (name !== undefined && (await this.events.isNameTaken(tx, name, id))) throw taken(name);
      Object.assign(filter, { name: name ?? filter.name, metrics: metrics ?? filter.metrics, version: filter.version + 1 });
      await this.events.saveFilter(tx, filter);
      recordThing(tx, 'event-filter', before, toFilter(filter));
      return toFilter(filter);
    });
  }

  removeFilter({ id, ifMatch }: Input<typeof customerEvents.removeFilter>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const filter = await this.lock(tx, id, ifMatch);
      await this.events.removeFilter(tx, id);
      recordThing(tx, 'event-filter', toFilter(filter), null);
      return toFilter(filter);
    });
  }

  private async lock(tx: Tx, id: string, ifMatch: number): Promise<FilterEntity> {
    const filter = await this.events.filter(tx, id, 'FOR UPDATE');
    if (filter.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${filter.version}`, { current: toFilter(filter) });
    return filter;
  }
}

const placeOf = ({ at, id }: TimelineEntity) => [at.toISOString(), id];
const taken = (name: string) => new ContractError('NAME_TAKEN', `There is a saved filter ${name}`);
