import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, allows, ROLE_SCOPES, type Role } from '@parley/contracts/access';
import type { Request } from '@parley/contracts/contract';
import { ALL_REQUESTS } from '@parley/contracts/everything';
import { endpointOf } from '@parley/contracts/http';
import supertest from 'supertest';
import { openDesk, PASSWORD, type Desk, type Shop, type Somebody } from './desk.js';

let desk: Desk;
let shop: Shop;
beforeAll(async () => {
  desk = await openDesk();
  shop = await desk.shop('test');
});
afterAll(() => desk?.close());

const EXPOSED = Object.entries(ALL_REQUESTS).flatMap(([group, requests]) => Object.entries(requests).map(([name, contract]) => ({ name: `${group}.${name}`, contract }))).filter(({ contract }) => endpointOf(contract));

/** How each of the gateway’s own operations succeeds: what an owner sends. An operation without a recipe fails the test. */
const RECIPES: Record<string, () => Promise<Parameters<Somebody['send']>[1]>> = {
  signUp: async () => ({ body: { name: 'New', owner: { name: 'N', email: `new${performance.now()}@shop.example`, password: PASSWORD } } }),
  login: async () => ({ body: { email: shop.owner.email, password: PASSWORD } }),
  refresh: async () => ({ body: { refreshToken: (await desk.nobody.ask(access.login, { email: shop.owner.email, password: PASSWORD })).refreshToken } }),
  logout: async () => ({ body: { refreshToken: 'whatever' } }),
  me: async () => ({}),
  setAvailability: async () => ({ body: { status: 'online' } }),
  getAccount: async () => ({}),
  updateAccount: async () => ({ body: { locale: 'de' }, headers: { 'if-match': `"v${(await shop.owner.ask(access.getAccount, {})).version}"` } }),
  listUsers: async () => ({}),
  createUser: async () => ({ body: { email: `made${performance.now()}@shop.example`, name: 'Made', role: 'analyst', password: PASSWORD } }),
  getUser: async () => ({ path: { id: shop.owner.id } }),
  updateUser: async () => ({ path: { id: await madeUser() }, body: { name: 'Changed' }, headers: { 'if-match': '"v1"' } }),
  deactivateUser: async () => ({ path: { id: await madeUser() }, headers: { 'if-match': '"v1"' } }),
  listApiKeys: async () => ({}),
  createApiKey: async () => ({ body: { name: 'k', scopes: ['reports:read'] } }),
  revokeApiKey: async () => ({ path: { id: (await shop.owner.ask(access.createApiKey, { name: 'k', scopes: ['reports:read'] })).id } }),
  listAudit: async () => ({}),
  checkAudit: async () => ({}),
};
const madeUser = async () => (await shop.owner.ask(access.createUser, { email: `made${performance.now()}@shop.example`, name: 'Made', role: 'analyst', password: PASSWORD })).id;

describe('who may do what (T4)', () => {
  const ROLES = Object.keys(ROLE_SCOPES) as Role[];
  const people = new Map<string, Somebody>();
  beforeAll(async () => {
    for (const role of ROLES) people.set(role, await shop.person(role));
    people.set('key', await shop.key(['reports:read']));
  });

  it.each(EXPOSED.filter(({ contract }) => contract.scope !== 'public'))('ACC-2 ACC-3 $name is open to whoever has its scope and to nobody else', async ({ contract }) => {
    for (const [who, somebody] of people) {
      const scopes = who === 'key' ? ['reports:read' as const] : [...ROLE_SCOPES[who as Role], 'person' as const];
      const may = allows(scopes, contract.scope);
      const { status, body } = await somebody.send(contract);
      if (contract.scope === 'visitor') expect({ who, refused: status === 401 || status === 503 }).toEqual({ who, refused: true });
      else if (may) expect({ who, code: body.code }).not.toEqual({ who, code: expect.stringMatching(/NOT_SIGNED_IN|SCOPE_MISSING/) });
      else expect({ who, status, code: body.code }).toEqual({ who, status: 403, code: 'SCOPE_MISSING' });
    }
    const nobody = await desk.nobody.send(contract);
    expect({ status: nobody.status, code: nobody.body.code }).toEqual({ status: 401, code: 'NOT_SIGNED_IN' });
  });

  it.each(Object.entries(access))('access.%s succeeds for an owner', async (name, contract) => {
    const recipe = RECIPES[name];
    if (!recipe) throw new Error(`access.${name} has no recipe`);
    const answer = await shop.owner.send(contract as Request, await recipe());
    expect({ status: answer.status, body: answer.status < 400 ? null : answer.body }).toEqual({ status: (contract as Request).status ?? 200, body: null });
  });

  it('ACC-6 each change of T4 leaves exactly one entry', async () => {
    const changes = ['setAvailability', 'updateAccount', 'createUser', 'updateUser', 'deactivateUser', 'createApiKey', 'revokeApiKey'] as const;
    await shop.owner.ask(access.setAvailability, { status: 'offline' });
    for (const name of changes) {
      const parts = await RECIPES[name]!();
      const before = await entries();
      expect((await shop.owner.send(access[name], parts)).status).toBeLessThan(300);
      expect({ name, left: (await entries()) - before }).toEqual({ name, left: 1 });
    }
  });
  const entries = async () => Number((await desk.gateway.tx((tx) => tx.sql<{ n: number }>('SELECT count(*) AS n FROM audit_entry'), { ...desk.gateway.by, account: shop.account }))[0]!.n);
});

