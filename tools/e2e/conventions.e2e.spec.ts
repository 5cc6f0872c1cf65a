import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '../demo/waiting.js';
import type { Answer, Json, Operation } from './api.js';
import { mails, texts, thread, ticketWith, visit } from './people.js';
import { openTown, type Brand, type Town } from './town.js';

// The conventions of the public API, on a whole system. Every answer is held against /openapi.json by the client itself.
let town: Town;
let brand: Brand;
let sms: Json;
let ticket: Json;

beforeAll(async () => {
  town = await openTown();
  brand = await town.brand();
  sms = await brand.connect.sms();
  await texts(sms, { from: '+15035550142', body: 'Where is my order?' });
  ticket = await ticketWith(brand, 'Where is my order?');
});
afterAll(() => town?.close());

const current = async () => (await brand.ask(`GET /v1/tickets/${ticket.id}`)).body as Json;
const ifMatch = (version: number) => ({ headers: { 'if-match': `"v${version}"` } });
const problem = ({ status, body, headers }: Answer) => ({ status, code: body.code as string, type: headers.get('content-type')?.split(';')[0], ...(body.errors && { errors: body.errors }) });

describe('fields', () => {
  it('an unknown one is refused and named', async () => {
    expect(problem(await brand.ask('POST /v1/profiles', { email: 'a@b.example', nonsense: 1 }))).toEqual({
      status: 400, code: 'VALIDATION_FAILED', type: 'application/problem+json', errors: [expect.objectContaining({ message: expect.stringMatching(/nonsense|known/i) })],
    });
  });

  it('all faults are told at once, each by its pointer', async () => {
    const { body } = await brand.ask('POST /v1/channels', { type: 'sms', name: '', settings: { phoneNumber: 'Acme' }, credentials: { accountSid: 'x', authToken: 'short' } });
    expect(body.errors.map(({ pointer }: Json) => pointer)).toEqual(expect.arrayContaining(['/name', '/settings/phoneNumber', '/credentials/accountSid', '/credentials/authToken']));
  });

  it('SMS-6 an alphanumeric sender id is refused for a channel', async () => {
    const { status, body } = await brand.ask('POST /v1/channels', { type: 'sms', name: 'Texts', settings: { phoneNumber: 'ACME' }, credentials: { accountSid: 'ACtest', authToken: 'long enough' } });
    expect([status, body.errors[0].pointer]).toEqual([400, '/settings/phoneNumber']);
  });

  it('credentials are never read back', async () => {
    const { body } = await brand.ask(`GET /v1/channels/${sms.id}`);
    expect(JSON.stringify(body)).not.toMatch(/credential|authToken|pretend-auth/);
  });

  it('a body that is no JSON, no object, or of another type is refused', async () => {
    const send = (headers: Record<string, string>, body: string) => fetch(`${town.system.gatewayUrls[0]}/v1/profiles`, { method: 'POST', headers: { authorization: `Bearer ${brand.token}`, ...headers }, body });
    expect((await send({ 'content-type': 'application/json' }, '{')).status).toBe(400);
    expect((await send({ 'content-type': 'application/json' }, '[]')).status).toBe(400);
    expect((await send({ 'content-type': 'text/plain' }, 'a')).status).toBe(415);
  });
});

describe('versions', () => {
  it('TKT-7 a change without If-Match is 428, a stale one 412 with the current state, a fresh one goes through', async () => {
    const { version } = await current();
    expect(problem(await brand.ask(`PATCH /v1/tickets/${ticket.id}`, { priority: 'high' }))).toMatchObject({ status: 428, code: 'VERSION_MISSING' });
    const changed = await brand.ask(`PATCH /v1/tickets/${ticket.id}`, { priority: 'high' }, ifMatch(version));
    expect(changed.body).toMatchObject({ priority: 'high', version: version + 1 });
    expect(changed.headers.get('etag')).toBe(`"v${version + 1}"`);
    const stale = await brand.ask(`PATCH /v1/tickets/${ticket.id}`, { priority: 'low' }, ifMatch(version));
    expect(problem(stale)).toMatchObject({ status: 412, code: 'VERSION_STALE' });
    expect(stale.body.current).toMatchObject({ id: ticket.id, priority: 'high', version: version + 1 });
  });
});

