import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dataSourceOf } from '@parley/service/database';
import { testDatabase } from '@parley/service/testing/database';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { interpret } from './commands.js';
import { urlsOf, type Urls } from './databases.js';
import { table } from './table.js';

const run = (urls: Urls, ...argv: string[]) => interpret(argv, '/nowhere').run(urls);

describe('on two databases', () => {
  let urls: Urls;
  let tickets: DataSource;
  let channels: DataSource;
  const drops: (() => Promise<void>)[] = [];
  const account = randomUUID();

  beforeAll(async () => {
    const [one, two] = [await testDatabase([]), await testDatabase([])];
    urls = { tickets: one.url, channels: two.url };
    drops.push(one.drop, two.drop);
    tickets = await dataSourceOf(one.url, [], [], 1).initialize();
    channels = await dataSourceOf(two.url, [], [], 1).initialize();
  });
  afterAll(async () => {
    await tickets?.destroy();
    await channels?.destroy();
    for (const drop of drops) await drop();
  });
  beforeEach(async () => {
    for (const db of [tickets, channels]) await db.query('TRUNCATE log, log_cursor, log_subscriber, dead_letter, scheduled_action; UPDATE log_head SET seq = 0');
  });

  const park = async (db: DataSource) => {
    const id = randomUUID();
    await db.query(
      `INSERT INTO dead_letter (consumer, source, partition, seq, event_id, envelope, attempts, error) VALUES ('tickets', 'channels', 3, 7, $1, '{"type":"channel.message_received","data":{"text":"hello"}}', 5, E'column is missing\n  at x.js')`,
      [id],
    );
    return id;
  };
  const says = (db: DataSource, count: number) =>
    db.query(`WITH h AS (UPDATE log_head SET seq = seq + $1 WHERE partition = 0 RETURNING seq) INSERT INTO log (partition, seq, event_id, account_id, key, type, envelope) SELECT 0, h.seq - $1 + n, gen_random_uuid(), $2, 'k', 't', '{}' FROM h, generate_series(1, $1::bigint) n`, [count, account]);
  const hasHeard = (position: number) => tickets.query(`INSERT INTO log_cursor (consumer, source, partition, position) VALUES ('tickets', 'channels', 0, $1)`, [position]);

  it('parked facts are listed without their content, and shown with it', async () => {
    const id = await park(tickets);
    const listed = await run(urls, 'dead', 'list');
    expect(listed).toMatchObject([{ service: 'tickets', event: id, type: 'channel.message_received', from: 'channels/3#7', attempts: 5, error: 'column is missing' }]);
    expect(JSON.stringify(listed)).not.toContain('hello');
    expect(await run(urls, 'dead', 'show', id)).toMatchObject([{ service: 'tickets', envelope: { data: { text: 'hello' } } }]);
  });

  it('a parked fact is given to its service again', async () => {
    const id = await park(tickets);
    expect(await run(urls, 'dead', 'retry', id)).toEqual([{ service: 'tickets', event: id, outcome: 'is tried again' }]);
    expect(await run(urls, 'dead', 'list')).toMatchObject([{ event: id, retrying: 'yes' }]);
    expect(await tickets.query('SELECT 1 FROM dead_letter WHERE retry_at <= now()')).toHaveLength(1);
  });

  it('all of them at once, wherever they are', async () => {
    const ids = [await park(tickets), await park(channels)];
    expect(await run(urls, 'dead', 'retry', 'all')).toMatchObject(ids.map((event) => ({ event })));
  });

  it('one that is given up keeps the reason, and cannot be decided twice', async () => {
    const id = await park(tickets);
    await run(urls, 'dead', 'discard', id, 'a test message');
    expect(await run(urls, 'dead', 'list')).toEqual([]);
    expect(await tickets.query('SELECT resolution FROM dead_letter')).toEqual([{ resolution: 'discarded: a test message' }]);
    await expect(run(urls, 'dead', 'discard', id, 'again')).rejects.toThrow(`Nothing waits under ${id}`);
  });

  it('the log says who is behind by how much, by the subscriber’s own cursors', async () => {
    await says(channels, 5);
    await hasHeard(3);
    await channels.query(`INSERT INTO log_subscriber (consumer, partition, position) VALUES ('tickets', 0, 1), ('reporting', 0, 4)`);
    expect(await run(urls, 'log', 'status')).toMatchObject([
      { log: 'tickets', facts: 0, consumer: '(nobody)' },
      { log: 'channels', facts: 5, consumer: 'reporting', behind: 1 },
      { log: 'channels', facts: 5, consumer: 'tickets', behind: 2 },
    ]);
  });

  it('after a source was restored its subscriber goes on at its heads', async () => {
    await says(channels, 2);
    await hasHeard(9);
    expect(await run(urls, 'doctor')).toMatchObject([{ service: 'tickets', found: expect.stringContaining('has heard more than channels has said') }]);
    expect(await run(urls, 'log', 'resync', 'tickets', 'channels')).toEqual([{ service: 'tickets', source: 'channels', cursors: 1 }]);
    expect(await run(urls, 'doctor')).toEqual([]);
    await says(channels, 1);
    expect(await run(urls, 'doctor')).toEqual([{ service: 'tickets', found: '1 facts of channels are not yet heard' }]);
  });

  it('a subscriber that will never come back is forgotten, once', async () => {
    await channels.query(`INSERT INTO log_subscriber (consumer, partition, position) VALUES ('old', 0, 1)`);
    await run(urls, 'log', 'drop-consumer', 'channels', 'old');
    expect(await channels.query('SELECT 1 FROM log_subscriber')).toEqual([]);
    await expect(run(urls, 'log', 'drop-consumer', 'channels', 'old')).rejects.toThrow('old does not listen to channels');
  });

  it('TIME-5 timers are listed by what, when and for whom; late ones are trouble', async () => {
    const subject = randomUUID();
    const set = (kind: string, after: string) =>
      tickets.query(`INSERT INTO scheduled_action (id, account_id, kind, subject_type, subject_id, generation, due_at, reason) VALUES (gen_random_uuid(), $1, $2, 'ticket', $3, 1, now() + $4::interval, '{}')`, [account, kind, subject, after]);
    await set('auto_close', '1 day');
    await set('snooze', '-2 minutes');
    expect(await run(urls, 'timers', 'list')).toMatchObject([
      { service: 'tickets', kind: 'snooze', subject: `ticket ${subject}`, account, state: 'due' },
      { kind: 'auto_close', state: 'pending' },
    ]);
    expect(await run(urls, 'doctor')).toEqual([{ service: 'tickets', found: expect.stringContaining('1 timers are more than a minute late') }]);
  });

  it('the doctor finds gaps, heads behind and parked facts, and nothing where all is well', async () => {
    expect(await run(urls, 'doctor')).toEqual([]);
    await says(channels, 3);
    await channels.query('DELETE FROM log WHERE seq = 2');
    await channels.query('UPDATE log_head SET seq = 1');
    await park(tickets);
    const found = (await run(urls, 'doctor')) as { found: string }[];
    expect(found.map((one) => one.found)).toEqual([expect.stringContaining('1 facts are parked'), expect.stringContaining('have gaps'), expect.stringContaining('heads of the log are behind')]);
  });
});

