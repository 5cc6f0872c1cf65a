import { ROLE_SCOPES } from '@parley/contracts/access';
import { eventually } from '../demo/waiting.js';
import type { Json } from '../e2e/api.js';
import { watch } from '../e2e/people.js';
import { openTown, type Town } from '../e2e/town.js';
import { operationsOf, send, slots, withTheirs, type Call, type Placed } from './calls.js';
import { openBooks, type Books } from './checksum.js';
import { RECIPES } from './recipes.js';
import { openSide, type Side, type Somebody } from './side.js';

export const ROLES = ['owner', 'admin', 'manager', 'support', 'analyst'] as const;
export type Role = (typeof ROLES)[number];

/** Two accounts of one system, and everybody who asks there. */
export interface Stage {
  town: Town;
  books: Books;
  url: string;
  operations: Placed[];
  /** Those that can be asked: with a recipe. */
  known: Placed[];
  a: Side;
  b: Side;
  /** Of A, by role. */
  people: Record<Role, Somebody>;
  strangers: [string, Somebody][];
  /** Of A's own, but without the right: an analyst, and a key with one scope that hardly anything asks for. */
  insiders: [string, Somebody, readonly string[]][];
  close(): Promise<void>;
}

export async function openStage(plan: Parameters<typeof openTown>[0] = {}): Promise<Stage> {
  const town = await openTown({ replicas: {}, ...plan, env: { PARLEY_RATE_LIMIT_PER_MINUTE: '1000000', ...plan.env } });
  const [url] = town.system.gatewayUrls as [string];
  const books = await openBooks(town.system);
  const operations = operationsOf(town.api.document);
  const [a, b] = [await openSide(town, 'a'), await openSide(town, 'b')];
  const people = { owner: { token: a.brand.token, id: a.brand.owner.id } } as Stage['people'];
  for (const role of ROLES.slice(1)) people[role] = await a.person(role);
  const strangers: Stage['strangers'] = [['owner of B', { token: b.brand.token, id: b.brand.owner.id }], ['support of B', await b.person('support')], ['visitor of B', { token: (await b.chat()).guest.token, id: '' }], ['nobody', { token: '', id: '' }]];
  const insiders: Stage['insiders'] = [['analyst of A', people.analyst, [...ROLE_SCOPES.analyst, 'person']], ['key of A', await a.key(['webhooks:admin']), ['webhooks:admin']]];
  const close = async () => {
    await books.close();
    await town.close();
  };
  return { town, books, url, operations, known: operations.filter(({ id }) => id in RECIPES), a, b, people, strangers, insiders, close };
}

export const scopeOf = ({ operation }: Placed) => operation['x-scope'];
const named = (what: string, { id }: Pick<Placed, 'id'>) => `${id}: ${what}`;
/** Until nothing goes on any more: erasures that recipes began, and what they set off. */
export const rest = async ({ books }: Stage, side: Side) => {
  await eventually('erasures to end', async () => (await books.query('gateway', 'SELECT 1 FROM erase_due')).length === 0, 60);
  await side.got('POST /v1/test-clock/advance', { seconds: 1 });
};

/** T1: whoever is of another account, or has no right, asks with A's ids, each alone and all together. What was read or changed that should not have been. */
export async function crossAccounts(stage: Stage, places: Placed[]): Promise<{ wrong: string[]; asked: number }> {
  const { a, b, url, books } = stage;
  const calls = new Map<string, { mine: Call; theirs: Call }>();
  for (const { id } of places) calls.set(id, { mine: await RECIPES[id]!.call(b), theirs: await RECIPES[id]!.call(a) });
  const [screen, guest] = [await watch(url, b.brand.token), await (await b.chat()).guest.window(url)];
  await Promise.all([rest(stage, a), rest(stage, b)]);
  const before = await books.of(a.brand.account.id);
  const wrong: string[] = [];
  let asked = 0;
  const unchanged = async (place: Pick<Placed, 'id'>) => {
    const after = await books.of(a.brand.account.id);
    for (const [table, sum] of Object.entries(before)) if (after[table] !== sum) wrong.push(named(`A's ${table} has changed`, place));
    Object.assign(before, after);
  };
  for (const place of places.filter(({ id }) => !RECIPES[id]!.opensByItself)) {
    const attempts = attemptsAt(stage, place, calls.get(place.id)!);
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
    if (attempts.length) await unchanged(place);
  }
  await rest(stage, b);
  await unchanged({ id: 'in the end' });
  for (const frame of [...screen.all, ...guest.all]) if (JSON.stringify(frame).toLowerCase().includes(a.mark)) wrong.push(`a socket of B: ${JSON.stringify(frame).slice(0, 300)}`);
  if (!screen.all.length) wrong.push('a socket of B heard nothing at all');
  await Promise.all([screen.close(), guest.close()]);
  return { wrong, asked };
}

