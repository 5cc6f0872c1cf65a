import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import type { tickets } from '@parley/contracts/tickets';
import { ViewFilter, type ViewCount } from '@parley/contracts/views';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { SearchService } from '../search/search.service.js';
import { SettingsService } from '../settings/settings.service.js';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { toTicket } from '../ticket/tickets.service.js';
import { cursorAt, pageOf, placeIn } from '../tickets.database.js';
import { SavedViewsRepository } from './saved-views.repository.js';
import { ViewsRepository, type Choice, type PageWish } from './views.repository.js';
import { SORTS, VIEWS, isBefore, placeOf, scopeOf, type SortName, type ViewName } from './views.rules.js';

/** Counts are exact up to here. */
const MOST_COUNTED = 1000;
/** So many tickets are looked at one by one, rather than in their order. */
const FEW = 2000;
type Asked = Omit<ViewFilter, 'view'>;

/** The inbox: built-in and custom views, filtered and sorted (TKT-15), and the badge (TKT-17). */
@Injectable()
export class ViewsService {
  constructor(
    private readonly db: DataSource,
    private readonly views: ViewsRepository,
    private readonly saved: SavedViewsRepository,
    private readonly search: SearchService,
    private readonly settings: SettingsService,
  ) {}

  list({ view, sort: wished, limit, cursor, ...asked }: Input<typeof tickets.list>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const { base, sort: own, filter } = await this.viewOf(tx, view);
      const sort = wished ?? own;
      const after = placeIn(cursor, SORTS[sort].keys.length);
      const choice = await this.choiceOf(tx, base, [filter, asked]);
      if (!choice) return { items: [], nextCursor: null };
      return this.page(tx, { ...choice, order: SORTS[sort], after, limit: limit + 1 }, sort);
    });
  }

  /** How many tickets a filter shows to the transaction's actor. */
  async count(tx: Tx, { view, ...filter }: ViewFilter): Promise<ViewCount> {
    const choice = await this.choiceOf(tx, view, [filter]);
    if (!choice) return { value: 0, orMore: false };
    const { found, isWhole } = await this.views.count(tx, choice, MOST_COUNTED + 1);
    return { value: Math.min(found, MOST_COUNTED), orMore: found > MOST_COUNTED || !isWhole };
  }

  /** The tickets a filter shows to the transaction's actor, up to so many. */
  async ids(tx: Tx, { view, ...filter }: ViewFilter, most: number): Promise<string[]> {
    const choice = await this.choiceOf(tx, view, [filter]);
    return choice ? this.views.ids(tx, choice, most) : [];
  }

  badge(by: Actor) {
    return within(this.db, by, async (tx) => {
      const { badgeEnabled } = await this.settings.read(tx, 'inbox');
      const counts = badgeEnabled ? await this.views.unread(tx) : { unreadTickets: 0, unreadProfiles: 0 };
      return { ...counts, enabled: badgeEnabled };
    });
  }

  /** A page, which is short where the filter passes over more tickets than are looked at; then it goes on where it stopped looking. */
  private async page(tx: Tx, wish: PageWish, sort: SortName) {
    const limit = wish.limit - 1;
    const found = await this.views.page(tx, wish);
    const show = (ticket: TicketEntity) => toTicket(ticket, tx.at);
    const horizon = found.length > limit ? null : await this.views.horizon(tx, wish);
    if (!horizon) return pageOf(found, limit, (ticket) => placeOf(sort, ticket), show);
    return { items: found.filter((ticket) => !isBefore(sort, horizon, placeOf(sort, ticket))).map(show), nextCursor: cursorAt(horizon) };
  }

  private async viewOf(tx: Tx, view: string): Promise<{ base: ViewName; sort: SortName; filter: Asked }> {
    if (view in VIEWS) return { base: view as ViewName, sort: 'last_message', filter: {} };
    const { filter, sort } = await this.saved.find(tx, view);
    const { view: base, ...fields } = ViewFilter.parse(filter);
    return { base, sort, filter: fields };
  }

  /** Null where nothing can fit. */
  private async choiceOf(tx: Tx, view: ViewName, asked: Asked[]): Promise<Choice | null> {
    const scope = scopeOf(view, asked, tx.by.id);
    if (!scope) return null;
    let among: string[] | null = null;
    for (const { q } of asked) {
      if (q === undefined) continue;
      const found = await this.search.tickets(tx, q);
      among = among ? among.filter((id) => found.includes(id)) : found;
    }
    const filters = asked.map(({ q: _q, status: _status, assigneeId: _assigneeId, ...filter }) => filter);
    return { scope, filters, among: among ?? (await this.views.few(tx, filters, FEW)) };
  }
}
