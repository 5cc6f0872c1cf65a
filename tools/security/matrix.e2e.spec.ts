import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLE_SCOPES } from '@parley/contracts/access';
import { SCOPES } from '@parley/contracts/contract';
import { eventually } from '../demo/waiting.js';
import type { Json } from '../e2e/api.js';
import { watch } from '../e2e/people.js';
import { openTown, type Town } from '../e2e/town.js';
import { operationsOf, send, slots, withTheirs, type Call, type Placed } from './calls.js';
import { openBooks, type Books } from './checksum.js';
import { RECIPES } from './recipes.js';
import { openSide, type Side, type Somebody } from './side.js';

// security.md section 2 on a whole system: every operation of the served document, asked by the wrong people.
const ROLES = ['owner', 'admin', 'manager', 'support', 'analyst'] as const;
type Role = (typeof ROLES)[number];

let town: Town;
let books: Books;
let url: string;
let operations: Placed[];
/** Those that can be asked; the others fail the first test. */
let known: Placed[];
let a: Side;
let b: Side;
const people = {} as Record<Role, Somebody>;
let strangers: [string, Somebody][];
/** Of A's own, but without the right: an analyst, and a key with one scope that hardly anything asks for. */
let insiders: [string, Somebody, readonly string[]][];

beforeAll(async () => {
  town = await openTown({ replicas: {}, env: { PARLEY_RATE_LIMIT_PER_MINUTE: '1000000' } });
  [url] = town.system.gatewayUrls as [string];
  books = await openBooks(town.system);
  operations = operationsOf(town.api.document);
  known = operations.filter(({ id }) => id in RECIPES);
  [a, b] = [await openSide(town, 'a'), await openSide(town, 'b')];
  people.owner = { token: a.brand.token, id: a.brand.owner.id };
  for (const role of ROLES.slice(1)) people[role] = await a.person(role);
  strangers = [['owner of B', { token: b.brand.token, id: b.brand.owner.id }], ['support of B', await b.person('support')], ['visitor of B', { token: (await b.chat()).guest.token, id: '' }], ['nobody', { token: '', id: '' }]];
  insiders = [['analyst of A', people.analyst, [...ROLE_SCOPES.analyst, 'person']], ['key of A', await a.key(['webhooks:admin']), ['webhooks:admin']]];
});
afterAll(async () => {
  await books?.close();
  await town?.close();
});

const named = (what: string, { id }: Placed) => `${id}: ${what}`;
const scopeOf = ({ operation }: Placed) => operation['x-scope'];
/** Until nothing goes on any more: erasures that recipes began, and what they set off. */
const rest = async (side: Side) => {
  await eventually('erasures to end', async () => (await books.query('gateway', 'SELECT 1 FROM erase_due')).length === 0);
  await side.got('POST /v1/test-clock/advance', { seconds: 1 });
  // The clock waits for the services; the gateway has to hear of the desk, too.
  await eventually('everything to be heard', () => books.heard());
};

it('T1 every operation has a recipe, and every recipe an operation', () => {
  expect(Object.keys(RECIPES).sort()).toEqual(operations.map(({ id }) => id).sort());
});