function attemptsAt({ strangers, insiders }: Stage, place: Placed, { mine, theirs }: { mine: Call; theirs: Call }) {
  const attempts: [string, Somebody, Call][] = [];
  const places = slots(mine, theirs);
  for (const [who, somebody] of strangers) {
    // Whoever has ids of A and asks as they would, unless asking so is the proof; then each id alone, among the stranger's own.
    if (places.length && scopeOf(place) !== 'public') attempts.push([`${who}, all of A's ids`, somebody, theirs]);
    for (const where of places) attempts.push([`${who}, ${where.join('.')} of A`, who === 'owner of B' && mine.as ? mine.as : somebody, withTheirs(mine, theirs, where)]);
  }
  for (const [who, somebody, scopes] of insiders) if (scopeOf(place) !== 'public' && !scopes.includes(scopeOf(place))) attempts.push([who, somebody, theirs]);
  return attempts;
}

/** T1: everybody succeeds in what is their own, and finds nothing of the others there. */
export async function ownAnswers({ a, b, url }: Stage, places: Placed[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const place of places) {
    const call = await RECIPES[place.id]!.call(a);
    const own = await send(url, place, call, call.as?.token ?? a.brand.token);
    if (own.status < 200 || own.status > 299) wrong.push(named(`A gets ${own.status} ${own.text.slice(0, 300)}`, place));
    const mine = await RECIPES[place.id]!.call(b);
    const other = await send(url, place, mine, mine.as?.token ?? b.brand.token);
    if (other.status < 200 || other.status > 299) wrong.push(named(`B gets ${other.status} ${other.text.slice(0, 300)}`, place));
    if (other.text.toLowerCase().includes(a.mark)) wrong.push(named(`B reads A: ${other.text.slice(0, 300)}`, place));
  }
  return wrong;
}

/** ACC-6: writes that leave another number of audit entries than one, or one that says too little. */
export async function unaudited(stage: Stage, places: Placed[]): Promise<string[]> {
  const { b, url } = stage;
  const wrong: string[] = [];
  for (const place of places) {
    const call = await RECIPES[place.id]!.call(b);
    await rest(stage, b);
    const before = (await b.got('GET /v1/audit-log/verification')).entries;
    const { status } = await send(url, place, call, b.brand.token);
    await rest(stage, b);
    const { body: { items } } = await b.ask('GET /v1/audit-log?limit=3');
    const fresh = await eventually('the entry', async () => (await b.got('GET /v1/audit-log/verification')).entries - before).catch(() => 0);
    // An erasure leaves one when it is asked for and one when it is done.
    const wanted = place.id === 'privacy.erase' ? [1, 2] : [1];
    const [entry] = items as Json[];
    if (status > 299 || !wanted.includes(fresh)) wrong.push(named(`${status}, ${fresh} entries`, place));
    if (!entry?.actor.type || !entry.at || !entry.action || !/^[a-z-]+\/.+/.test(entry.resource) || (entry.actor.type === 'agent' && !entry.address)) wrong.push(named(`says too little: ${JSON.stringify(entry)}`, place));
  }
  return wrong;
}

/** The feed of an account, whole. */
export async function feedOf(side: Side): Promise<Json[]> {
  const items: Json[] = [];
  for (let after = 0; ; ) {
    const { body } = await side.ask(`GET /v1/feed?limit=500&after=${after}`);
    items.push(...body.items);
    if (body.nextAfter >= body.head) return items;
    after = body.nextAfter as number;
  }
}

