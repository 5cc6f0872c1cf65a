import type { CustomerEvent, EventFilter, Order } from '@parley/contracts/customer-events';

/** A line of a timeline: sent in, or seen by Parley itself. */
export type TimelineEntity = { id: string; metric: string; at: Date; properties: Record<string, unknown>; origin: CustomerEvent['origin'] };
export type FilterEntity = { id: string; name: string; metrics: string[]; createdAt: Date; version: number };

export const toEvent = ({ id, metric, at, properties, origin }: TimelineEntity): CustomerEvent => ({ id, metric, at: at.toISOString(), properties, origin });

/** What is no number or no text is not there. */
export const toOrder = ({ id, at, properties }: Omit<TimelineEntity, 'origin' | 'metric'>): Order => ({
  id,
  orderId: textOf(properties['orderId']),
  value: typeof properties['value'] === 'number' ? properties['value'] : null,
  currency: typeof properties['currency'] === 'string' ? properties['currency'] : null,
  at: at.toISOString(),
  properties,
});

export const toFilter = ({ id, name, metrics, createdAt, version }: FilterEntity): EventFilter => ({ id, name, metrics, createdAt: createdAt.toISOString(), version });

const textOf = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : null);