describe('words', () => {
  it('that make no sense are answered with what there is', () => {
    for (const argv of [[], ['dead'], ['dead', 'show'], ['dead', 'discard', 'x'], ['log', 'resync', 'tickets'], ['nonsense']]) {
      expect(() => interpret(argv, '/')).toThrow('dead discard <event> <reason>');
    }
  });

  it('name databases in three ways', () => {
    const url = 'postgres://parley@db.example/parley_access';
    expect(urlsOf({ options: [], databaseUrl: url })).toEqual({ gateway: url });
    expect(urlsOf({ options: ['access=postgres://a', 'tickets=postgres://b?x=1'], databaseUrl: url })).toEqual({ gateway: 'postgres://a', tickets: 'postgres://b?x=1' });
    expect(urlsOf({ options: [], running: { tickets: 'postgres://c' } })).toEqual({ tickets: 'postgres://c' });
    expect(() => urlsOf({ options: [], databaseUrl: 'postgres://db.example/mine' })).toThrow('Whose database is mine?');
    expect(() => urlsOf({ options: ['nobody=postgres://a'] })).toThrow('There is no service “nobody”');
    expect(() => urlsOf({ options: [] })).toThrow('No system runs here');
  });

  it('stand in columns', () => {
    expect(table([{ a: 1, bb: null }, { a: 'long', bb: { x: 1 } }])).toBe('a     bb\n────  ───────\n1\nlong  {"x":1}');
    expect(table([])).toBe('nothing');
  });
});