describe('ACC-1 T1 across accounts', () => {
  const calls = new Map<string, { mine: Call; theirs: Call }>();

  it('nobody of another account reads or changes anything', async () => {
    for (const { id } of known) calls.set(id, { mine: await RECIPES[id]!.call(b), theirs: await RECIPES[id]!.call(a) });
    const [screen, guest] = [await watch(url, b.brand.token), await (await b.chat()).guest.window(url)];
    await Promise.all([rest(a), rest(b)]);
    const before = await books.of(a.brand.account.id);
    const wrong: string[] = [];
    let asked = 0;
    for (const place of known.filter(({ id }) => !RECIPES[id]!.opensByItself)) {
      const { mine, theirs } = calls.get(place.id)!;
      const attempts: [string, Somebody, Call][] = [];
      for (const [who, somebody] of strangers) {
        const places = slots(mine, theirs);
        // Whoever has ids of A and asks as they would, unless asking so is the proof; then each id alone, among the stranger's own.
        if (places.length && scopeOf(place) !== 'public') attempts.push([`${who}, all of A's ids`, somebody, theirs]);
        for (const where of places) attempts.push([`${who}, ${where.join('.')} of A`, who === 'owner of B' && mine.as ? mine.as : somebody, withTheirs(mine, theirs, where)]);
      }
      for (const [who, somebody, scopes] of insiders) if (scopeOf(place) !== 'public' && !scopes.includes(scopeOf(place))) attempts.push([who, somebody, theirs]);
      for (const [who, somebody, call] of attempts) {
        const { status, text } = await send(url, place, call, somebody.token);
        asked += 1;
        if (text.toLowerCase().includes(a.mark)) wrong.push(named(`${who} reads A: ${text.slice(0, 300)}`, place));
        // A filter by what is not there finds nothing, and says so.
        const foundNothing = place.method === 'GET' && status === 200 && !place.path.includes('{id}') && call.query !== undefined;
        const inside = RECIPES[place.id]!.refusedInside;
        const isToldInside = inside !== undefined && [200, 202].includes(status) && text.includes(inside);
        if (![401, 403, 404].includes(status) && !foundNothing && !isToldInside) wrong.push(named(`${who} gets ${status} ${text.slice(0, 300)}`, place));
      }
      if (attempts.length) await unchanged(place, before, wrong);
    }
    await rest(b);
    await unchanged({ id: 'in the end' } as Placed, before, wrong);
    for (const frame of [...screen.all, ...guest.all]) if (JSON.stringify(frame).toLowerCase().includes(a.mark)) wrong.push(`a socket of B: ${JSON.stringify(frame).slice(0, 300)}`);
    expect(screen.all.length).toBeGreaterThan(0);
    await Promise.all([screen.close(), guest.close()]);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(operations.length);
  }, 300_000);

  const unchanged = async (place: Placed, before: Record<string, string>, wrong: string[]) => {
    const after = await books.of(a.brand.account.id);
    for (const [table, sum] of Object.entries(before)) if (after[table] !== sum) wrong.push(named(`A's ${table} has changed`, place));
    Object.assign(before, after);
  };

  it('A itself succeeds in everything, and what B asks of its own holds nothing of A', async () => {
    const wrong: string[] = [];
    for (const place of known) {
      const call = await RECIPES[place.id]!.call(a);
      const own = await send(url, place, call, call.as?.token ?? a.brand.token);
      if (own.status < 200 || own.status > 299) wrong.push(named(`A gets ${own.status} ${own.text.slice(0, 300)}`, place));
      const mine = await RECIPES[place.id]!.call(b);
      const other = await send(url, place, mine, mine.as?.token ?? b.brand.token);
      if (other.status < 200 || other.status > 299) wrong.push(named(`B gets ${other.status} ${other.text.slice(0, 300)}`, place));
      if (other.text.toLowerCase().includes(a.mark)) wrong.push(named(`B reads A: ${other.text.slice(0, 300)}`, place));
    }
    expect(wrong).toEqual([]);
  }, 300_000);

  it('ACC-6 every write of settings, people, keys, channels, the desk and privacy leaves exactly one entry, and the chain holds', async () => {
    const AUDITED = ['settings:admin', 'people:admin', 'channels:admin', 'webhooks:admin', 'desk:admin'];
    // By agents, without a scope of managers: what everybody works with, and who is whom.
    const TOO = ['views.create', 'views.update', 'views.remove', 'customerEvents.saveFilter', 'customerEvents.changeFilter', 'customerEvents.removeFilter', 'profileMerges.merge', 'profileMerges.undo', 'profiles.block', 'profiles.unblock'];
    const CHANGES_NOTHING_KEPT = ['clock.advance', 'routingRules.simulate'];
    const wrong: string[] = [];
    for (const place of known.filter((one) => one.method !== 'GET' && (AUDITED.includes(scopeOf(one)) || TOO.includes(one.id)) && !CHANGES_NOTHING_KEPT.includes(one.id))) {
      const call = await RECIPES[place.id]!.call(b);
      await rest(b);
      const before = (await b.got('GET /v1/audit-log/verification')).entries;
      const { status } = await send(url, place, call, b.brand.token);
      await rest(b);
      const { body: { items } } = await b.ask('GET /v1/audit-log?limit=3');
      const fresh = (await b.got('GET /v1/audit-log/verification')).entries - before;
      // An erasure leaves one when it is asked for and one when it is done.
      const wanted = place.id === 'privacy.erase' ? [1, 2] : [1];
      const [entry] = items;
      if (status > 299 || !wanted.includes(fresh)) wrong.push(named(`${status}, ${fresh} entries`, place));
      if (!entry?.actor.type || !entry.at || !entry.action || !/^[a-z-]+\/.+/.test(entry.resource) || (entry.actor.type === 'agent' && !entry.address)) wrong.push(named(`says too little: ${JSON.stringify(entry)}`, place));
    }
    expect(wrong).toEqual([]);
    expect(await b.got('GET /v1/audit-log/verification')).toMatchObject({ intact: true, brokenAt: null });
  }, 240_000);

  it('PRO-5 ACC-6 blocking and unblocking a customer are in the log, with who did it', async () => {
    const { id } = await b.profile();
    await b.got(`PUT /v1/profiles/${id}/block`, {});
    await b.got(`DELETE /v1/profiles/${id}/block`);
    const about = () => b.got('GET /v1/audit-log?limit=5').then(({ items }: Json) => items.filter(({ resource }: Json) => resource === `profile/${id}`) as Json[]);
    await eventually('both entries', async () => (await about()).length === 2);
    expect((await about()).map(({ action, actor, before, after }) => ({ action, who: actor.id, before, after }))).toEqual([
      { action: 'profile.unblocked', who: b.brand.owner.id, before: { blocked: true }, after: { blocked: false } },
      { action: 'profile.blocked', who: b.brand.owner.id, before: { blocked: false }, after: { blocked: true } },
    ]);
  });

  it('ACC-6 nobody changes an entry, and whoever does past every guard breaks the chain', async () => {
    const [entry] = await books.query<{ id: string }>('gateway', 'SELECT id FROM audit_entry WHERE account_id = $1 AND place = 3', [b.brand.account.id]);
    await expect(books.query('gateway', `UPDATE audit_entry SET actor_id = 'somebody else' WHERE id = $1`, [entry!.id])).rejects.toThrow('only added');
    await expect(books.query('gateway', 'DELETE FROM audit_entry WHERE id = $1', [entry!.id])).rejects.toThrow('only added');
    await books.query('gateway', 'ALTER TABLE audit_entry DISABLE TRIGGER audit_is_append_only');
    await books.query('gateway', `UPDATE audit_entry SET actor_id = 'somebody else' WHERE id = $1`, [entry!.id]);
    await books.query('gateway', 'ALTER TABLE audit_entry ENABLE TRIGGER audit_is_append_only');
    expect(await b.got('GET /v1/audit-log/verification')).toEqual({ intact: false, entries: 2, brokenAt: entry!.id });
    expect(await a.got('GET /v1/audit-log/verification')).toMatchObject({ intact: true });
  });

  it('the feed of B tells only of B, and B cannot resume at a place of A', async () => {
    const pages = async (side: Side) => {
      const items: Json[] = [];
      for (let after = 0; ; ) {
        const { body } = await side.ask(`GET /v1/feed?limit=500&after=${after}`);
        items.push(...body.items);
        if (body.nextAfter >= body.head) return items;
        after = body.nextAfter as number;
      }
    };
    const [ofA, ofB] = [await pages(a), await pages(b)];
    expect(JSON.stringify(ofA)).toContain(a.mark);
    expect(JSON.stringify(ofB)).toContain(b.mark);
    expect(JSON.stringify(ofB)).not.toContain(a.mark);
    expect(new Set(ofB.map(({ account }) => account))).toEqual(new Set([b.brand.account.id]));
    expect((await b.ask(`GET /v1/feed?after=${ofA.length + ofB.length + 1000}`)).status).toBe(410);
  });
});

