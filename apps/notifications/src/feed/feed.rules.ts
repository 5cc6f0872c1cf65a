import { allows } from '@parley/contracts/access';
import type { Guard } from '@parley/contracts/contract';
import type { Envelope } from '@parley/contracts/events';
import { EVENT_BY_TYPE } from '@parley/contracts/everything';

/** Those facts that stand in the feed, as envelopes and nothing more; the others are between our services. */
export const publicFacts = (facts: readonly Envelope[]): Envelope[] =>
  facts.filter((fact) => EVENT_BY_TYPE.get(fact.type)?.public).map(({ id, account, sequence, type, version, time, actor, ticket, data, changed }) => (
    { id, account, sequence, type, version, time, actor, ticket, data, ...(changed && { changed }) }));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What a reader may see of an event: everything, or, without the right to read tickets, ids only (security.md section 3). */
export const visible = (envelope: Envelope, scopes: readonly Guard[]): Envelope =>
  allows(scopes, 'tickets:read') ? envelope : { ...envelope, data: (idsOf(envelope.data) ?? {}) as Envelope['data'] };

/** The ids in a value, each at its place; undefined where there are none. Text under the name of an id is no id, and neither is a name that is text. */
function idsOf(value: unknown): unknown {
  if (Array.isArray(value)) return found(value.map(idsOf).filter((item) => item !== undefined));
  if (value === null || typeof value !== 'object') return undefined;
  const kept = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const id = typeof inner === 'string' ? (isIdName(key) && UUID.test(inner) ? inner : undefined) : idsOf(inner);
    return id === undefined || !FIELD.test(key) ? [] : [[key, id]];
  });
  return kept.length ? Object.fromEntries(kept) : undefined;
}

const FIELD = /^[A-Za-z]{1,40}$/;
const isIdName = (key: string) => key === 'id' || key.endsWith('Id');
const found = (items: unknown[]) => (items.length ? items : undefined);

/** Bytes of a hint; the broker carries much more, but hints go to every gateway. */
const HINT_BYTES = 60_000;

/** Consecutive envelopes as the messages to push: JSON arrays of at most 60 kB, an envelope above that alone. */
export function hints(envelopes: readonly Envelope[], limit = HINT_BYTES): string[] {
  const messages: string[] = [];
  let items: string[] = [];
  let bytes = 1;
  for (const envelope of envelopes) {
    const item = JSON.stringify(envelope);
    const size = Buffer.byteLength(item) + 1;
    if (items.length && bytes + size > limit) {
      messages.push(`[${items.join(',')}]`);
      [items, bytes] = [[], 1];
    }
    items.push(item);
    bytes += size;
  }
  return items.length ? [...messages, `[${items.join(',')}]`] : messages;
}
