import { Injectable } from '@nestjs/common';
import type { TicketStatus } from '@parley/contracts/tickets';
import type { Tx } from '@parley/service/tx';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { AROUND, TICKET } from '../ticket/ticket.sql.js';
import { rows } from '../tickets.database.js';
import type { Scope, SortKey } from './views.rules.js';

/** The expression of each sort key, as the indexes have it. */
const KEYS: Record<SortKey, { expression: string; type: string }> = {
  last_message_at: { expression: 't.last_message_at', type: 'timestamptz' },
  created_at: { expression: 't.created_at', type: 'timestamptz' },
  waiting: { expression: `coalesce(t.waiting_since, 'infinity'::timestamptz)`, type: 'timestamptz' },
  priority: { expression: 't.priority', type: 'smallint' },
};

/** Filters beside view, status and assignee. */
export type Filter = {
  channel?: string; unread?: 'true' | 'false'; teamId?: string; tag?: string; profileId?: string;
  createdFrom?: string; createdTo?: string; lastMessageFrom?: string; lastMessageTo?: string;
};
const FILTERS: Record<keyof Filter, (value: string) => string> = {
  channel: (value) => `t.channel_type = ${value}`,
  unread: (value) => `t.unread = ${value}::boolean`,
  teamId: (value) => `t.team_id = ${value}`,
  tag: (value) => `${value} = ANY (t.tags)`,
  profileId: (value) => `t.profile_id = ${value}`,
  createdFrom: (value) => `t.created_at >= ${value}`,
  createdTo: (value) => `t.created_at < ${value}`,
  lastMessageFrom: (value) => `t.last_message_at >= ${value}`,
  lastMessageTo: (value) => `t.last_message_at < ${value}`,
};

export type Order = { keys: readonly SortKey[]; direction: 'ASC' | 'DESC' };
export type PageWish = { scope: Scope; order: Order; filter: Filter; after: string[] | null; limit: number };

/** Lists of tickets by SQL. Every list reads as many rows of an index as it shows, whatever the size of the account. */
@Injectable()
export class ViewsRepository {
  /** One short walk along an index per status, then the best of them. */
  async page(tx: Tx, { scope, order, filter, after, limit }: PageWish): Promise<TicketEntity[]> {
    const values: unknown[] = [tx.by.account];
    const put = (value: unknown) => `$${values.push(value)}`;
    const same = [`t.account_id = $1`, `t.spam = ${scope.spam}`, ...whose(scope, put), ...filters(filter, put), ...(after ? [beyond(order, after, put)] : [])];
    const sorted = [...order.keys.map((key) => KEYS[key].expression), 't.id'].map((key) => `${key} ${order.direction}`).join(', ');
    const walk = (status: TicketStatus) => `(SELECT t.* FROM ticket t WHERE ${same.join(' AND ')} AND t.status = '${status}' ORDER BY ${sorted} LIMIT ${limit})`;
    const text = `SELECT ${TICKET} FROM (${scope.statuses.map(walk).join(' UNION ALL ')}) t ${AROUND} ORDER BY ${sorted} LIMIT ${limit}`;
    return rows<TicketEntity>(tx, text, values);
  }

  /** How many tickets, and of how many people, are unread. */
  async unread(tx: Tx): Promise<{ unreadTickets: number; unreadProfiles: number }> {
    const [counts] = await rows<{ unreadTickets: number; unreadProfiles: number }>(
      tx,
      'SELECT count(*) AS unread_tickets, count(DISTINCT profile_id) AS unread_profiles FROM ticket WHERE account_id = $1 AND unread AND NOT spam',
      [tx.by.account],
    );
    return counts!;
  }
}

type Put = (value: unknown) => string;

function whose({ assignee }: Scope, put: Put): string[] {
  if (assignee === undefined) return [];
  return [assignee === null ? 't.assignee_id IS NULL' : `t.assignee_id = ${put(assignee)}`];
}

const filters = (filter: Filter, put: Put) =>
  (Object.keys(FILTERS) as (keyof Filter)[]).flatMap((name) => (filter[name] === undefined ? [] : [FILTERS[name](put(filter[name]))]));

const beyond = ({ keys, direction }: Order, after: string[], put: Put) => {
  const place = [...keys.map((key) => KEYS[key]), { expression: 't.id', type: 'uuid' }];
  return `(${place.map(({ expression }) => expression).join(', ')}) ${direction === 'ASC' ? '>' : '<'} (${place.map(({ type }, n) => `${put(after[n])}::${type}`).join(', ')})`;
};
