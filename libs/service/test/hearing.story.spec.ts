import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { newId } from '../src/ids.js';
import { discardDead, listDead, logStatus, resync, retryDead } from '../src/operator.js';
import { rig, until, type Rig } from '../src/testing/rig.js';
import { Echo, echoApp } from './echo.js';

describe('hearing', () => {
  let here: Rig;
  beforeAll(async () => { here = await rig(echoApp); });
  afterAll(() => here?.close());

  const say = (session: string, upToSeq: number, account?: string) =>
    here.say(channelEvents.chatRead, { key: session, data: { sessionId: session, channelId: session, upToSeq }, ...(account && { account }) });
  const heard = (session: string, account = here.account) =>
    here.tx((tx) => tx.sql<{ up_to: number }>('SELECT up_to FROM heard WHERE session_id = $1 ORDER BY n', [session]), { ...here.by, account }).then((rows) => rows.map((row) => row.up_to));

  it('takes effect once and in order of the key, and says what it has to say', async () => {
    const session = newId();
    for (let n = 1; n <= 50; n++) await say(session, n);
    await here.heard();
    expect(await heard(session)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect((await here.facts('chat.read')).filter((fact) => fact.data['sessionId'] === session).map((fact) => fact.data['upToSeq'])).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('ACC-1 keeps accounts apart within one batch', async () => {
    const [session, other] = [newId(), newId()];
    await Promise.all([say(session, 1), say(session, 2, other), say(session, 3, other)]);
    await here.heard();
    expect(await heard(session)).toEqual([1]);
    expect((await heard(session, other)).sort()).toEqual([2, 3]);
  });

  it('reads what a push did not bring', async () => {
    const session = newId();
    here.running.broker.publish('evt.channels.3', '[900719925474099]'); // a false head: the source knows better
    await say(session, 1);
    await until(async () => (await heard(session)).length === 1, 'the fact to be heard');
    expect(await heard(session)).toEqual([1]);
  });

  it('parks a fact that fails five times, lets its neighbours pass, and tells; retried by an operator it takes effect', async () => {
    const [bad, good] = [newId(), newId()];
    Echo.poisoned.set(bad, 0);
    const fact = await say(bad, 1);
    for (let n = 1; n <= 5; n++) await say(good, n);
    await until(async () => (await heard(good)).length === 5, 'the neighbours');
    const [letter] = await until(async () => ((await listDead(here.db)).length ? listDead(here.db) : null), 'the dead letter');
    expect(letter).toMatchObject({ event_id: fact.id, error: 'poisoned', attempts: 5 });
    expect(await here.tx((tx) => tx.sql('SELECT event_id, error FROM told'))).toEqual([{ event_id: fact.id, error: 'poisoned' }]);
    Echo.poisoned.delete(bad);
    expect(await retryDead(here.db, fact.id)).toBe(true);
    await until(async () => (await heard(bad)).length === 1, 'the retried fact');
    await until(async () => (await listDead(here.db)).length === 0, 'the letter to be settled');
    expect(await discardDead(here.db, fact.id, 'too late')).toBe(false);
  });

  it('two replicas hear every fact once', async () => {
    const twin = await rig(echoApp, { replicaOf: here });
    const session = newId();
    await Promise.all(Array.from({ length: 200 }, (_, n) => say(n % 2 ? session : newId(), n)));
    await here.heard();
    await twin.heard();
    const numbers = await heard(session);
    expect(numbers).toHaveLength(100);
    expect(new Set(numbers).size).toBe(100);
    await twin.close();
  });

  it('parks a fact under which the process ended five times, and hears its neighbours', async () => {
    const first = await rig(echoApp);
    await first.running.hearings[0]!.stop();
    const sessions = Array.from({ length: 20 }, newId);
    const facts = [];
    for (const session of sessions) facts.push(await first.say(channelEvents.chatRead, { key: session, data: { sessionId: session, channelId: session, upToSeq: 1 } }));
    // Four starts without an end stand for four crashes; the neighbours were in the same batches.
    await first.db.query(`INSERT INTO event_failure (consumer, event_id, starts) SELECT 'tickets', id, 4 FROM unnest($1::uuid[]) id`, [facts.slice(0, 5).map((fact) => fact.id)]);
    await first.db.query(`UPDATE event_failure SET starts = 5 WHERE event_id = $1`, [facts[0]!.id]);
    const second = await rig(echoApp, { replicaOf: first });
    await second.heard();
    expect((await listDead(first.db)).map((letter) => letter.event_id)).toEqual([facts[0]!.id]);
    expect(await first.tx((tx) => tx.sql('SELECT FROM heard'))).toHaveLength(19);
    await second.close();
    await first.close();
  });

  it('stops at a source whose log was rewound, until an operator resyncs', async () => {
    const session = newId();
    await say(session, 1);
    await here.heard();
    const source = (here as unknown as { sources: Map<string, { db: { query(sql: string, values?: unknown[]): Promise<unknown> } }> }).sources.get('channels')!.db;
    // Restored to an older copy: newer facts are gone, the numbers begin again.
    await source.query('DELETE FROM log');
    await source.query('UPDATE log_head SET seq = 0');
    const hearing = here.running.hearings[0]!;
    await until(async () => (await hearing.poll()) && hearing.rewound, 'the rewind to be noticed');
    await say(session, 2);
    await until(() => hearing.poll(), 'the source to answer');
    expect(await heard(session)).toEqual([1]);
    const { heads } = await logStatus(source as never);
    expect(await resync(here.db, 'channels', heads)).toBe(16);
    await until(async () => (await hearing.poll()) && !hearing.rewound, 'hearing to go on');
    await say(session, 3);
    await until(async () => (await heard(session)).length === 2, 'the next fact');
    expect(await heard(session)).toEqual([1, 3]);
  });
});
