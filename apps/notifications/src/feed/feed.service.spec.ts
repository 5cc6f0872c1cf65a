import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Envelope } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { aSnapshot, openOutpost, type Outpost } from '../../test/outpost.js';
import { FeedService } from './feed.service.js';

let outpost: Outpost;
let service: FeedService;
beforeAll(async () => {
  outpost = await openOutpost();
  service = outpost.app.get(FeedService);
});
afterAll(() => outpost.close());

const fact = (account: string, type = 'ticket.updated', text = ''): Envelope => (
  { id: newId(), account, sequence: null, type, version: 1, time: '2026-03-01T09:00:00.000Z', actor: { type: 'customer', id: null }, ticket: newId(), data: { text } });
const append = (account: string, facts: Envelope[]) => outpost.tx((tx) => service.append(tx, facts), outpost.actor({ account }));
const read = (account: string, ask: Partial<{ after: number; types: string; limit: number }> = {}) => outpost.ask(feed.read, ask, outpost.actor({ account }));
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

it('NTF-3 many writers at once: every fact once, no gap, and each writer’s facts in its order', async () => {
  const account = newId();
  const batches = Array.from({ length: 12 }, () => Array.from({ length: 10 }, () => fact(account)));
  await Promise.all(batches.map((batch) => append(account, batch)));
  const { items, head } = await read(account, { limit: 500 });
  expect(items.map(({ sequence }) => sequence)).toEqual(numbers(120));
  expect(head).toBe(120);
  const places = new Map(items.map(({ id, sequence }) => [id, sequence!]));
  for (const batch of batches) expect(batch.map(({ id }) => places.get(id)! - places.get(batch[0]!.id)!)).toEqual(numbers(10).map((n) => n - 1));
});

it('NTF-3 a fact that is heard again has no second place and burns no number', async () => {
  const account = newId();
  const [first, second, third] = [fact(account), fact(account), fact(account)];
  await append(account, [first, second]);
  await append(account, [second, third, first]);
  await append(account, [first]);
  const { items, head } = await read(account);
  expect([items.map(({ id, sequence }) => [id, sequence]), head]).toEqual([[[first.id, 1], [second.id, 2], [third.id, 3]], 3]);
});

it('NTF-3 a fact that two write at the same moment has one place', async () => {
  const account = newId();
  const same = fact(account);
  await Promise.allSettled(numbers(8).map(() => append(account, [same, fact(account)])));
  const { items } = await read(account);
  expect(items.filter(({ id }) => id === same.id)).toHaveLength(1);
  expect(items.map(({ sequence }) => sequence)).toEqual(numbers(items.length));
});

it('NTF-3 what was rolled back leaves no gap', async () => {
  const account = newId();
  await append(account, [fact(account)]);
  await expect(outpost.tx(async (tx) => {
    await service.append(tx, [fact(account)]);
    throw new Error('broken');
  }, outpost.actor({ account }))).rejects.toThrow('broken');
  await append(account, [fact(account)]);
  expect((await read(account)).items.map(({ sequence }) => sequence)).toEqual([1, 2]);
});

it('NTF-3 reading goes on where it stopped, also when only some types are wanted', async () => {
  const account = newId();
  await append(account, numbers(10).map((n) => fact(account, n % 5 === 0 ? 'ticket.closed' : 'ticket.updated')));
  const first = await read(account, { limit: 4 });
  expect([first.items.length, first.nextAfter, first.head]).toEqual([4, 4, 10]);
  const closed = await read(account, { types: 'ticket.closed, ticket.reopened', limit: 1 });
  expect([closed.items.map(({ sequence }) => sequence), closed.nextAfter]).toEqual([[5], 5]);
  const rest = await read(account, { types: 'ticket.closed', after: closed.nextAfter, limit: 2 });
  expect([rest.items.map(({ sequence }) => sequence), rest.nextAfter]).toEqual([[10], 10]);
  expect(await read(account, { after: 10 })).toEqual({ items: [], nextAfter: 10, head: 10 });
});