describe('what is refused, and how', () => {
  const raw = () => supertest(desk.gateway.url);
  const signedIn = (request: supertest.Test) => request.set('authorization', `Bearer ${shop.owner.token}`);

  it.each<[string, () => supertest.Test, number, string]>([
    ['an unknown path', () => raw().get('/v1/nothing'), 404, 'NOT_FOUND'],
    ['a path that cannot be decoded', () => raw().get('/v1/users/%ZZ'), 400, 'VALIDATION_FAILED'],
    ['an id that is far too long', () => raw().get(`/v1/users/${'x'.repeat(200)}`), 404, 'NOT_FOUND'],
    ['a deeper path than there is', () => raw().get('/v1/users/1/2'), 404, 'NOT_FOUND'],
    ['an unknown method', () => raw().put('/v1/users'), 405, 'METHOD_NOT_ALLOWED'],
    ['malformed JSON', () => signedIn(raw().post('/v1/users').set('content-type', 'application/json')).send('{"name":'), 400, 'VALIDATION_FAILED'],
    ['a prototype in JSON', () => signedIn(raw().patch('/v1/settings/inbox').set({ 'content-type': 'application/json', 'if-match': '"v1"' })).send('{"values":{"__proto__":{"role":"owner"}}}'), 400, 'VALIDATION_FAILED'],
    ['another media type', () => signedIn(raw().post('/v1/users').set('content-type', 'text/plain')).send('name'), 415, 'MEDIA_TYPE_NOT_SUPPORTED'],
    ['more than 1 MiB', () => signedIn(raw().post('/v1/users')).send({ name: 'x'.repeat(1_100_000) }), 413, 'TOO_LARGE'],
    ['a page that is too long', () => signedIn(raw().get('/v1/users?limit=101')), 400, 'VALIDATION_FAILED'],
    ['an unknown field in a query', () => signedIn(raw().get('/v1/users?limt=5')), 400, 'VALIDATION_FAILED'],
    ['a change without If-Match', () => signedIn(raw().patch('/v1/account')).send({ name: 'x' }), 428, 'VERSION_MISSING'],
    ['a service that is away', () => signedIn(raw().get('/v1/tickets')), 503, 'UNAVAILABLE'],
    ['a webhook when channels is away', () => raw().post('/hooks/anything').send('a=1'), 503, 'UNAVAILABLE'],
  ])('answers %s as problem+json', async (_what, ask, status, code) => {
    const answer = await ask();
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ type: `urn:parley:problem:${code.toLowerCase().replaceAll('_', '-')}`, title: expect.any(String), status, code, detail: expect.any(String), traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(answer.text).not.toMatch(/ at .*\.(ts|js):\d+|node_modules/);
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'strict-transport-security': expect.any(String) });
    if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    if (status === 405) expect(answer.headers['allow']).toBe('GET, POST');
  });

  it('names every field that is wrong, and every field that is unknown', async () => {
    const answer = await shop.owner.send(access.createUser, { body: { email: 'no address', name: 'x', role: 'king', password: 'short', id: 'mine', accountId: 'other' } });
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(['/accountId', '/email', '/id', '/password', '/role']);
  });

  it('refuses every unknown field of every own write, and changes nothing by it (T3)', async () => {
    for (const [name, contract] of Object.entries(access).filter(([, contract]) => endpointOf(contract)!.carrier === 'body')) {
      const parts = (await RECIPES[name]!()) as { body: object };
      for (const field of ['createdAt', 'version', 'verified', 'account_id', 'active_', 'constructor']) {
        const answer = await shop.owner.send(contract as Request, { ...parts, body: { ...parts.body, [field]: 1 } });
        expect({ name, field, status: answer.status }).toEqual({ name, field, status: 400 });
      }
    }
  });

  it('shows the trace that the caller began', async () => {
    const trace = '0af7651916cd43dd8448eb211c80319c';
    expect((await raw().get('/v1/nothing').set('traceparent', `00-${trace}-b7ad6b7169203331-01`)).body.traceId).toBe(trace);
  });

  it('is not moved by headers that claim an identity or an address (19)', async () => {
    const spoofed = { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9', 'parley-actor': 'x', 'x-account-id': shop.account, 'x-user-id': shop.owner.id, 'x-role': 'owner' };
    expect((await raw().get('/v1/me').set(spoofed)).status).toBe(401);
    await signedIn(raw().patch('/v1/account').set(spoofed).set('if-match', `"v${(await shop.owner.ask(access.getAccount, {})).version}"`)).send({ locale: 'fr' });
    expect((await shop.owner.ask(access.listAudit, { limit: 1 })).items[0]!.address).toBe('127.0.0.1');
  });

  it('allows foreign pages on the widget’s paths only', async () => {
    const origin = 'https://shop.example';
    expect((await raw().options('/v1/webchat/messages').set({ origin, 'access-control-request-method': 'POST' })).headers).toMatchObject({ 'access-control-allow-origin': origin, 'access-control-allow-headers': expect.stringContaining('authorization') });
    expect((await raw().get('/v1/webchat/key/config').set({ origin })).headers['access-control-allow-origin']).toBe(origin);
    expect((await signedIn(raw().get('/v1/me').set({ origin }))).headers).not.toHaveProperty('access-control-allow-origin');
    expect((await raw().options('/v1/me').set({ origin, 'access-control-request-method': 'GET' })).headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('serves the OpenAPI document, and pages to browse it from here alone', async () => {
    expect((await raw().get('/openapi.json')).body.openapi).toBe('3.1.0');
    const page = await raw().get('/docs');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) expect({ path, status: (await raw().get(path!)).status }).toEqual({ path, status: 200 });
  });
});

describe('how often', () => {
  it('every answer tells the bucket, and an empty one says when to come again', async () => {
    const strict = await openDesk({ PARLEY_RATE_LIMIT_PER_MINUTE: '3' });
    try {
      const shop = await strict.shop();
      // One comes back every 20 seconds: far more than these take.
      const answers = await Promise.all(Array.from({ length: 8 }, () => shop.owner.send(access.me)));
      for (const { headers } of answers) expect(headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': expect.any(String), 'ratelimit-reset': expect.any(String) });
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(5);
      expect(refused[0]!.body.code).toBe('RATE_LIMITED');
      expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThan(0);
      expect((await supertest(strict.gateway.url).get('/v1/nothing')).headers).toHaveProperty('ratelimit-remaining');
      // Webhooks are never limited: 503 here, as no channels is there.
      expect((await Promise.all(Array.from({ length: 40 }, () => supertest(strict.gateway.url).post('/hooks/x').send('x')))).map(({ status }) => status)).not.toContain(429);
    } finally {
      await strict.close();
    }
  });

  it('an installation may close its sign-up', async () => {
    const closed = await openDesk({ PARLEY_SIGN_UP: 'closed' });
    try {
      await expect(closed.shop()).rejects.toMatchObject({ code: 'SIGN_UP_CLOSED' });
    } finally {
      await closed.close();
    }
  });
});
