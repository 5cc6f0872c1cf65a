import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelType } from '@parley/contracts/channels';
import { profiles } from '@parley/contracts/profiles';
import { tickets } from '@parley/contracts/tickets';
import pg from 'pg';
import { Desk } from './desk.js';

/** Tables that grow with every customer. */
const ALL = /Seq Scan on (ticket|message|note|profile|profile_identifier|consent|held_message)\b/;
const OF_LARGE = / on (ticket(?!_counter)|message|note|profile|consent|held_message)/;
const BY_ACCOUNT_ALONE = /Index Cond: \(account_id = [^ ]*\)$/;

describe('plans of the first day', () => {
  let desk: Desk;
  const statements = new Map<string, unknown[]>();
  const client = pg.Client.prototype as unknown as { query(...args: unknown[]): unknown };
  const { query } = client;

  /** Does everything once on an empty database, where plans are made without statistics and then kept. */
  beforeAll(async () => {
    client.query = function (...args) {
      const statement = args[0] as { name?: string; text: string; values: unknown[] };
      if (statement?.name) statements.set(statement.text, statement.values);
      return query.apply(this, args);
    };
    desk = await Desk.open();
    for (const channel of ChannelType.options) await aWholeConversation(channel);
    for (const view of ['mine', 'unassigned', 'all', 'spam'] as const) for (const sort of ['last_message', 'created', 'waiting', 'priority'] as const) await twoPages(view, sort);
    await desk.rig.ask(tickets.badge, {});
    client.query = query;
  });
  afterAll(async () => {
    client.query = query;
    await desk?.shut();
  });

  const aWholeConversation = async (channel: ChannelType) => {
    const { id, profile, customer } = await desk.ticket(channel);
    await desk.customerWrites(customer, 'Hello?');
    await desk.consent(profile.id, 'sms_transactional', 'granted');
    await desk.delivery(await desk.reply(id, 'Hi', { lastSeenSeq: 1 }), 'delivered');
    await desk.thread(id);
    if (channel === 'webchat') {
      await desk.visitor(customer, { online: false });
      await desk.visitorReads(customer, 3);
    }
    await desk.rig.ask(profiles.upsert, { externalId: `x-${id}`, email: `x-${id}@example.com` });
    await desk.rig.ask(profiles.list, { email: `x-${id}@example.com` });
    await desk.rig.ask(profiles.consents, { id: profile.id });
    await desk.rig.ask(profiles.block, { id: profile.id });
  };
  const twoPages = async (view: 'mine' | 'unassigned' | 'all' | 'spam', sort: 'last_message' | 'created' | 'waiting' | 'priority') => {
    const { nextCursor } = await desk.list({ view, sort, limit: 1 });
    if (nextCursor) await desk.list({ view, sort, limit: 1, cursor: nextCursor });
  };

  it('TKT-15 no statement walks a large table, or all rows of an account', async () => {
    const walks: string[] = [];
    await desk.rig.tx(async (tx) => {
      for (const [text, values] of statements) {
        const plan = await tx.sql<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
        const lines = plan.map((row) => row['QUERY PLAN']);
        const isWalk = (line: string, n: number) => ALL.test(line) || (OF_LARGE.test(lines[n - 1] ?? '') && BY_ACCOUNT_ALONE.test(line));
        // The badge counts what is unread, and a change asks whether anything is queued, by indexes that hold nothing else.
        if (lines.some(isWalk) && !/unread_tickets|others_wait/.test(text)) walks.push(`${text}\n${lines.join('\n')}`);
      }
    });
    expect(statements.size).toBeGreaterThan(40);
    expect(walks).toEqual([]);
  });
});
