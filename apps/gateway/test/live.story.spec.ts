import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { access } from '@parley/contracts/access';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Envelope } from '@parley/contracts/events';
import { feed } from '@parley/contracts/feed';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import supertest from 'supertest';
import { WebSocket } from 'ws';
import { gatewayApp } from '../src/gateway.app.js';
import { openDesk, type Desk, type Shop } from './desk.js';

/** Stands in for notifications: the feed is a list. */
const world = { events: [] as Envelope[], oldest: 1, reads: 0, away: false };
@Controller()
class Notifications {
  @Handles(feed.read)
  async read({ after, limit }: Input<typeof feed.read>, by: Actor) {
    // Not counted: rooms that look now and then whether a hint was lost.
    if (by.type !== 'system') world.reads++;
    if (world.away) throw new ContractError('UNAVAILABLE', 'away');
    const mine = world.events.filter(({ account }) => account === by.account);
    const head = mine.length;
    if (after < world.oldest - 1 || after > head) throw new ContractError('FEED_EXPIRED', 'not kept', { head });
    const items = mine.slice(after, after + limit).map((event) => (by.scopes.includes('tickets:read') ? event : { ...event, data: { id: event.data['id'] } }));
    return { items, nextAfter: after + items.length, head };
  }
}
@Module({ controllers: [Notifications] })
class NotificationsModule {}

let desk: Desk;
let second: Rig;
let notifications: Rig;
let shop: Shop;
const open: Socket[] = [];
beforeAll(async () => {
  desk = await openDesk();
  second = await rig(gatewayApp, { replicaOf: desk.gateway });
  notifications = await rig({ name: 'notifications', module: NotificationsModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env: { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! } });
  shop = await desk.shop();
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.ws.terminate();
  Object.assign(world, { oldest: 1, away: false });
});
afterAll(async () => {
  await notifications?.close();
  await second?.close();
  await desk?.close();
});

/** Something happens in the account; `hint: false`: and the push is lost. */
function happens(count: number, { hint = true, account = shop.account } = {}) {
  const from = world.events.filter((event) => event.account === account).length;
  const fresh = Array.from({ length: count }, (_, i): Envelope => ({
    id: newId(), account, sequence: from + i + 1, type: 'message.received', version: 1, time: '2026-11-20T12:00:00.000Z', actor: { type: 'customer', id: null }, ticket: null, data: { id: i, text: 'CANARY-TEXT' },
  }));
  world.events.push(...fresh);
  if (hint) notifications.broker.publish(`feed.${account}`, JSON.stringify(fresh));
}
const head = () => world.events.filter(({ account }) => account === shop.account).length;
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

