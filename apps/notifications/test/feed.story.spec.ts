import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { openOutpost, type Outpost } from './outpost.js';

let first: Outpost;
let second: Outpost;
beforeAll(async () => {
  first = await openOutpost();
  second = await openOutpost({}, first);
});
afterAll(async () => {
  await second.close();
  await first.close();
});

it('NTF-3 two replicas hear the facts of several services: each stands in the feed once, without a gap', async () => {
  const account = newId();
  await first.accountIs({}, account);
  await Promise.all(Array.from({ length: 120 }, (_, n) => (n % 4
    ? first.ticketChanges({}, account)
    : first.say(channelEvents.presenceChanged, { key: `${n}`, account, data: { sessionId: newId(), channelId: newId(), online: true, since: '2026-03-01T09:00:00.000Z', episode: 0 } }))));
  await first.heard();
  const read = await first.readFeed(account);
  expect(read.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 120 }, (_, n) => n + 1));
  expect(new Set(read.map(({ id }) => id)).size).toBe(120);
  expect(new Set(read.map(({ type }) => type))).toEqual(new Set(['ticket.updated', 'chat.presence_changed']));
});

it('NTF-3 a ticket’s facts stand in the feed in the order in which they happened', async () => {
  const account = newId();
  const id = newId();
  for (let version = 1; version <= 30; version++) await first.ticketChanges({ id, version }, account);
  await first.heard();
  const rows = await first.tx((tx) => tx.sql<{ version: number }>(`SELECT (envelope->'data'->>'version')::int AS version FROM feed_event ORDER BY sequence`), first.actor({ account }));
  expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
});
