import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Condition, segments } from '@parley/contracts/segments';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { IdentityService } from '../profiles/identity.service.js';
import { recordThing } from '../tickets.audit.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { faultsOf } from './condition.rules.js';
import { toAudited, toSegment, type SegmentEntity } from './segment.entity.js';
import { SegmentsRepository } from './segments.repository.js';

/** As many conditions as a changed customer is asked. */
const MOST = 100;

/** Named conditions over customers (PRO-8). */
@Injectable()
export class SegmentsService {
  constructor(
    private readonly db: DataSource,
    private readonly segments: SegmentsRepository,
    private readonly identity: IdentityService,
  ) {}

  list({ limit, cursor }: Input<typeof segments.list>, by: Actor) {
    return within(this.db, by, async (tx) => pageOf(await this.segments.page(tx, placeIn(cursor, 0), limit + 1), limit, ({ id }) => [id], toSegment));
  }

  get({ id }: Input<typeof segments.get>, by: Actor) {
    return within(this.db, by, async (tx) => toSegment(await this.segments.find(tx, id)));
  }

  create({ name, condition }: Input<typeof segments.create>, by: Actor) {
    refuseFaults(condition);
    return within(
      this.db, by,
      async (tx) => {
        if ((await this.segments.count(tx)) >= MOST) throw new ContractError('TOO_MANY', `At most ${MOST} segments`);
        const segment = await this.segments.create(tx, name, condition);
        if (!segment) throw taken(name);
        await this.segments.queue(tx, segment.id);
        recordThing(tx, 'segment', null, toAudited(segment));
        return toSegment(segment);
      },
      async (tx, id) => toSegment(await this.segments.find(tx, id)),
    );
  }

  update({ id, ifMatch, name, condition }: Input<typeof segments.update>, by: Actor) {
    if (condition) refuseFaults(condition);
    return within(this.db, by, async (tx) => {
      const segment = await this.lock(tx, id, ifMatch);
      const before = toAudited(segment);
      if (name !== undefined && (await this.segments.isTaken(tx, name, id))) throw taken(name);
      Object.assign(segment, { name: name ?? segment.name, condition: condition ?? segment.condition, computedAt: condition ? null : segment.computedAt, version: segment.version + 1 });
      await this.segments.save(tx, segment);
      if (condition) await this.segments.queue(tx, id);
      recordThing(tx, 'segment', before, toAudited(segment));
      return toSegment(segment);
    });
  }

  remove({ id, ifMatch }: Input<typeof segments.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const segment = await this.lock(tx, id, ifMatch);
      await this.segments.remove(tx, id);
      recordThing(tx, 'segment', toAudited(segment), null);
      return toSegment(segment);
    });
  }

  members({ id, limit, cursor }: Input<typeof segments.members>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.segments.find(tx, id);
      const ids = await this.segments.members(tx, id, placeIn(cursor, 0)?.[0] ?? null, limit + 1);
      const people = await this.identity.known(tx, ids.slice(0, limit));
      return { ...pageOf(ids, limit, (one) => [one], String), items: people };
    });
  }

  /**
   * In which of these segments is the profile now? Asks the conditions themselves, so the answer is exact within this
   * transaction, whatever the kept membership still has to learn. Unknown ids are in nobody's. Two round trips.
   */
  async isMember(tx: Tx, profileId: string, segmentIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (!segmentIds.length) return new Set();
    const defined = await this.segments.definitions(tx, segmentIds);
    return new Set(defined.length ? await this.segments.among(tx, profileId, defined) : []);
  }

  private async lock(tx: Tx, id: string, ifMatch: number): Promise<SegmentEntity> {
    const segment = await this.segments.lock(tx, id);
    if (segment.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${segment.version}`, { current: toSegment(segment) });
    return segment;
  }
}

const taken = (name: string) => new ContractError('NAME_TAKEN', `There is a segment ${name}`);

function refuseFaults(condition: Condition): void {
  const errors = faultsOf(condition, '/condition');
  if (errors.length) throw new ContractError('VALIDATION_FAILED', 'The condition lacks something', { errors });
}
