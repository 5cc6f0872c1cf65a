import { ORDER_METRIC } from '@parley/contracts/customer-events';
import type { Part, Question } from '@parley/contracts/segments';

/** Adds a value to the statement and answers its placeholder: nothing a person wrote ever stands in the text. */
export type Put = (value: unknown) => string;
/** What a condition is asked with: the placeholder of the account's time. */
type Asking = { put: Put; now: string };
type Of<K extends Question['of']> = Extract<Question, { of: K }>;

/** A condition as SQL over a profile `p`; at a moment, whose placeholder is `now`. Parameters only. */
export function conditionSql(part: Part, asking: Asking): string {
  if ('all' in part) return joined(part.all, ' AND ', asking);
  if ('any' in part) return joined(part.any, ' OR ', asking);
  return (SQL[part.of] as (question: Question, asking: Asking) => string)(part, asking);
}

const joined = (parts: Part[], by: string, asking: Asking) => `(${parts.map((part) => conditionSql(part, asking)).join(by)})`;

/** Text columns; identifiers are several per profile. */
const COLUMNS = {
  name: 'p.name', locale: 'p.locale', timezone: 'p.timezone',
  country: `p.location ->> 'country'`, region: `p.location ->> 'region'`, city: `p.location ->> 'city'`,
} as const;
const IDENTIFIERS = { email: 'email', phone: 'phone', externalId: 'visitor' } as const;

const SQL: { [K in Question['of']]: (question: Of<K>, asking: Asking) => string } = {
  field: ({ field, is, value }, { put }) => {
    if (field in COLUMNS) return compared(COLUMNS[field as keyof typeof COLUMNS], is, value, put);
    const type = IDENTIFIERS[field as keyof typeof IDENTIFIERS];
    const some = (condition: string) => `EXISTS (SELECT FROM profile_identifier i WHERE i.profile_id = p.id AND i.type = '${type}'${condition})`;
    if (is === 'set' || is === 'not_set') return is === 'set' ? some('') : `NOT ${some('')}`;
    const same = some(` AND ${compared('i.value', is === 'contains' ? 'contains' : 'equals', value, put)}`);
    return is === 'not_equals' ? `NOT ${same}` : same;
  },
  property: ({ name, is, value }, { put }) => {
    const at = `(p.properties -> ${put(name)}::text)`;
    const json = () => `${put(JSON.stringify(value))}::jsonb`;
    return {
      set: () => `coalesce(jsonb_typeof(${at}) <> 'null', false)`,
      not_set: () => `coalesce(jsonb_typeof(${at}) = 'null', true)`,
      equals: () => `coalesce(${at} = ${json()}, false)`,
      not_equals: () => `coalesce(${at} <> ${json()}, true)`,
      contains: () => `(CASE jsonb_typeof(${at}) WHEN 'array' THEN ${at} @> ${json()} WHEN 'string' THEN position(lower(${put(String(value))}::text) in lower(${at} #>> '{}')) > 0 ELSE false END)`,
      greater: () => `(CASE WHEN jsonb_typeof(${at}) = 'number' THEN ${at}::numeric > ${put(value)}::numeric ELSE false END)`,
      less: () => `(CASE WHEN jsonb_typeof(${at}) = 'number' THEN ${at}::numeric < ${put(value)}::numeric ELSE false END)`,
    }[is]();
  },
  consent: ({ kind, state }, { put }) => (state === 'never_said' ? `NOT p.consents ? ${put(kind)}::text` : `coalesce(p.consents ->> ${put(kind)}::text = ${put(state)}::text, false)`),
  created: ({ withinDays, beforeDays }, asking) => [`true`, ...since('p.created_at', withinDays, asking), ...before('p.created_at', beforeDays, asking)].join(' AND '),
  event: ({ metric, ...bounds }, asking) => counted(asking.put(metric), bounds, asking),
  orders: (question, asking) => {
    const { put } = asking;
    const metric = put(ORDER_METRIC);
    if (question.measure === 'count') return counted(metric, question, asking);
    if (question.measure === 'total') {
      const { currency, atLeast, atMost, withinDays } = question;
      const total = `coalesce((SELECT sum(e.amount) FROM customer_event e WHERE ${[...ofMetric(metric), `e.currency = ${put(currency)}`, ...since('e.at', withinDays, asking)].join(' AND ')}), 0)`;
      return between(total, atLeast, atMost, put, 'numeric');
    }
    const last = `(SELECT max(e.at) FROM customer_event e WHERE ${ofMetric(metric).join(' AND ')})`;
    return `coalesce(${[`${last} IS NOT NULL`, ...since(last, question.withinDays, asking), ...before(last, question.beforeDays, asking)].join(' AND ')}, false)`;
  },
};

const ofMetric = (metric: string) => ['e.profile_id = p.id', `e.metric = ${metric}`];

function counted(metric: string, { atLeast, atMost, withinDays }: { atLeast: number; atMost?: number; withinDays?: number }, asking: Asking): string {
  // Nobody counts further than the answer needs.
  const enough = `${asking.put(Math.max(atLeast, (atMost ?? 0) + 1))}::bigint`;
  const count = `(SELECT count(*) FROM (SELECT FROM customer_event e WHERE ${[...ofMetric(metric), ...since('e.at', withinDays, asking)].join(' AND ')} LIMIT ${enough}) found)`;
  return between(count, atLeast, atMost, asking.put, 'bigint');
}

const between = (value: string, atLeast: number | undefined, atMost: number | undefined, put: Put, type: string) =>
  `(${['true', ...(atLeast === undefined ? [] : [`${value} >= ${put(atLeast)}::${type}`]), ...(atMost === undefined ? [] : [`${value} <= ${put(atMost)}::${type}`])].join(' AND ')})`;

const day = (days: number, { put, now }: Asking) => `${now}::timestamptz - make_interval(hours => ${put(days * 24)}::int)`;
const since = (value: string, days: number | undefined, asking: Asking) => (days === undefined ? [] : [`${value} >= ${day(days, asking)}`]);
const before = (value: string, days: number | undefined, asking: Asking) => (days === undefined ? [] : [`${value} < ${day(days, asking)}`]);

function compared(column: string, is: string, value: string | undefined, put: Put): string {
  if (is === 'set' || is === 'not_set') return `${column} IS ${is === 'set' ? 'NOT ' : ''}NULL`;
  const wanted = () => `lower(${put(value)}::text)`;
  if (is === 'contains') return `coalesce(position(${wanted()} in lower(${column})) > 0, false)`;
  return is === 'equals' ? `coalesce(lower(${column}) = ${wanted()}, false)` : `coalesce(lower(${column}) <> ${wanted()}, true)`;
}
