import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import type { tickets } from '@parley/contracts/tickets';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { SettingsService } from '../settings/settings.service.js';
import { toTicket } from '../ticket/tickets.service.js';
import { pageOf, placeIn } from '../tickets.database.js';
import { ViewsRepository } from './views.repository.js';
import { SORTS, placeOf, scopeOf } from './views.rules.js';

/** The inbox: the four built-in views, filtered and sorted (TKT-15), and the badge (TKT-17). */
@Injectable()
export class ViewsService {
  constructor(
    private readonly db: DataSource,
    private readonly views: ViewsRepository,
    private readonly settings: SettingsService,
  ) {}

  list({ view, status, assigneeId, sort, limit, cursor, ...filter }: Input<typeof tickets.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const order = SORTS[sort];
      const after = placeIn(cursor, order.keys.length);
      const scope = scopeOf({ view, status, assigneeId }, by.id);
      const found = scope ? await this.views.page(tx, { scope, order, filter, after, limit: limit + 1 }) : [];
      return pageOf(found, limit, (ticket) => placeOf(sort, ticket), (ticket) => toTicket(ticket, tx.at));
    });
  }

  badge(by: Actor) {
    return within(this.db, by, async (tx) => {
      const { badgeEnabled } = await this.settings.read(tx, 'inbox');
      const counts = badgeEnabled ? await this.views.unread(tx) : { unreadTickets: 0, unreadProfiles: 0 };
      return { ...counts, enabled: badgeEnabled };
    });
  }
}