describe('ACC-2 ACC-3 T4 within an account', () => {
  it('each role may ask what the table gives it, and nothing else', async () => {
    const wrong: string[] = [];
    for (const place of operations) {
      for (const role of ROLES) {
        const { status } = await send(url, place, blank(place), people[role].token);
        const may = scopeOf(place) === 'public' || scopeOf(place) === 'person' || (ROLE_SCOPES[role] as readonly string[]).includes(scopeOf(place));
        const refused = status === 401 || status === 403;
        if (may === refused && !(scopeOf(place) === 'public' && status === 401)) wrong.push(named(`${role} gets ${status}`, place));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('a key with every scope but the one is refused, and one with it alone is let in', async () => {
    const wrong: string[] = [];
    const scoped = operations.filter((place) => (SCOPES as readonly string[]).includes(scopeOf(place)));
    for (const scope of new Set(scoped.map(scopeOf))) {
      const [without, alone] = [await a.key(SCOPES.filter((one) => one !== scope)), await a.key([scope])];
      for (const place of scoped.filter((one) => scopeOf(one) === scope)) {
        const statuses = [(await send(url, place, blank(place), without.token)).status, (await send(url, place, blank(place), alone.token)).status];
        // Keys make no keys, whatever they may.
        if (statuses[0] !== 403 || (statuses[1] === 403 && place.id !== 'access.createApiKey') || statuses[1] === 401) wrong.push(named(`${scope}: ${statuses.join(' and ')}`, place));
      }
    }
    expect(wrong).toEqual([]);
  });

  /** Names nothing that there is. */
  const blank = ({ path }: Placed): Call => ({ path: Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, '01900000-0000-7000-8000-000000000000'])), headers: { 'if-match': '"v1"' } });
});

describe('T3 fields that nobody may send', () => {
  const OURS = ['role', 'account_id', 'accountId', 'account', 'id', 'created_at', 'createdAt', 'version', 'verified'];

  it('are refused by every write, each by its name', async () => {
    const wrong: string[] = [];
    for (const place of known.filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method))) {
      const call = await RECIPES[place.id]!.call(a);
      if (call.form) continue;
      const sent = fieldsSent(place);
      if (sent === null) continue;
      for (const field of new Set([...OURS, ...fieldsAnswered(place)])) {
        if (sent.includes(field) || place.path.includes(`{${field}}`)) continue;
        const { status, text } = await send(url, place, { ...call, body: { ...call.body, [field]: 'x' } }, call.as?.token ?? a.brand.token);
        if (status !== 400 || !text.includes(`/${field}"`)) wrong.push(named(`${field} gets ${status} ${text.slice(0, 200)}`, place));
      }
    }
    expect(wrong).toEqual([]);
  }, 300_000);

  const schemas = () => (town.api.document.components as { schemas: Record<string, Json> }).schemas;
  const resolved = (schema: Json): Json => (schema?.$ref ? schemas()[schema.$ref.split('/').at(-1)] : schema);
  /** Null where the body is a choice of shapes, whose fields differ. */
  const fieldsSent = ({ operation }: Placed): string[] | null => {
    const schema = resolved((operation as Json).requestBody?.content['application/json']?.schema);
    return schema?.oneOf || schema?.anyOf ? null : Object.keys(schema?.properties ?? {});
  };
  const fieldsAnswered = ({ operation }: Placed): string[] => {
    const [response] = Object.entries(operation.responses).filter(([status]) => status.startsWith('2')).map(([, one]) => one);
    return Object.keys(resolved((response as Json)?.content?.['application/json']?.schema)?.properties ?? {});
  };
});

describe('ACC-4 somebody who is deactivated', () => {
  it('is out: every session, every socket', async () => {
    const agent = await a.person('support');
    const sockets = [await watch(url, agent.token), await watch(url, agent.token)];
    const { version } = await a.got(`GET /v1/users/${agent.id}`);
    await a.got(`DELETE /v1/users/${agent.id}`, undefined, { headers: { 'if-match': `"v${version}"` } });
    await eventually('the session to end', async () => (await send(url, { method: 'GET', path: '/v1/me' }, {}, agent.token)).status === 401);
    await eventually('the sockets to end', () => sockets.every((socket) => socket.closedWith() === 4001));
    const heard = sockets.map((socket) => socket.all.length);
    await a.ticket();
    expect(sockets.map((socket) => socket.all.length)).toEqual(heard);
  });
});