type Socket = { ws: WebSocket; frames: Record<string, unknown>[]; sequences(): number[]; closed: { code: number; reason: string } | null };
function connect(token: string, after?: number | '', gateway = desk.gateway): Socket {
  const ws = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/live?token=${token}${after === undefined ? '' : `&after=${after}`}`);
  const socket: Socket = { ws, frames: [], sequences: () => socket.frames.filter((frame) => 'sequence' in frame).map((frame) => frame['sequence'] as number), closed: null };
  ws.on('message', (data) => socket.frames.push(JSON.parse(String(data))));
  ws.on('close', (code, reason) => (socket.closed = { code, reason: String(reason) }));
  ws.on('error', () => undefined);
  open.push(socket);
  return socket;
}
const until = <T>(condition: () => T | undefined | null | false, what: string) => desk.gateway.until(condition, what);

describe('the agents’ socket', () => {
  it('NTF-4 brings everything after a sequence, then what happens, in order and once, through either gateway', async () => {
    happens(250);
    const sockets = [connect(shop.owner.token, 10), connect(shop.owner.token, 0, second)];
    await until(() => sockets.every((socket) => socket.sequences().at(-1) === 250), 'the past to arrive');
    happens(3);
    happens(2, { hint: false });
    happens(1);
    await until(() => sockets.every((socket) => socket.sequences().at(-1) === 256), 'the present to arrive');
    expect(sockets[0]!.sequences()).toEqual(upTo(11, 256));
    expect(sockets[1]!.sequences()).toEqual(upTo(1, 256));
    expect(sockets[0]!.frames[0]).toEqual(world.events[10]);
  });

  it('NTF-4 sends contiguous pushes without reading, and notices a lost last one by itself', async () => {
    const socket = connect(shop.owner.token, head());
    await until(() => socket.ws.readyState === WebSocket.OPEN, 'the socket to open');
    happens(1);
    await until(() => socket.sequences().length === 1, 'the first');
    world.away = true;
    happens(5);
    await until(() => socket.sequences().length === 6, 'the pushed ones, though nothing can be read');
    world.away = false;
    happens(1, { hint: false });
    await until(() => socket.sequences().length === 7, 'the one whose push was lost');
  });

  it('begins at the head without ?after=', async () => {
    const socket = connect(shop.owner.token);
    const before = head();
    const reads = world.reads;
    await until(() => world.reads > reads + 1, 'the head to be asked for');
    happens(1);
    await until(() => socket.sequences().length, 'the first frame');
    expect(socket.sequences()).toEqual([before + 1]);
  });

  it('goes on when notifications has been away', async () => {
    const socket = connect(shop.owner.token, head());
    await until(() => socket.ws.readyState === WebSocket.OPEN, 'the socket to open');
    happens(1);
    await until(() => socket.sequences().length === 1, 'the first');
    world.away = true;
    const reads = world.reads;
    happens(1, { hint: false });
    happens(1);
    await until(() => world.reads > reads, 'a reading in vain');
    world.away = false;
    await until(() => socket.sequences().length === 3, 'all');
    expect(socket.sequences()).toEqual(upTo(head() - 2, head()));
  });

  it.each([['what is no longer kept', () => ((world.oldest = 50), 10)], ['the future', () => 999_999]])('NTF-4 tells a client who asks for %s to resync', async (_what, after) => {
    happens(60);
    const socket = connect(shop.owner.token, after());
    await until(() => socket.closed, 'the socket to close');
    expect(socket.closed).toEqual({ code: 4000, reason: 'resync' });
    expect(socket.frames).toEqual([]);
  });

  it('ACC-4 closes when its person is deactivated, at every gateway, and nothing comes afterwards', async () => {
    const agent = await shop.person('support');
    const sockets = [connect(agent.token, head()), connect(agent.token, head(), second)];
    await until(() => sockets.every(({ ws }) => ws.readyState === WebSocket.OPEN), 'the sockets to open');
    await shop.owner.ask(access.deactivateUser, { id: agent.id, ifMatch: 1 });
    await until(() => sockets.every(({ closed }) => closed), 'the sockets to close');
    for (const { closed } of sockets) expect(closed).toEqual({ code: 4001, reason: 'signed out' });
    happens(1);
    for (const { frames } of sockets) expect(frames).toEqual([]);
  });

  it('ACC-2 closes when its person becomes an analyst, who may not follow the feed', async () => {
    const agent = await shop.person('manager');
    const socket = connect(agent.token, head());
    await until(() => socket.ws.readyState === WebSocket.OPEN, 'the socket to open');
    await shop.owner.ask(access.updateUser, { id: agent.id, ifMatch: 1, role: 'analyst' });
    await until(() => socket.closed, 'the socket to close');
    expect(socket.closed!.code).toBe(4001);
  });

  it('ACC-3 shows a key without tickets:read ids and no text, pushed or read', async () => {
    const program = await shop.key(['feed:read']);
    const socket = connect(program.token, head() - 1);
    await until(() => socket.sequences().length === 1, 'the past');
    happens(2);
    await until(() => socket.sequences().length === 3, 'the present');
    expect(JSON.stringify(socket.frames)).not.toContain('CANARY');
  });

  it('ACC-1 of one account hears nothing of another', async () => {
    const stranger = await desk.shop();
    const socket = connect(stranger.owner.token, 0);
    await until(() => socket.ws.readyState === WebSocket.OPEN, 'the socket to open');
    happens(5);
    happens(1, { account: stranger.account });
    await until(() => socket.frames.length, 'their own');
    expect(socket.frames.map((frame) => frame['account'])).toEqual([stranger.account]);
  });

  it.each([['no token', ''], ['nonsense', 'nonsense']])('refuses %s before it opens', async (_what, token) => {
    const socket = connect(token);
    const status = await new Promise<number>((answered) => socket.ws.once('unexpected-response', (_request, response) => answered(response.statusCode!)));
    expect(status).toBe(401);
  });

  it('refuses an analyst before it opens', async () => {
    const socket = connect((await shop.person('analyst')).token);
    expect(await new Promise<number>((answered) => socket.ws.once('unexpected-response', (_request, response) => answered(response.statusCode!)))).toBe(403);
  });

  it('passes on who is typing, to colleagues at every gateway and not to oneself, without a sequence', async () => {
    const colleague = await shop.person('support');
    const [mine, theirs] = [connect(shop.owner.token, head()), connect(colleague.token, head(), second)];
    await until(() => [mine, theirs].every(({ ws }) => ws.readyState === WebSocket.OPEN), 'the sockets to open');
    happens(1);
    await until(() => [mine, theirs].every(({ frames }) => frames.length === 1), 'both to be there');
    const ticket = newId();
    mine.ws.send(JSON.stringify({ type: 'typing', ticket }));
    await until(() => theirs.frames.length === 2, 'the typing');
    expect(theirs.frames[1]).toEqual({ kind: 'typing', ticket, session: null, user: shop.owner.id });
    mine.ws.send('{"type":"shout"}');
    await until(() => mine.frames.length === 2, 'the refusal');
    expect(mine.frames[1]).toMatchObject({ type: 'error', code: 'VALIDATION_FAILED' });
  });

  it('TKT-19 colleagues at every gateway see who looks at a ticket, also who did before they came, and when it is over', async () => {
    const colleague = await shop.person('support');
    const [mine, theirs] = [connect(shop.owner.token, head()), connect(colleague.token, head(), second)];
    await until(() => [mine, theirs].every(({ ws }) => ws.readyState === WebSocket.OPEN), 'the sockets to open');
    happens(1);
    await until(() => [mine, theirs].every(({ frames }) => frames.length === 1), 'both to be there');
    const ticket = newId();
    mine.ws.send(JSON.stringify({ type: 'viewing', ticket }));
    await until(() => theirs.frames.length === 2, 'the look');
    const look = { kind: 'viewing', ticket, session: null, validSeconds: 30 };
    expect(theirs.frames[1]).toEqual({ ...look, user: shop.owner.id });
    theirs.ws.send(JSON.stringify({ type: 'viewing', ticket }));
    await until(() => theirs.frames.length === 3 && mine.frames.length === 2, 'each to know of the other');
    expect([mine.frames[1], theirs.frames[2]]).toEqual([{ ...look, user: colleague.id }, { ...look, user: shop.owner.id }]);
    mine.ws.send(JSON.stringify({ type: 'viewing', ticket: null }));
    await until(() => theirs.frames.length === 4, 'the end of the look');
    expect(theirs.frames[3]).toEqual({ ...look, user: shop.owner.id, validSeconds: 0 });
    theirs.ws.close();
    await until(() => mine.frames.length === 3, 'the socket to be missed');
    expect(mine.frames[2]).toEqual({ ...look, user: colleague.id, validSeconds: 0 });
  });

  it('cuts a client off who sends more than 64 kB in a frame', async () => {
    const socket = connect(shop.owner.token, head());
    await until(() => socket.ws.readyState === WebSocket.OPEN, 'the socket to open');
    socket.ws.send('x'.repeat(70_000));
    await until(() => socket.closed, 'the socket to close');
    expect(socket.closed!.code).toBe(1009);
  });
});

describe('server-sent events', () => {
  /** Reads the stream until `enough`, then hangs up. */
  async function listen(query: string, headers: Record<string, string>, enough: (text: string) => boolean) {
    const abort = new AbortController();
    const answer = await fetch(`${desk.gateway.url}/v1/feed/stream${query}`, { headers: { authorization: `Bearer ${shop.owner.token}`, ...headers }, signal: abort.signal });
    let text = '';
    for await (const chunk of answer.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (enough(text)) break;
    }
    abort.abort();
    return { answer, ids: [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)), text };
  }

  it('NTF-3 say the same, and resume by Last-Event-ID', async () => {
    happens(130);
    const from = head() - 120;
    const { answer, ids, text } = await listen('', { 'last-event-id': String(from) }, (text) => text.includes(`id: ${head()}\n`));
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(ids).toEqual(upTo(from + 1, head()));
    expect(text).toContain(`data: ${JSON.stringify(world.events.find(({ account, sequence }) => account === shop.account && sequence === head()))}\n\n`);
  });

  it('follow what happens', async () => {
    const start = head();
    const listening = listen(`?after=${start}`, {}, (text) => text.includes(`id: ${start + 2}\n`));
    happens(2);
    expect((await listening).ids).toEqual([start + 1, start + 2]);
  });

  it('are refused like any other request', async () => {
    world.oldest = 50;
    expect((await supertest(desk.gateway.url).get('/v1/feed/stream?after=1').set('authorization', `Bearer ${shop.owner.token}`)).body.code).toBe('FEED_EXPIRED');
    expect((await supertest(desk.gateway.url).get('/v1/feed/stream?after=x').set('authorization', `Bearer ${shop.owner.token}`)).status).toBe(400);
    expect((await supertest(desk.gateway.url).get('/v1/feed/stream')).status).toBe(401);
  });
});
