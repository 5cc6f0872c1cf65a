import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { access } from '@parley/contracts/access';
import type { Actor } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { messages } from '@parley/contracts/messages';
import { SERVICE_ENV } from '@parley/service/config';
import { Handles } from '@parley/service/handles';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { openDesk, PASSWORD, type Desk, type Shop } from './desk.js';

/** Stands in for the tickets service: notes are what it was asked, and it may be slow, refuse, or lose its answer. */
const world = { commands: [] as string[], behave: async (): Promise<void> => undefined };
@Controller()
class Tickets {
  @Handles(messages.note)
  async note(input: { id: string; text: string }, by: Actor) {
    world.commands.push(by.command!);
    await world.behave();
    return { id: newId(), ticketId: input.id, afterSeq: 0, author: { id: by.id!, name: null }, text: input.text, mentions: [], createdAt: '2026-11-20T12:00:00.000Z' };
  }
}
@Module({ controllers: [Tickets] })
class TicketsModule {}

let desk: Desk;
let tickets: Rig;
let shop: Shop;
beforeAll(async () => {
  desk = await openDesk();
  tickets = await rig({ name: 'tickets', module: TicketsModule, env: SERVICE_ENV, entities: [], migrations: [] }, { env: { PARLEY_PREFIX: desk.gateway.env['PARLEY_PREFIX']! } });
  shop = await desk.shop();
});
afterAll(async () => {
  await tickets?.close();
  await desk?.close();
});

const ticket = newId();
const note = (key: string | undefined, text = 'hello', by = shop.owner) => by.send(messages.note, { path: { id: ticket }, body: { text }, headers: key === undefined ? {} : { 'idempotency-key': key } });
const asked = () => world.commands.splice(0);

describe('a POST under an Idempotency-Key', () => {
  it('answers the same again, without asking again', async () => {
    asked();
    const first = await note('same');
    const again = await note('same');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(asked()).toHaveLength(1);
  });

  it('takes the order and spacing of JSON for the same body', async () => {
    const send = (body: string) => shop.owner.send(access.createUser, { body, headers: { 'idempotency-key': 'spaced', 'content-type': 'application/json' } });
    const first = await send(`{"email":"spaced@shop.example","name":"S","role":"support","password":"${PASSWORD}"}`);
    const again = await send(`{ "role": "support", "password": "${PASSWORD}", "name": "S",\n "email": "spaced@shop.example" }`);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
  });

  it('refuses the key for another request', async () => {
    await note('other', 'one');
    expect((await note('other', 'two')).body.code).toBe('IDEMPOTENCY_KEY_REUSED');
    const elsewhere = await shop.owner.send(access.createApiKey, { body: { name: 'k', scopes: ['feed:read'] }, headers: { 'idempotency-key': 'other' } });
    expect(elsewhere.status).toBe(422);
  });

  it('belongs to one person: the same key of another is another', async () => {
    const colleague = await shop.person('support');
    asked();
    await note('mine', 'a');
    expect((await note('mine', 'b', colleague)).status).toBe(201);
    expect(asked()).toHaveLength(2);
  });

  it('refuses a second request while the first is running, and answers it when it is done', async () => {
    asked();
    let finish = () => undefined as void;
    world.behave = () => new Promise((resolve) => (finish = resolve));
    const first = note('slow').then((answer) => answer);
    await desk.gateway.until(() => world.commands.length === 1, 'the first to arrive');
    const second = await note('slow');
    expect(second.body.code).toBe('REQUEST_IN_PROGRESS');
    expect(second.headers).toHaveProperty('retry-after');
    world.behave = async () => undefined;
    finish();
    expect((await first).status).toBe(201);
    expect((await note('slow')).text).toBe((await first).text);
    expect(asked()).toHaveLength(1);
  });

  it('keeps a refusal too', async () => {
    world.behave = async () => { throw new ContractError('TICKET_NOT_FOUND', 'No such ticket'); };
    const first = await note('refused');
    world.behave = async () => undefined;
    const again = await note('refused');
    expect([first.status, again.status]).toEqual([404, 404]);
    expect(again.headers['content-type']).toContain('problem+json');
    expect(again.body).toEqual(first.body);
  });

  it('asks once more under the same command when an answer is lost, and lets the caller try again when that is lost too', async () => {
    asked();
    let times = 0;
    world.behave = async () => { if (++times === 1) throw new ContractError('UNAVAILABLE', 'lost'); };
    expect((await note('lost')).status).toBe(201);
    const [first, second, ...rest] = asked();
    expect(second).toBe(first);
    expect(rest).toEqual([]);

    world.behave = async () => { throw new ContractError('UNAVAILABLE', 'away'); };
    expect((await note('away')).status).toBe(503);
    world.behave = async () => undefined;
    expect((await note('away')).status).toBe(201);
    expect(new Set(asked()).size).toBe(1);
  });

  it('goes on where a dead gateway left it, once the lease is over', async () => {
    asked();
    world.behave = async () => { throw new ContractError('UNAVAILABLE', 'away'); };
    await note('dead');
    world.behave = async () => undefined;
    const by = { ...desk.gateway.by, account: shop.account };
    const lease = (until: string) => desk.gateway.tx((tx) => tx.sql(`UPDATE idempotency SET lease_until = now() ${until} WHERE key = 'dead'`), by);
    await lease(`+ interval '30 seconds'`);
    expect((await note('dead')).status).toBe(409);
    await lease(`- interval '1 second'`);
    expect((await note('dead')).status).toBe(201);
    expect(new Set(asked()).size).toBe(1);
  });

  it('is forgotten after 24 hours', async () => {
    await note('old', 'one');
    const by = { ...desk.gateway.by, account: shop.account };
    const [{ hours }] = await desk.gateway.tx((tx) => tx.sql<{ hours: number }>(`SELECT round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours FROM idempotency WHERE key = 'old'`), by) as [{ hours: number }];
    expect(hours).toBe(24);
    await desk.gateway.tx((tx) => tx.sql(`UPDATE idempotency SET expires_at = now() WHERE key = 'old'`), by);
    expect((await note('old', 'two')).status).toBe(201);
  });

  it('ACC-3 makes one API key and can show it again without having stored it', async () => {
    const make = () => shop.owner.send(access.createApiKey, { body: { name: 'once', scopes: ['people:admin'] }, headers: { 'idempotency-key': 'key' } });
    const [first, again] = [await make(), await make()];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toMatchObject({ id: first.body.id, key: first.body.key });
    expect((await desk.somebody(again.body.key).send(access.listApiKeys)).status).toBe(200);
    const kept = await desk.gateway.tx((tx) => tx.sql(`SELECT body FROM idempotency WHERE key = 'key'`), { ...desk.gateway.by, account: shop.account });
    expect(kept).toEqual([{ body: null }]);
  });

  it('makes one person of ten requests at once', async () => {
    const send = () => shop.owner.send(access.createUser, { body: { email: 'ten@shop.example', name: 'Ten', role: 'support', password: PASSWORD }, headers: { 'idempotency-key': 'ten' } });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(answers.filter(({ status, headers }) => status === 201 && !headers['idempotency-replayed'])).toHaveLength(1);
    for (const { status } of answers) expect([201, 409]).toContain(status);
  });

  it.each([['too long', 'x'.repeat(256)], ['with a space', 'a b']])('refuses a key that is %s', async (_what, key) => {
    expect((await note(key)).status).toBe(400);
  });
});
