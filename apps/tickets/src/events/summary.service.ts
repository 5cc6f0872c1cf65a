import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ORDER_METRIC, type Predictions, type ProfileSummary, type customerEvents } from '@parley/contracts/customer-events';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { IdentityService } from '../profiles/identity.service.js';
import { SettingsService } from '../settings/settings.service.js';
import { toEvent, toOrder } from './customer-event.entity.js';
import { EventsRepository, type OrderSums } from './events.repository.js';
import { localTime } from './local-time.rules.js';
import { METRICS } from './metrics.rules.js';
import { HORIZON_WEEKS, LEAST_ORDERS, expectedOrders, expectedValue, probabilityAlive, weeksToNextOrder } from './predictions.rules.js';
import { TimelineRepository } from './timeline.repository.js';

const WEEK_MS = 7 * 86_400_000;

/** What stands beside a ticket (PRO-4). */
@Injectable()
export class SummaryService {
  constructor(
    private readonly db: DataSource,
    private readonly events: EventsRepository,
    private readonly timeline: TimelineRepository,
    private readonly identity: IdentityService,
    private readonly settings: SettingsService,
  ) {}

  get({ id }: Input<typeof customerEvents.summary>, by: Actor): Promise<ProfileSummary> {
    return within(this.db, by, async (tx) => {
      const { id: profileId, name, blocked, consents, location, timezone, properties } = await this.identity.find(tx, id);
      const sums = await this.events.orderSums(tx, profileId);
      const { pinnedProperties } = await this.settings.read(tx, 'profiles');
      return {
        profileId, name, blocked, subscriptions: consents, location, timezone,
        localTime: timezone && localTime(tx.at, timezone),
        recentActivity: (await this.timeline.page(tx, { profileId, metrics: null, own: METRICS, before: null, limit: 10 })).map(toEvent),
        recentOrders: (await this.events.ofMetric(tx, profileId, ORDER_METRIC, null, 5)).map(toOrder),
        orders: count(sums),
        ordersTotal: sums.filter(({ valued }) => valued > 0).map(({ currency, total: value }) => ({ currency, value })),
        ...(await this.timeline.tickets(tx, profileId)),
        pinned: pinnedProperties.flatMap((one) => (Object.hasOwn(properties, one) ? [{ name: one, value: properties[one] }] : [])),
        predictions: await this.predict(tx, sums),
      };
    });
  }

  private async predict(tx: Tx, sums: OrderSums[]): Promise<Predictions | null> {
    const orders = count(sums);
    if (orders < LEAST_ORDERS) return null;
    const first = Math.min(...sums.map(({ firstAt }) => firstAt.getTime()));
    const last = Math.max(...sums.map(({ lastAt }) => lastAt.getTime()));
    const now = Math.max(tx.at.getTime(), last);
    const history = { repeats: orders - 1, lastAfterWeeks: (last - first) / WEEK_MS, ageWeeks: (now - first) / WEEK_MS };
    const expected = expectedOrders(history, HORIZON_WEEKS);
    const main = sums.find(({ currency, valued }) => currency !== null && valued > 0);
    const value = main ? expectedValue(main.valued, main.total / main.valued, await this.events.meanOrder(tx, main.currency!)) : null;
    return {
      horizonDays: HORIZON_WEEKS * 7,
      currency: main?.currency ?? null,
      expectedOrders: expected,
      expectedOrderValue: value,
      lifetimeValue: main && value !== null ? main.total + expected * value : null,
      churnRisk: 1 - probabilityAlive(history),
      nextOrderAt: new Date(now + weeksToNextOrder(history) * WEEK_MS).toISOString(),
    };
  }
}

const count = (sums: OrderSums[]) => sums.reduce((orders, sum) => orders + sum.orders, 0);