describe('Idempotency-Key', () => {
  const key = () => ({ headers: { 'idempotency-key': randomUUID() } });

  it('the same request again gets the same answer and happens once', async () => {
    const once = key();
    const first = await brand.ask(`POST /v1/tickets/${ticket.id}/notes`, { text: 'call back' }, once);
    const again = await town.api2.call(`POST /v1/tickets/${ticket.id}/notes`, { token: brand.token, body: { text: 'call back' }, ...once });
    expect(again).toMatchObject({ status: 201, body: first.body });
    const { body } = await brand.ask(`GET /v1/tickets/${ticket.id}/messages`);
    expect(body.notes.filter(({ text }: Json) => text === 'call back')).toHaveLength(1);
  });

  it('twenty at the same moment, through two gateways, happen once', async () => {
    const once = key();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => (at % 2 ? town.api : town.api2).call(`POST /v1/tickets/${ticket.id}/notes`, { token: brand.token, body: { text: 'twenty' }, ...once })),
    );
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    const { body } = await brand.ask(`GET /v1/tickets/${ticket.id}/messages`);
    expect(body.notes.filter(({ text }: Json) => text === 'twenty')).toHaveLength(1);
  });

  it('another request under the same key is refused', async () => {
    const once = key();
    await brand.ask(`POST /v1/tickets/${ticket.id}/notes`, { text: 'one' }, once);
    expect(problem(await brand.ask(`POST /v1/tickets/${ticket.id}/notes`, { text: 'two' }, once))).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is one account’s own', async () => {
    const once = key();
    const other = await town.brand();
    await brand.ask('POST /v1/profiles', { externalId: 'same-key' }, once);
    const { status, body } = await other.ask('POST /v1/profiles', { externalId: 'other' }, once);
    expect([status, body.externalId]).toEqual([201, 'other']);
  });
});

