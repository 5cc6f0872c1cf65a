import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { BuiltInView, ViewFilter, type ViewCount, type views } from '@parley/contracts/views';
import { newId } from '@parley/service/ids';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { recordThing } from '../tickets.audit.js';
import { SavedViewsRepository } from './saved-views.repository.js';
import { toAudited, toView, type ViewEntity } from './view.entity.js';
import { ViewsService } from './views.service.js';

/** As many views as somebody may see. */
const MOST = 100;

/** Custom views (TKT-15): saved filters, private or shared. */
@Injectable()
export class SavedViewsService {
  constructor(
    private readonly db: DataSource,
    private readonly saved: SavedViewsRepository,
    private readonly views: ViewsService,
  ) {}

  list({ counts }: Input<typeof views.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const count = async (filter: ViewFilter) => (counts === 'true' ? this.views.count(tx, filter) : null);
      const builtIn: { view: BuiltInView; count: ViewCount | null }[] = [];
      for (const view of BuiltInView.options) builtIn.push({ view, count: await count({ view }) });
      const items = [];
      for (const view of await this.saved.all(tx)) items.push(toView(view, await count(ViewFilter.parse(view.filter))));
      return { builtIn, items, nextCursor: null };
    });
  }

  create({ name, shared, filter, sort }: Input<typeof views.create>, by: Actor) {
    return within(
      this.db, by,
      async (tx) => {
        refuseSharing(shared, by);
        if (by.id === null) throw new ContractError('VALIDATION_FAILED', 'A view belongs to somebody');
        if ((await this.saved.all(tx)).length >= MOST) throw new ContractError('TOO_MANY', `At most ${MOST} views`);
        const view: ViewEntity = { id: newId(), accountId: by.account, ownerId: by.id, name, shared, filter, sort, createdAt: tx.at, version: 1 };
        await this.saved.insert(tx, view);
        record(tx, null, toAudited(view));
        return this.shown(tx, view);
      },
      async (tx, id) => this.shown(tx, await this.saved.find(tx, id)),
    );
  }

  get({ id }: Input<typeof views.get>, by: Actor) {
    return within(this.db, by, async (tx) => this.shown(tx, await this.saved.find(tx, id)));
  }

  update({ id, ifMatch, ...wishes }: Input<typeof views.update>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const view = await this.lock(tx, id, ifMatch);
      const before = toAudited(view);
      refuseSharing(view.shared || wishes.shared === true, by);
      const { name = view.name, shared = view.shared, filter = view.filter, sort = view.sort } = wishes;
      Object.assign(view, { name, shared, filter, sort, version: view.version + 1 });
      await this.saved.save(tx, view);
      record(tx, before, toAudited(view));
      return this.shown(tx, view);
    });
  }

  remove({ id, ifMatch }: Input<typeof views.remove>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const view = await this.lock(tx, id, ifMatch);
      refuseSharing(view.shared, by);
      await this.saved.remove(tx, id);
      record(tx, toAudited(view), null);
      return toView(view, null);
    });
  }

  private async lock(tx: Tx, id: string, ifMatch: number): Promise<ViewEntity> {
    const view = await this.saved.find(tx, id, 'FOR UPDATE');
    if (view.version !== ifMatch) throw new ContractError('VERSION_STALE', `Now at ${view.version}`, { current: await this.shown(tx, view) });
    return view;
  }

  private async shown(tx: Tx, view: ViewEntity) {
    return toView(view, await this.views.count(tx, ViewFilter.parse(view.filter)));
  }
}

type Audited = ReturnType<typeof toAudited>;

/** Of what everybody sees; a view that is shared from now on is new to them, one that is not any more is gone. */
function record(tx: Tx, before: Audited, after: Audited): void {
  if (before || after) recordThing(tx, 'view', before, after);
}

/** What everybody sees is for managers to change. */
function refuseSharing(shared: boolean, by: Actor): void {
  if (shared && !by.scopes.includes('desk:admin')) throw new ContractError('SCOPE_MISSING', 'A shared view needs desk:admin');
}
