import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { webchat, type ChatMessage } from '@parley/contracts/webchat';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import supertest from 'supertest';
import { WebSocket } from 'ws';
import { gatewayApp } from '../src/gateway.app.js';
import { VisitorsService } from '../src/live/visitors.service.js';
import { openDesk, type Desk } from './desk.js';

const SHOP = 'https://shop.example';
const account = newId();
const session = newId();
const nextSession = newId();
/** Of a visitor who writes too much: their limit is their own. */
const busySession = newId();
/** Stands in for channels: a visitor, whose token is `visitor-token`, and one with `busy-token`. */
const world = { thread: [] as ChatMessage[], open: true, moved: false, leases: new Map<string, boolean>(), slowMs: 0, said: [] as object[] };
const threads = () => world.thread;
@Controller()
class Channels {
  @Handles(webchat.authenticate)
  async authenticate({ sessionToken, origin }: Input<typeof webchat.authenticate>) {
    if (!['visitor-token', 'busy-token'].includes(sessionToken)) throw new ContractError('SESSION_REVOKED', 'Not known');
    if (origin && origin !== SHOP) throw new ContractError('ORIGIN_NOT_ALLOWED', 'Not there');
    return { account, sessionId: sessionToken === 'busy-token' ? busySession : session, open: world.open };
  }
  @Handles(webchat.admits)
  async admits({ origin }: Input<typeof webchat.admits>) { return { allowed: origin === SHOP }; }
  @Handles(webchat.config)
  async config({ origin, identity }: Input<typeof webchat.config>) {
    if (origin && origin !== SHOP) throw new ContractError('ORIGIN_NOT_ALLOWED', 'Not there');
    world.said.push({ identity });
    return { visible: false as const, enabled: true, visibility: 'all' as const };
  }
  @Handles(webchat.messages)
  async messages({ afterSeq, limit }: Input<typeof webchat.messages>, by: Actor) {
    const mine = by.id === session && by.account === account && world.open ? threads() : [];
    return { items: mine.filter(({ seq }) => seq > afterSeq).slice(0, limit), open: by.id === nextSession || world.open, readUpToSeq: 0 };
  }
  @Handles(webchat.send)
  async send(input: Input<typeof webchat.send>, by: Actor) {
    world.said.push({ ...input, by: by.id });
    return { id: newId(), clientId: input.clientId, acceptedAt: '2026-11-20T12:00:00.000Z', sessionId: world.moved ? nextSession : session };
  }
  @Handles(webchat.read)
  async read(input: Input<typeof webchat.read>) { world.said.push(input); return {}; }
  @Handles(webchat.end)
  async end() { world.said.push({ end: true }); return {}; }
  @Handles(webchat.presence)
  async presence({ sessionId, leaseId, alive }: Input<typeof webchat.presence>) {
    if (!alive) await new Promise((resolve) => setTimeout(resolve, world.slowMs));
    world.leases.set(`${sessionId} ${leaseId}`, alive);
    return {};
  }
}
@Module({ controllers: [Channels] })
class ChannelsModule {}

let desk: Desk;
let channels: Rig;
const open: WebSocket[] = [];
beforeAll(async () => {
  desk = await openDesk();
  channels = await rig({ name: 'channels', module: ChannelsModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env: { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! } });
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
  Object.assign(world, { thread: [], open: true, moved: false, slowMs: 0, said: [] });
  world.leases.clear();
});
afterAll(async () => {
  await channels?.close();
  await desk?.close();
});

