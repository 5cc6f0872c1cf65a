import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '@parley/contracts/contract';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Placed } from './calls.js';
import { crossAccounts, deactivated, feedOf, keys, openStage, ownAnswers, roles, strangeFields, unaudited, type Stage } from './matrix.js';

// Negative controls of security.md section 2: bugs of authorisation that plant.mjs puts into the running services, one at a time. A matrix that stays
// green with one of them is blind. Whatever is asked here is asked before and after, too, and must be green then.
const APPS = fileURLToPath(new URL('../../apps', import.meta.url));
const PLANT = new URL('plant.mjs', import.meta.url).href;
const PLANTED_IN = ['gateway', 'tickets', 'notifications'];

const folder = mkdtempSync(join(tmpdir(), 'parley-planted-'));
const file = join(folder, 'bug');
const plant = (bug: string) => writeFileSync(file, bug);
let stage: Stage;

beforeAll(async () => {
  plant('');
  const envOf = (service: string) => (PLANTED_IN.includes(service) ? { NODE_OPTIONS: `--import ${PLANT}?${new URLSearchParams({ file, apps: APPS, service })}` } : {});
  stage = await openStage({ envOf });
});
afterAll(async () => {
  await stage?.close();
  rmSync(folder, { recursive: true, force: true });
});

const places = (...ids: string[]): Placed[] => ids.map((id) => stage.known.find((place) => place.id === id)!);
const feedOfB = async () => (JSON.stringify(await feedOf(stage.b)).includes(stage.a.mark) ? ['B reads the feed of A'] : []);

/** The service asks a table for ids alone: by which operation it is noticed once the database does not watch either, and how. */
const FORGETFUL: { table: string; operation: string; by: RegExp }[] = [
  { table: 'team', operation: 'teams.get', by: /^teams\.get: owner of B, .* reads A/ },
  { table: 'routing_rule', operation: 'routingRules.get', by: /^routingRules\.get: support of B, .* reads A/ },
  { table: 'macro', operation: 'macros.update', by: /^macros\.update: A's tickets\.macro has changed/ },
  { table: 'event_filter', operation: 'customerEvents.timeline', by: /^customerEvents\.timeline: owner of B, query\.filterId of A gets 200/ },
  { table: 'attachment', operation: 'attachments.get', by: /^attachments\.get: support of B, .* reads A/ },
  { table: 'bulk_job', operation: 'jobs.get', by: /^jobs\.get: owner of B, .* gets 200/ },
];
/** What else goes wrong, each alone. */
const BUGS: { bug: string; wall?: [database: string, table: string]; found: () => Promise<string[]>; by: RegExp }[] = [
  { bug: 'forgets tag', wall: ['tickets', 'tag'], found: () => ownAnswers(stage, places('tags.create', 'tags.list')), by: /^tags\.list: B reads A/ },
  { bug: 'forgets feed_event', wall: ['notifications', 'feed_event'], found: feedOfB, by: /B reads the feed of A/ },
  { bug: 'asks-no-scope', found: () => roles(stage, places('access.listUsers', 'access.listAudit', 'access.createApiKey')), by: /^access\.listAudit: analyst gets 200/ },
  { bug: 'gives-every-scope', found: () => roles(stage, places('teams.create', 'messages.list')), by: /^messages\.list: analyst gets 404/ },
  { bug: 'gives-every-scope', found: () => keys(stage, places('teams.list'), SCOPES), by: /^teams\.list: tickets:read: 200 and 200/ },
  { bug: 'ignores-fields', found: () => strangeFields(stage, places('teams.create')), by: /^teams\.create: role gets 201/ },
  { bug: 'believes-the-body', found: () => strangeFields(stage, places('tags.create')), by: /^tags\.create: accountId gets 5\d\d/ },
  { bug: 'lets-nobody-go', found: () => deactivated(stage), by: /in vain: the session to end/ },
  { bug: 'forgets-to-note', found: () => unaudited(stage, places('teams.create')), by: /^teams\.create: 201, 0 entries/ },
];

const wall = (state: 'ENABLE' | 'DISABLE', database: string, table: string) => stage.books.query(database, `ALTER TABLE ${table} ${state} ROW LEVEL SECURITY`);
const across = async () => (await crossAccounts(stage, places(...FORGETFUL.map(({ operation }) => operation)))).wrong;

describe('bugs that are planted', () => {
  it('ACC-1 T1 T2 statements that forget the account are noticed, each by its operation, when the database does not watch; while it does, they find nothing', async () => {
    expect(await across()).toEqual([]);
    plant(FORGETFUL.map(({ table }) => `forgets ${table}`).join());
    expect(await across()).toEqual([]);
    for (const { table } of FORGETFUL) await wall('DISABLE', 'tickets', table);
    const wrong = await across();
    for (const { table } of FORGETFUL) await wall('ENABLE', 'tickets', table);
    plant('');
    for (const { operation, by } of FORGETFUL) expect(wrong.filter((one) => one.startsWith(operation))).toContainEqual(expect.stringMatching(by));
    expect(await across()).toEqual([]);
  }, 600_000);

  it.each(BUGS)('ACC-1 ACC-2 ACC-3 ACC-4 ACC-6 $bug is noticed by the matrix that is there for it, which is green before and after', async ({ bug, wall: down, found, by }) => {
    expect(await found()).toEqual([]);
    if (down) await wall('DISABLE', ...down);
    plant(bug);
    const wrong = await found().finally(() => plant(''));
    if (down) await wall('ENABLE', ...down);
    expect(wrong).toContainEqual(expect.stringMatching(by));
    expect(await found()).toEqual([]);
  });
});
