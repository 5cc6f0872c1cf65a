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
  channel?: string; unread?: 'true' | 'false'; teamId?: string; tag?: string; profileId?: string; segmentId?: string; campaignId?: string; flowId?: string;
  createdFrom?: string; createdTo?: string; lastMessageFrom?: string; lastMessageTo?: string;
};
const FILTERS: Record<keyof Filter, (value: string) => string> = {
  channel: (value) => `t.channel_type = ${value}`,
  unread: (value) => `t.unread = ${value}::boolean`,
  teamId: (value) => `t.team_id = ${value}`,
  tag: (value) => `${value} = ANY (t.tags)`,
  profileId: (value) => `t.profile_id = ${value}`,
  segmentId: (value) => `EXISTS (SELECT FROM segment_member m WHERE m.segment_id = ${value} AND m.profile_id = t.profile_id)`,
  campaignId: (value) => `t.attribution ->> 'campaignId' = ${value}`,
  flowId: (value) => `t.attribution ->> 'flowId' = ${value}`,
  createdFrom: (value) => `t.created_at >= ${value}`,
  createdTo: (value) => `t.created_at < ${value}`,
  lastMessageFrom: (value) => `t.last_message_at >= ${value}`,
  lastMessageTo: (value) => `t.last_message_at < ${value}`,
};

/** Filters of few tickets, and how to find them without walking along an order. */
const FINDERS: Partial<Record<keyof Filter, string>> = {
  profileId: 'SELECT t.id FROM ticket t WHERE t.profile_id = $1',
  segmentId: 'SELECT t.id FROM (SELECT profile_id FROM segment_member WHERE segment_id = $1 LIMIT $2) m CROSS JOIN LATERAL (SELECT id FROM ticket WHERE profile_id = m.profile_id) t',
};

/** So many tickets of an order are looked at for one page or one count: what does not fit the filter is passed over, but not for ever. */
export const REACH = 20_000;

export type Order = { keys: readonly SortKey[]; direction: 'ASC' | 'DESC' };
/** Tickets of a view: `among` these alone, where something else has found them. */
export type Choice = { scope: Scope; filters: Filter[]; among: string[] | null };
export type PageWish = Choice & { order: Order; after: string[] | null; limit: number };

/** Lists of tickets by SQL. Every list reads a bounded number of rows along an index, whatever the size of the account. */
@Injectable()
export class ViewsRepository {
  /** One short walk along an index per status, then the best of them. */
  page(tx: Tx, wish: PageWish): Promise<TicketEntity[]> {
    const { order, limit } = wish;
    const { put, values } = listOf(tx.by.account);
    const sorted = sortedBy(order);
    const walks = walksOf(wish, put).map((walk) => `(SELECT t.* FROM ${walk} t WHERE ${filtersOf(wish, put)} ORDER BY ${sorted} LIMIT ${limit})`);
    return rows<TicketEntity>(tx, `SELECT ${TICKET} FROM (${walks.join(' UNION ALL ')}) t ${AROUND} ORDER BY ${sorted} LIMIT ${limit}`, values);
  }

  /** All tickets that one of the filters can let through, where these are at most so many. */
  async few(tx: Tx, filters: Filter[], most: number): Promise<string[] | null> {
    for (const filter of filters) {
      for (const [name, finder] of Object.entries(FINDERS)) {
        const value = filter[name as keyof Filter];
        const found = value === undefined ? null : await tx.sql<{ id: string }>(`${finder} LIMIT $2`, [value, most + 1]);
        if (found && found.length <= most) return found.map(({ id }) => id);
      }
    }
    return null;
  }

  /** Where the walks of a page ended before their end: nothing is known of what stands behind the first of these places. */
  async horizon(tx: Tx, wish: PageWish): Promise<string[] | null> {
    if (wish.among || !isNarrowed(wish)) return null;
    const { put, values } = listOf(tx.by.account);
    const keys = [...wish.order.keys.map((key) => KEYS[key].expression), 't.id'];
    const ends = walksOf(wish, put).map((walk) => `(SELECT t.* FROM ${walk} t OFFSET ${REACH - 1} LIMIT 1)`);
    const [end] = await rows<{ place: string[] }>(tx, `SELECT ARRAY[${keys.map(asText).join(', ')}] AS place FROM (${ends.join(' UNION ALL ')}) t ORDER BY ${sortedBy(wish.order)} LIMIT 1`, values);
    return end?.place ?? null;
  }