/** Names nothing that there is. */
export const blank = ({ path }: Placed): Call => ({ path: Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, '01900000-0000-7000-8000-000000000000'])), headers: { 'if-match': '"v1"' } });

/** T4: each role may ask what the table gives it, and nothing else. */
export async function roles({ url, people }: Stage, places: Placed[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const place of places) {
    for (const role of ROLES) {
      const { status } = await send(url, place, blank(place), people[role].token);
      const may = scopeOf(place) === 'public' || scopeOf(place) === 'person' || (ROLE_SCOPES[role] as readonly string[]).includes(scopeOf(place));
      const refused = status === 401 || status === 403;
      if (may === refused && !(scopeOf(place) === 'public' && status === 401)) wrong.push(named(`${role} gets ${status}`, place));
    }
  }
  return wrong;
}

/** T4: keys with every scope but the one, and with it alone. */
export async function keys({ url, a }: Stage, places: Placed[], scopes: readonly string[]): Promise<string[]> {
  const wrong: string[] = [];
  const scoped = places.filter((place) => scopes.includes(scopeOf(place)));
  for (const scope of new Set(scoped.map(scopeOf))) {
    const [without, alone] = [await a.key(scopes.filter((one) => one !== scope)), await a.key([scope])];
    for (const place of scoped.filter((one) => scopeOf(one) === scope)) {
      const statuses = [(await send(url, place, blank(place), without.token)).status, (await send(url, place, blank(place), alone.token)).status];
      // Keys make no keys, whatever they may.
      if (statuses[0] !== 403 || (statuses[1] === 403 && place.id !== 'access.createApiKey') || statuses[1] === 401) wrong.push(named(`${scope}: ${statuses.join(' and ')}`, place));
    }
  }
  return wrong;
}

const OURS = ['role', 'account_id', 'accountId', 'account', 'id', 'created_at', 'createdAt', 'version', 'verified'];

/** T3: fields that nobody may send, each refused by its name. */
export async function strangeFields({ url, a, town }: Stage, places: Placed[]): Promise<string[]> {
  const { schemas } = town.api.document.components as { schemas: Record<string, Json> };
  const resolved = (schema: Json): Json => (schema?.$ref ? schemas[schema.$ref.split('/').at(-1)] : schema);
  /** Null where the body is a choice of shapes, whose fields differ. */
  const fieldsSent = ({ operation }: Placed): string[] | null => {
    const schema = resolved((operation as Json).requestBody?.content['application/json']?.schema);
    return schema?.oneOf || schema?.anyOf ? null : Object.keys(schema?.properties ?? {});
  };
  const fieldsAnswered = ({ operation }: Placed): string[] => {
    const [response] = Object.entries(operation.responses).filter(([status]) => status.startsWith('2')).map(([, one]) => one);
    return Object.keys(resolved((response as Json)?.content?.['application/json']?.schema)?.properties ?? {});
  };
  const wrong: string[] = [];
  for (const place of places.filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method))) {
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
  return wrong;
}

/** ACC-4: what somebody can still do, or hears, after they were deactivated. */
export async function deactivated({ a, url }: Stage): Promise<string[]> {
  const agent = await a.person('support');
  const sockets = [await watch(url, agent.token), await watch(url, agent.token)];
  const { version } = await a.got(`GET /v1/users/${agent.id}`);
  await a.got(`DELETE /v1/users/${agent.id}`, undefined, { headers: { 'if-match': `"v${version}"` } });
  const wrong: string[] = [];
  const happens = async (what: string, is: () => boolean | Promise<boolean>) => wrong.length === 0 && eventually(what, is, 30).catch(() => wrong.push(`in vain: ${what}`));
  await happens('the session to end', async () => (await send(url, { method: 'GET', path: '/v1/me' }, {}, agent.token)).status === 401);
  await happens('the sockets to end', () => sockets.every((socket) => socket.closedWith() === 4001));
  const heard = sockets.map((socket) => socket.all.length);
  await a.ticket();
  sockets.forEach((socket, at) => {
    if (socket.all.length !== heard[at]) wrong.push(`a socket still hears: ${JSON.stringify(socket.all.at(-1)).slice(0, 300)}`);
  });
  await Promise.all(sockets.map((socket) => socket.close()));
  return wrong;
}