describe('pages', () => {
  it('neither skip nor repeat while others write', async () => {
    for (let at = 0; at < 7; at += 1) await brand.ask('POST /v1/profiles', { externalId: `page-${at}` });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await brand.ask(`GET /v1/profiles?limit=3${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(body.items.length).toBeLessThanOrEqual(3);
      seen.push(...body.items.map(({ externalId }: Json) => externalId as string));
      await brand.ask('POST /v1/profiles', { externalId: `between-${seen.length}` });
      cursor = body.nextCursor ?? '';
    } while (cursor);
    expect(seen.filter((id) => id?.startsWith('page-')).sort()).toEqual(Array.from({ length: 7 }, (_, at) => `page-${at}`));
    expect(new Set(seen).size).toBe(seen.length);
    expect(problem(await brand.ask('GET /v1/profiles?cursor=nonsense'))).toMatchObject({ status: 400 });
    expect(problem(await brand.ask('GET /v1/profiles?limit=101'))).toMatchObject({ status: 400 });
  });
});

describe('who may ask', () => {
  const operations = () =>
    Object.entries(town.api.document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));
  const filled = (path: string) => path.replace('{metric}', 'closes').replace('{area}', 'inbox').replace('{kind}', 'email').replace('{widgetKey}', 'none').replace(/\{\w+\}/g, randomUUID());
  const needs = ({ method, operation }: { method: string; operation: Operation }) => ({
    headers: operation.parameters.some(({ name }) => name === 'If-Match') ? { 'if-match': '"v1"' } : undefined,
    body: ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined,
  });

  it('ACC-3 nobody without signing in, wherever the document asks for it', async () => {
    const guarded = operations().filter(({ operation }) => operation.security.length > 0);
    expect(guarded.length).toBeGreaterThan(40);
    for (const one of guarded) {
      for (const token of [undefined, 'plk_test_nonsense', `${brand.token}x`]) expect([one.method, one.path, (await town.api.call(`${one.method} ${filled(one.path)}`, { token, ...needs(one) })).status]).toEqual([one.method, one.path, 401]);
    }
  });

  it('ACC-3 a key only as far as its scopes reach, until it is revoked', async () => {
    const { body: made } = await brand.ask('POST /v1/api-keys', { name: 'reader', scopes: ['tickets:read'] });
    const ask = (question: string, body?: unknown, headers?: Record<string, string>) => town.api.call(question, { token: made.key, body, headers });
    expect((await ask('GET /v1/tickets')).status).toBe(200);
    expect(problem(await ask(`POST /v1/tickets/${ticket.id}/messages`, { text: 'x' }))).toMatchObject({ status: 403, code: 'SCOPE_MISSING' });
    expect(problem(await ask('GET /v1/feed'))).toMatchObject({ status: 403 });
    expect(JSON.stringify((await brand.ask('GET /v1/api-keys')).body)).not.toContain(made.key);
    await brand.ask(`DELETE /v1/api-keys/${made.id}`);
    await eventually('the key is refused by both gateways', async () => (await Promise.all([town.api, town.api2].map((api) => api.call('GET /v1/tickets', { token: made.key })))).every(({ status }) => status === 401));
  });

  it.each([
    ['ACC-2', 'support', 'GET /v1/tickets', 200],
    ['ACC-2', 'support', 'GET /v1/reports/catalogue', 403],
    ['ACC-2', 'manager', 'GET /v1/reports/catalogue', 200],
    ['ACC-2', 'analyst', 'GET /v1/reports/catalogue', 200],
    ['ACC-2', 'analyst', 'GET /v1/tickets', 403],
    ['ACC-2', 'manager', 'GET /v1/api-keys', 403],
    ['ACC-2', 'admin', 'GET /v1/api-keys', 200],
  ])('%s a %s asking %s gets %i', async (_rule, role, question, status) => {
    const email = `${role}-${randomUUID()}@people.example`;
    await brand.ask('POST /v1/users', { email, name: role, role, password: brand.password });
    const { body } = await town.api.call('POST /v1/auth/login', { body: { email, password: brand.password } });
    expect((await town.api.call(question, { token: body.accessToken })).status).toBe(status);
  });

  it('ACC-1 what belongs to another account does not exist', async () => {
    const stranger = await town.brand();
    const profileId = ticket.profile.id as string;
    const mine: Record<string, string> = { '/v1/tickets/': ticket.id, '/v1/profiles/': profileId, '/v1/channels/': sms.id, '/v1/users/': brand.owner.id, '/v1/timers/': randomUUID(), '/v1/api-keys/': randomUUID() };
    const bodies: Record<string, object> = {
      'PUT /v1/profiles/{id}/consents/{kind}': { state: 'granted', source: 'x' }, 'POST /v1/tickets/{id}/messages': { text: 'x' }, 'POST /v1/tickets/{id}/notes': { text: 'x' }, 'PUT /v1/tickets/{id}/snooze': { preset: 'tomorrow' },
    };
    // What needs a body with ids of its own is asked by the matrix of tools/security.
    const asked = ({ method, path, operation }: ReturnType<typeof operations>[number]) => !operation.requestBody || `${method} ${path}` in bodies;
    const owned = operations().filter((one) => Object.keys(mine).some((begin) => one.path.startsWith(`${begin}{id}`)) && one.operation.security.length > 0 && asked(one));
    expect(owned.length).toBeGreaterThan(20);
    for (const one of owned) {
      const prefix = Object.keys(mine).find((begin) => one.path.startsWith(begin)) ?? '';
      const path = filled(one.path.replace('{id}', ':id'));
      const answerTo = async (id: string) => {
        const more = needs(one);
        const { status, body } = await stranger.ask(`${one.method} ${path.replace(':id', id)}`, more.body && { ...more.body, ...bodies[`${one.method} ${one.path}`] }, { headers: more.headers });
        return { status, code: body.code as string, detail: String(body.detail).replaceAll(id, '…') };
      };
      const [theirs, none] = [await answerTo(mine[prefix] ?? ''), await answerTo(randomUUID())];
      expect({ ...one, operation: undefined, ...theirs }).toEqual({ ...one, operation: undefined, ...none, status: 404 });
    }
    expect((await stranger.ask('GET /v1/tickets')).body.items).toEqual([]);
    expect((await stranger.ask('GET /v1/feed')).body.items).toEqual([]);
    expect((await stranger.ask(`GET /v1/tickets?profileId=${profileId}`)).body.items).toEqual([]);
    expect((await current()).status).toBe('open');
  });

  it('ACC-4 a refresh token is good once; using it again ends the session', async () => {
    const { body: first } = await town.api.call('POST /v1/auth/login', { body: { email: brand.owner.email, password: brand.password } });
    const refresh = (refreshToken: string) => town.api.call('POST /v1/auth/refresh', { body: { refreshToken } });
    const { body: second } = await refresh(first.refreshToken);
    expect(problem(await refresh(first.refreshToken))).toMatchObject({ status: 401, code: 'SESSION_REVOKED' });
    expect(problem(await refresh(second.refreshToken))).toMatchObject({ status: 401 });
  });
});

describe('while a part is away', () => {
  it('questions to it are answered 503 at once, and messages are still taken', async () => {
    const chat = await brand.connect.webchat();
    const guest = await visit(town.api, chat, { id: 'patient', email: 'patient@customer.example' });
    const replicas = town.system.replicasOf('tickets');
    await Promise.all(replicas.map((replica) => replica.kill()));
    const away = await eventually('503', async () => {
      const answer = await brand.ask('GET /v1/tickets');
      return answer.status === 503 && answer;
    });
    expect(problem(away)).toMatchObject({ code: 'UNAVAILABLE', type: 'application/problem+json' });
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await brand.ask('GET /v1/me')).status).toBe(200);
    expect((await texts(sms, { from: '+15035550142', body: 'Still there?' })).status).toBeLessThan(300);
    expect((await guest.ask('POST /v1/webchat/messages', { clientId: 'a', text: 'Anybody?' })).status).toBe(202);
    await Promise.all(replicas.map((replica) => replica.start()));
    await ticketWith(brand, 'Anybody?');
    await ticketWith(brand, 'Still there?');
    expect(await thread(brand, ticket.id)).toEqual(['Where is my order?', 'Still there?']);
  });

  it('without the broker texts and mails are still taken, and arrive once it is back', async () => {
    const mailbox = await brand.connect.email();
    const broker = town.system.servers.nats.child;
    await broker?.kill();
    expect((await texts(sms, { from: '+15035550143', body: 'Text without a broker' })).status).toBeLessThan(300);
    await mails(town.smtpPort, { from: 'kim@customer.example', to: mailbox.address, via: mailbox.forwardingAddress, subject: 'Mail', text: 'Mail without a broker' });
    const away = await brand.ask('GET /v1/tickets');
    expect([away.status, Number(away.headers.get('retry-after')) > 0]).toEqual([503, true]);
    await broker?.start();
    await eventually('an answer', async () => (await brand.ask('GET /v1/tickets')).status === 200);
    expect((await ticketWith(brand, 'Text without a broker')).channel).toBe('sms');
    expect((await ticketWith(brand, 'Mail without a broker')).channel).toBe('email');
  });
});