const message = (seq: number): ChatMessage => ({ id: newId(), seq, from: 'brand', name: 'Agent', text: `message ${seq}`, at: '2026-11-20T12:00:00.000Z', clientId: null, attachments: [] });
function answered(count: number, hint = true) {
  const fresh = Array.from({ length: count }, (_, i) => message(world.thread.length + i + 1));
  world.thread.push(...fresh);
  if (hint) channels.broker.publish(`chat.${session}`, JSON.stringify({ kind: 'messages', items: fresh }));
}
function connect(afterSeq = 0, token = 'visitor-token', url = desk.gateway.url, origin?: string) {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/webchat/socket?token=${token}&afterSeq=${afterSeq}`, { origin });
  const frames: Record<string, any>[] = []; // eslint-disable-line @typescript-eslint/no-explicit-any -- frames of any shape
  ws.on('message', (data) => frames.push(JSON.parse(String(data))));
  ws.on('error', () => undefined);
  open.push(ws);
  return { ws, frames, seqs: () => frames.filter(({ type }) => type === 'message').map(({ message }) => message.seq as number), say: (frame: object) => ws.send(JSON.stringify(frame)) };
}
const until = <T>(condition: () => T | undefined | null | false, what: string) => desk.gateway.until(condition, what);
const opened = (ws: WebSocket) => until(() => ws.readyState === WebSocket.OPEN && [...world.leases.values()].includes(true), 'the visit to begin');

describe('a visitor’s socket', () => {
  it('CHAT-6 brings what was missed, then what comes, in order and once, also when a push was lost', async () => {
    answered(120, false);
    const visitor = connect(3);
    await until(() => visitor.seqs().at(-1) === 120, 'the past');
    answered(2);
    answered(1, false);
    answered(1);
    await until(() => visitor.seqs().at(-1) === 124, 'the present');
    expect(visitor.seqs()).toEqual(Array.from({ length: 121 }, (_, i) => i + 4));
    expect(visitor.frames[0]).toEqual({ type: 'message', message: world.thread[3] });
  });

  it('CHAT-6 acknowledges each message by its client id, in the order they were written', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    for (let i = 0; i < 20; i++) visitor.say({ type: 'message', clientId: `c${i}`, text: `hello ${i}` });
    visitor.say({ type: 'read', upToSeq: 4 });
    visitor.say({ type: 'end' });
    await until(() => world.said.length === 22, 'everything to arrive');
    expect(world.said).toEqual([...Array.from({ length: 20 }, (_, i) => ({ clientId: `c${i}`, text: `hello ${i}`, attachments: [], by: session })), { upToSeq: 4 }, { end: true }]);
    await until(() => visitor.frames.length === 20, 'the acknowledgements');
    expect(visitor.frames.map(({ type, clientId }) => `${type} ${clientId}`)).toEqual(Array.from({ length: 20 }, (_, i) => `ack c${i}`));
  });

  it('refuses a frame that is not known, and stays open', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    visitor.ws.send('not json');
    visitor.say({ type: 'message', clientId: 'c', text: 'hi', from: 'brand' });
    await until(() => visitor.frames.length === 2, 'the refusals');
    expect(visitor.frames.map(({ type, code }) => [type, code])).toEqual([['error', 'VALIDATION_FAILED'], ['error', 'VALIDATION_FAILED']]);
    expect(world.said).toEqual([]);
    expect(visitor.ws.readyState).toBe(WebSocket.OPEN);
  });

  it('CHAT-7 is told once that the chat is closed', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    world.open = false;
    channels.broker.publish(`chat.${session}`, JSON.stringify({ kind: 'closed' }));
    channels.broker.publish(`chat.${session}`, JSON.stringify({ kind: 'closed' }));
    await until(() => visitor.frames.length, 'the end');
    const late = connect();
    await until(() => late.frames.length, 'the end, after coming back');
    expect([...visitor.frames, ...late.frames]).toEqual([{ type: 'closed' }, { type: 'closed' }]);
  });

  it('follows the new chat that a message to a closed one began (settled 5)', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    world.moved = true;
    visitor.say({ type: 'message', clientId: 'again', text: 'still there?' });
    await until(() => visitor.frames.length, 'the acknowledgement');
    expect(visitor.frames[0]).toMatchObject({ type: 'ack', clientId: 'again', sessionId: nextSession });
    channels.broker.publish(`chat.${nextSession}`, JSON.stringify({ kind: 'messages', items: [message(1)] }));
    await until(() => visitor.seqs().length, 'the answer in the new chat');
    await until(() => [...world.leases].filter(([, alive]) => alive).map(([name]) => name.split(' ')[0]).join() === nextSession, 'the visitor to be there only');
  });

  it('CHAT-8 brings typing in both directions, and to nobody of another account', async () => {
    const shop = await desk.shop();
    const visitor = connect();
    await opened(visitor.ws);
    desk.gateway.broker.publish(`typing.${shop.account}.${session}`, '');
    desk.gateway.broker.publish(`typing.${account}.${session}`, '');
    await until(() => visitor.frames.length, 'the agent’s typing');
    const heard: string[] = [];
    desk.gateway.broker.subscribe(`live.${account}`, (body) => heard.push(body));
    await desk.gateway.broker.flush();
    await until(() => (visitor.say({ type: 'typing' }), heard.length), 'the visitor’s typing');
    expect(JSON.parse(heard[0]!)).toEqual({ kind: 'typing', ticket: null, session, user: null });
    expect(visitor.frames).toEqual([{ type: 'typing' }]);
  });

  it('CHAT-10 holds a lease while it is open, and gives it back when it closes', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    expect([...world.leases.keys()][0]).toMatch(session);
    visitor.ws.close();
    await until(() => [...world.leases.values()].every((alive) => !alive), 'the lease to be given back');
  });

  it('CHAT-10 gives every lease back when a gateway stops', async () => {
    const second = await rig(gatewayApp, { replicaOf: desk.gateway });
    const visitors = [connect(0, 'visitor-token', second.url), connect(0, 'visitor-token', second.url)];
    await until(() => world.leases.size === 2, 'both to be there');
    world.slowMs = 1500;
    await second.close();
    expect([...world.leases.values()]).toEqual([false, false]);
    await until(() => visitors.every(({ ws }) => ws.readyState === WebSocket.CLOSED), 'the sockets to close');
  });

  it('does not open without a living session token', async () => {
    const { ws } = connect(0, 'forged');
    expect(await new Promise((answer) => ws.once('unexpected-response', (_request, response) => answer(response.statusCode)))).toBe(401);
  });
});

describe('what a visitor may burden us with', () => {
  const closed = (ws: WebSocket) => new Promise<number>((resolve) => ws.once('close', resolve));

  it('CHAT-10 has ten windows open, and no more', async () => {
    const windows = Array.from({ length: 10 }, () => connect());
    await until(() => [...world.leases.values()].filter(Boolean).length === 10, 'ten visits to begin');
    expect(await closed(connect().ws)).toBe(1008);
    windows[0]!.ws.close();
    await until(() => [...world.leases.values()].filter(Boolean).length === 9, 'one to have left');
    await opened(connect().ws);
  });

  it('CHAT-8 sends a frame of up to 64 kB', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    visitor.ws.send(JSON.stringify({ type: 'message', clientId: 'c1', text: 'x'.repeat(70_000) }));
    expect(await closed(visitor.ws)).toBe(1009);
    expect(world.said).toEqual([]);
  });

  it('CHAT-6 writes a hundred messages a minute or so, is told when that was too much, and can go on afterwards', async () => {
    const visitor = connect(0, 'busy-token');
    await opened(visitor.ws);
    const refused: (typeof visitor.frames)[number][] = [];
    for (let i = 0; !refused.length; ) {
      for (const end = i + 150; i < end; i++) visitor.say({ type: 'message', clientId: `c${i}`, text: 'hello' });
      await until(() => visitor.frames.length === i, 'an answer to each');
      refused.push(...visitor.frames.filter(({ type }) => type === 'error'));
    }
    expect(visitor.frames.length - refused.length).toBeGreaterThanOrEqual(100);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['RATE_LIMITED']));
    expect(refused.every(({ clientId }) => typeof clientId === 'string')).toBe(true);
    expect(world.said.length + refused.length).toBe(visitor.frames.length);
    visitor.say({ type: 'read', upToSeq: 1 });
    await until(() => world.said.some((one) => 'upToSeq' in one), 'what is no message to be taken all the same');
  });

  it('CHAT-8 is shown to be typing every other second, however fast the keys', async () => {
    const [visitor, heard] = [connect(), [] as string[]];
    const stop = desk.gateway.broker.subscribe(`live.${account}`, (body) => heard.push(body));
    await desk.gateway.broker.flush();
    await opened(visitor.ws);
    const began = performance.now();
    for (let i = 0; i < 30; i++) visitor.say({ type: 'typing' });
    visitor.say({ type: 'read', upToSeq: 1 });
    await until(() => world.said.length === 1 && heard.length, 'all of it to be heard');
    for (let i = 0; i < 30; i++) desk.gateway.broker.publish(`typing.${account}.${session}`, '');
    answered(1);
    await until(() => visitor.seqs().length === 1, 'what came after it');
    stop();
    const most = 1 + Math.floor((performance.now() - began) / 2000);
    expect(heard.length).toBeLessThanOrEqual(most);
    expect(visitor.frames.filter(({ type }) => type === 'typing').length).toBeLessThanOrEqual(most);
  });

  it('CHAT-6 a window that takes nothing is closed, and gets everything when it opens again', async () => {
    const visitor = connect();
    await opened(visitor.ws);
    visitor.ws.pause();
    const long = 'x'.repeat(10_000);
    for (let batch = 0; batch < 30; batch++) {
      const fresh = Array.from({ length: 50 }, (_, i) => ({ ...message(world.thread.length + i + 1), text: long }));
      world.thread.push(...fresh);
      channels.broker.publish(`chat.${session}`, JSON.stringify({ kind: 'messages', items: fresh }));
    }
    const gone = closed(visitor.ws);
    await until(() => [...desk.gateway.app.get(VisitorsService, { strict: false })['here']].some(({ outlet }) => outlet.full()), 'the line to be full');
    channels.broker.publish(`chat.${session}`, JSON.stringify({ kind: 'messages', items: [message(world.thread.length + 1)] }));
    visitor.ws.resume();
    expect(await gone).toBe(4000);
    const again = connect(visitor.seqs().at(-1) ?? 0);
    await until(() => again.seqs().at(-1) === 1500, 'the rest');
    expect([...visitor.seqs(), ...again.seqs()]).toEqual(Array.from({ length: 1500 }, (_, i) => i + 1));
  });
});

describe('a visitor over REST', () => {
  const visitor = (request: supertest.Test) => request.set('authorization', 'Bearer visitor-token');

  it('CHAT-6 reads and writes as their session', async () => {
    answered(3, false);
    expect((await visitor(supertest(desk.gateway.url).get('/v1/webchat/messages?afterSeq=1'))).body.items).toEqual(world.thread.slice(1));
    const sent = await visitor(supertest(desk.gateway.url).post('/v1/webchat/messages')).send({ clientId: 'c1', text: 'hello' });
    expect({ status: sent.status, said: world.said }).toEqual({ status: 202, said: [{ clientId: 'c1', text: 'hello', attachments: [], by: session }] });
  });

  it('reaches nothing of staff', async () => {
    for (const path of ['/v1/me', '/v1/tickets', '/v1/feed']) expect((await visitor(supertest(desk.gateway.url).get(path))).status).toBe(401);
    expect((await supertest(desk.gateway.url).get('/v1/webchat/messages').set('authorization', 'Bearer forged')).body.code).toBe('SESSION_REVOKED');
  });
});

describe('pages of other websites', () => {
  const raw = () => supertest(desk.gateway.url);
  const EVIL = 'https://evil.example';
  const asking = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, content-type, parley-identity' };

  it('CHAT-2 a page that asks beforehand is told yes by a channel that names it, and nothing by one that does not', async () => {
    const yes = await raw().options('/v1/webchat/wk_demo/sessions').set({ ...asking, origin: SHOP });
    expect([yes.status, yes.headers]).toMatchObject([204, {
      'access-control-allow-origin': SHOP, 'access-control-allow-methods': 'GET, POST, PUT', 'access-control-allow-headers': 'authorization, content-type, idempotency-key, parley-identity', vary: 'Origin',
    }]);
    expect(yes.headers).not.toHaveProperty('access-control-allow-credentials');
    for (const path of ['/v1/webchat/wk_demo/sessions', '/v1/webchat/wk_demo/config?locale=de']) {
      const no = await raw().options(path).set({ ...asking, origin: EVIL });
      expect([no.status, no.body.code]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
      expect(no.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('CHAT-2 a refused page cannot read the answer, by whatever it asks; the allowed one can, and names its visitor in a header', async () => {
    const as = (origin: string) => [
      raw().get('/v1/webchat/wk_demo/config').set({ origin, 'parley-identity': 'a.b.c' }), raw().get('/v1/webchat/messages').set({ origin, authorization: 'Bearer visitor-token' }),
      raw().post('/v1/webchat/messages').set({ origin, authorization: 'Bearer visitor-token' }).send({ clientId: 'c1', text: 'hello' }),
    ];
    for (const question of as(EVIL)) {
      const { status, headers, body } = await question;
      expect([status, body.code, headers['access-control-allow-origin']]).toEqual([403, 'ORIGIN_NOT_ALLOWED', undefined]);
    }
    expect(world.said).toEqual([]);
    for (const question of as(SHOP)) expect((await question).headers['access-control-allow-origin']).toBe(SHOP);
    expect(world.said).toEqual([{ identity: 'a.b.c' }, { clientId: 'c1', text: 'hello', attachments: [], by: session }]);
  });

  it('CHAT-2 a socket of a refused page does not open', async () => {
    const { ws } = connect(0, 'visitor-token', desk.gateway.url, EVIL);
    expect(await new Promise((answer) => ws.once('unexpected-response', (_request, response) => answer(response.statusCode)))).toBe(403);
    const shop = connect(0, 'visitor-token', desk.gateway.url, SHOP);
    await until(() => shop.ws.readyState === WebSocket.OPEN, 'the socket of the shop');
  });
});
