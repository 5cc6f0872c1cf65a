import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '../src/ids.js';
import { dropOldFacts, LogServer } from '../src/log-server.js';
import { rig, type Rig } from '../src/testing/rig.js';
import { announce } from '../src/tx.js';
import { echoApp } from './echo.js';

describe('a transaction', () => {
  let here: Rig;
  beforeAll(async () => { here = await rig(echoApp); });
  afterAll(() => here?.close());

  const note = (account = here.account) => here.tx((tx) => tx.sql('INSERT INTO counted (account_id, n) VALUES ($1, 1)', [account]));
  const say = (key: string) => here.tx(async (tx) => announce(tx, channelEvents.chatRead, { key, data: { sessionId: key, channelId: key, upToSeq: 1 } }));

  it('ACC-1 sees and writes no row of another account, and none at all without an account', async () => {
    await note();
    const other = here.actor({ account: newId() });
    expect(await here.tx((tx) => tx.sql('SELECT FROM counted'), other)).toEqual([]);
    await expect(here.tx((tx) => tx.sql('INSERT INTO counted (account_id, n) VALUES ($1, 1)', [here.account]), other)).rejects.toThrow('row-level security');
    expect(await here.db.query('SELECT FROM counted')).toEqual([]);
    expect(await here.tx((tx) => tx.sql('SELECT FROM counted'))).toHaveLength(1);
  });

  it('leaves nothing behind when it fails: no row, no fact, no number', async () => {
    const head = () => here.db.query('SELECT sum(seq)::int n FROM log_head').then((rows: { n: number }[]) => rows[0]!.n);
    const before = await head();
    await expect(here.tx(async (tx) => {
      announce(tx, channelEvents.chatRead, { key: 'x', data: { sessionId: newId(), channelId: newId(), upToSeq: 1 } });
      throw new Error('no');
    })).rejects.toThrow('no');
    expect(await head()).toBe(before);
  });

  it('takes its rows back where its facts cannot be appended', async () => {
    const rows = () => here.tx((tx) => tx.sql('SELECT FROM counted')).then(({ length }) => length);
    const before = await rows();
    await here.db.query(`ALTER TABLE log ADD CONSTRAINT no_such_key CHECK (key <> 'unlucky')`);
    await expect(here.tx(async (tx) => {
      await tx.sql('INSERT INTO counted (account_id, n) VALUES ($1, 1)', [here.account]);
      announce(tx, channelEvents.chatRead, { key: 'unlucky', data: { sessionId: newId(), channelId: newId(), upToSeq: 1 } });
    })).rejects.toThrow('no_such_key');
    await here.db.query('ALTER TABLE log DROP CONSTRAINT no_such_key');
    expect(await rows()).toBe(before);
  });

  it('numbers facts of many writers without a gap, in the order of their commits', async () => {
    await Promise.all(Array.from({ length: 100 }, () => say(newId())));
    const [gaps] = await here.db.query('SELECT count(*)::int n FROM (SELECT seq - lag(seq, 1, 0::bigint) OVER (PARTITION BY partition ORDER BY seq) step FROM log) s WHERE step <> 1') as { n: number }[];
    const [heads] = await here.db.query('SELECT count(*)::int n FROM log_head h WHERE seq <> coalesce((SELECT max(seq) FROM log l WHERE l.partition = h.partition), 0)') as { n: number }[];
    expect([gaps!.n, heads!.n]).toEqual([0, 0]);
  });

  it('a repeated command has one effect and the same answer', async () => {
    const { within } = await import('../src/tx.js');
    const by = here.actor({ command: newId() });
    let effects = 0;
    const make = () => within(here.db, by, async () => ({ id: newId(), effect: ++effects }), async (_, id) => ({ id, effect: 0 }));
    const first = await make();
    expect((await make()).id).toBe(first.id);
    expect(effects).toBe(1);
  });

  it('drops old facts only when the slowest subscriber has heard them', async () => {
    await say(newId());
    await here.db.query(`UPDATE log SET at = now() - interval '31 days'`);
    const count = () => here.db.query('SELECT count(*)::int n FROM log').then((rows: { n: number }[]) => rows[0]!.n);
    const all = await count();
    expect(await dropOldFacts(here.db)).toBe(0);
    const heads = (await here.db.query('SELECT seq FROM log_head ORDER BY partition')) as { seq: number }[];
    const server = new LogServer(here.db, here.broker, 'tickets');
    await server.heads({ consumer: 'slow', at: heads.map(() => [0, null]) });
    await server.heads({ consumer: 'fast', at: heads.map(({ seq }) => [seq, null]) });
    expect(await dropOldFacts(here.db)).toBe(0);
    await here.db.query(`DELETE FROM log_subscriber WHERE consumer = 'slow'`);
    expect(await dropOldFacts(here.db)).toBe(all);
    expect(await count()).toBe(0);
  });
});