it('NTF-4 who asks for what is no longer kept, or was never given, is told to load anew', async () => {
  const account = newId();
  await append(account, numbers(5).map(() => fact(account)));
  const age = (upTo: number) => outpost.tx((tx) => tx.sql(`UPDATE feed_event SET at = now() - interval '31 days' WHERE sequence <= $1`, [upTo]), outpost.actor({ account }));
  await age(3);
  expect(await service.expire()).toBe(3);
  await expect(read(account, { after: 2 })).rejects.toMatchObject({ code: 'FEED_EXPIRED', more: { oldest: 4, head: 5 } });
  expect((await read(account, { after: 3 })).items.map(({ sequence }) => sequence)).toEqual([4, 5]);
  await expect(read(account, { after: 6 })).rejects.toMatchObject({ code: 'FEED_EXPIRED' });
  await age(5);
  expect(await service.expire()).toBe(2);
  await expect(read(account, { after: 4 })).rejects.toMatchObject({ code: 'FEED_EXPIRED', more: { oldest: 6, head: 5 } });
  expect((await read(account, { after: 5 })).items).toEqual([]);
  await append(account, [fact(account)]);
  expect((await read(account, { after: 5 })).items.map(({ sequence }) => sequence)).toEqual([6]);
});

it('NTF-4 gateways are pushed consecutive envelopes after the commit, in pieces below 60 kB', async () => {
  const account = newId();
  const pushed: Envelope[][] = [];
  const end = outpost.broker.subscribe(`feed.${account}`, (body) => pushed.push(JSON.parse(body)));
  await outpost.broker.flush();
  await append(account, numbers(9).map(() => fact(account, 'ticket.updated', 'x'.repeat(15_000))));
  await outpost.until(() => pushed.flat().length === 9, 'nine envelopes to be pushed');
  end();
  expect(pushed.flat().map(({ sequence }) => sequence)).toEqual(numbers(9));
  expect(Math.max(...pushed.map((message) => Buffer.byteLength(JSON.stringify(message))))).toBeLessThan(60_000);
});

it('ACC-1 accounts are numbered apart, and nobody reads another’s feed', async () => {
  const [account, other] = [newId(), newId()];
  await append(account, [fact(account), fact(account)]);
  await append(other, [fact(other)]);
  expect((await read(other)).items.map(({ sequence, account: of }) => [sequence, of])).toEqual([[1, other]]);
  expect((await read(newId())).items).toEqual([]);
});

it('ACC-3 a key without tickets:read sees ids only', async () => {
  const account = newId();
  await append(account, [fact(account, 'ticket.updated', 'CANARY')]);
  const answer = await outpost.ask(feed.read, {}, outpost.actor({ account, scopes: ['feed:read'] }));
  expect(answer.items).toHaveLength(1);
  expect(JSON.stringify(answer)).not.toContain('CANARY');
});

it('META-2 a message that was taken back is gone from the feed, at its places; nobody else’s is touched', async () => {
  const said = { id: newId(), ticketId: newId(), seq: 1, direction: 'inbound' as const, author: { type: 'customer' as const, id: null, name: 'Kim' }, text: 'CANARY words', html: null, truncated: false, attachments: [], keyword: null, automatic: null, note: null, delivery: null, occurredAt: '2026-03-01T09:00:00.000Z', receivedAt: '2026-03-01T09:00:00.000Z', readAt: null };
  const snapshot = aSnapshot({ id: said.ticketId, preview: 'CANARY words' });
  const other = { ...said, id: newId(), ticketId: newId(), text: 'Stays' };
  const key = said.ticketId;
  await outpost.say(messageEvents.received, { key, ticket: key, data: { message: said, ticket: snapshot, sessionId: null } });
  await outpost.say(messageEvents.received, { key: other.ticketId, ticket: other.ticketId, data: { message: other, ticket: aSnapshot({ id: other.ticketId, preview: 'Stays' }), sessionId: null } });
  await outpost.say(ticketEvents.assigned, { key, ticket: key, data: snapshot });
  await outpost.heard();
  const before = await outpost.ask(feed.read, { limit: 500 });
  await outpost.say(messageEvents.updated, { key, ticket: key, data: { message: { ...said, text: '', deletedAt: '2026-03-01T09:05:00.000Z' } } });
  await outpost.heard();
  const { items } = await outpost.ask(feed.read, { limit: 500 });
  expect(JSON.stringify(before.items)).toContain('CANARY');
  expect(JSON.stringify(items)).not.toContain('CANARY');
  expect(JSON.stringify(items)).toContain('Stays');
  expect(items.slice(0, -1).map(({ id, sequence, type }) => [id, sequence, type])).toEqual(before.items.map(({ id, sequence, type }) => [id, sequence, type]));
});