  /** How many, up to a limit; whether all were looked at. */
  async count(tx: Tx, choice: Choice, most: number): Promise<{ found: number; isWhole: boolean }> {
    const wish: PageWish = { ...choice, order: { keys: ['last_message_at'], direction: 'DESC' }, after: null, limit: most };
    const { put, values } = listOf(tx.by.account);
    const walks = walksOf(wish, put).map((walk) => `(SELECT t.id FROM ${walk} t WHERE ${filtersOf(wish, put)} LIMIT ${most})`);
    const [row] = await tx.sql<{ found: number }>(`SELECT count(*) AS found FROM (${walks.join(' UNION ALL ')}) t`, values);
    return { found: row!.found, isWhole: row!.found >= most || !(await this.horizon(tx, wish)) };
  }

  /** All of them, up to a limit. */
  async ids(tx: Tx, choice: Choice, most: number): Promise<string[]> {
    const { put, values } = listOf(tx.by.account);
    const conditions = choice.scope.statuses.map((status) => `(SELECT t.id FROM ticket t WHERE ${[...sameOf(choice, put), `t.status = '${status}'`, filtersOf(choice, put)].join(' AND ')} LIMIT ${most})`);
    return (await tx.sql<{ id: string }>(`SELECT id FROM (${conditions.join(' UNION ALL ')}) t LIMIT ${most}`, values)).map(({ id }) => id);
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

function listOf(account: string): { values: unknown[]; put: Put } {
  const values: unknown[] = [account];
  const known = new Map<unknown, string>();
  const put = (value: unknown) => {
    const place = known.get(value) ?? `$${values.push(value)}`;
    known.set(value, place);
    return place;
  };
  return { values, put };
}

const sortedBy = ({ keys, direction }: Order) => [...keys.map((key) => KEYS[key].expression), 't.id'].map((key) => `${key} ${direction}`).join(', ');

/** The tickets of each status in their order, from a place on, as many as are looked at. */
function walksOf(wish: PageWish, put: Put): string[] {
  const { scope, order, after } = wish;
  const same = [...sameOf(wish, put), ...(after ? [beyond(order, after, put)] : [])];
  // Without a filter the page ends the walk.
  const reach = wish.among || !isNarrowed(wish) ? wish.limit : REACH;
  const limit = wish.among ? '' : ` ORDER BY ${sortedBy(order)} LIMIT ${reach}`;
  return scope.statuses.map((status: TicketStatus) => `(SELECT t.* FROM ticket t WHERE ${same.join(' AND ')} AND t.status = '${status}'${limit})`);
}

const isNarrowed = ({ filters }: Choice) => filters.some((filter) => Object.values(filter).some((value) => value !== undefined));

function sameOf({ scope: { assignee, spam }, among }: Choice, put: Put): string[] {
  const whose = assignee === undefined ? [] : [assignee === null ? 't.assignee_id IS NULL' : `t.assignee_id = ${put(assignee)}`];
  // What a merged ticket held stands elsewhere (TKT-22).
  return ['t.account_id = $1', `t.spam = ${spam}`, 't.merged_into IS NULL', ...whose, ...(among ? [`t.id = ANY (${put(among)}::uuid[])`] : [])];
}

const filtersOf = ({ filters }: Choice, put: Put) =>
  filters.flatMap((filter) => (Object.keys(FILTERS) as (keyof Filter)[]).flatMap((name) => (filter[name] === undefined ? [] : [FILTERS[name](put(filter[name]))]))).join(' AND ') || 'true';

const beyond = ({ keys, direction }: Order, after: string[], put: Put) => {
  const place = [...keys.map((key) => KEYS[key]), { expression: 't.id', type: 'uuid' }];
  return `(${place.map(({ expression }) => expression).join(', ')}) ${direction === 'ASC' ? '>' : '<'} (${place.map(({ type }, n) => `${put(after[n])}::${type}`).join(', ')})`;
};

/** As a cursor says it. */
const asText = (expression: string) =>
  expression === 't.id' || expression === 't.priority' ? `${expression}::text` : `CASE WHEN ${expression} = 'infinity' THEN 'infinity' ELSE to_char(${expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END`;
