import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { accessEvents } from '@parley/contracts/access';
import { newId } from '@parley/service/ids';
import fc from 'fast-check';
import { factsOf, openDesk, type Desk } from '../../test/desk.js';
import { aTicket } from '../../test/happenings.js';
import { RebuildService } from './rebuild.service.js';

const PEOPLE = [newId(), newId()];
let desk: Desk;
beforeAll(async () => (desk = await openDesk()));
afterAll(() => desk.close());

type Life = ReturnType<typeof aTicket>;
const act = fc.oneof(
  fc.constant((t: Life, at: number) => t.customerWrites(at)),
  fc.constantFrom(...PEOPLE).map((person) => (t: Life, at: number) => t.agentReplies(at, person)),
  fc.constantFrom(...PEOPLE, null).map((person) => (t: Life, at: number) => t.isAssigned(at, person)),
  fc.constantFrom(...PEOPLE).map((person) => (t: Life, at: number) => t.isClosedBy(at, person)),
  fc.constant((t: Life, at: number) => t.isReopened(at)),
  fc.constant((t: Life, at: number) => t.isClosedByTimer(at)),
);
const lives = fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 5 });
const lived = (steps: ((t: Life, at: number) => Life)[][]) =>
  steps.map((life, number) => life.reduce((ticket, step, index) => step(ticket, index * 10 + number), aTicket({ number: number + 1 }).opens(number)));

it('REP-5 whatever happened, in whatever batches, also twice: a rebuild gives the same numbers', async () => {
  await fc.assert(
    fc.asyncProperty(lives, fc.integer({ min: 1, max: 9 }), async (steps, size) => {
      const account = newId();
      const facts = factsOf(account, lived(steps));
      for (let from = 0; from < facts.length; from += size) {
        await desk.hears(facts.slice(from, from + size), account);
        await desk.hears(facts.slice(Math.max(0, from - 2), from + size), account);
      }
      const before = { values: await desk.values(account), tickets: await desk.tickets(account) };
      expect(await desk.rebuild(account)).toBe(facts.length);
      expect({ values: await desk.values(account), tickets: await desk.tickets(account) }).toEqual(before);
    }),
    { numRuns: 25 },
  );
});

it('REP-5 what is heard while a rebuild runs is in it once', async () => {
  const account = newId();
  const tickets = Array.from({ length: 60 }, (_, number) => aTicket({ number: number + 1 }).opens(0).agentReplies(10, PEOPLE[0]!).isClosedBy(20, PEOPLE[1]!));
  const facts = factsOf(account, tickets);
  await desk.hears(facts.slice(0, 120), account);
  const listening = (async () => {
    for (let from = 120; from < facts.length; from += 4) await desk.hears(facts.slice(from, from + 4), account);
  })();
  for (let round = 0; round < 5; round++) await desk.rebuild(account);
  await listening;
  const before = await desk.values(account);
  expect(before.length).toBe(60 * 6);
  expect(await desk.rebuild(account)).toBe(facts.length);
  expect(await desk.values(account)).toEqual(before);
});

it('REP-5 numbers that were damaged are right again after a rebuild', async () => {
  const account = newId();
  await desk.happened([aTicket().opens(0).agentReplies(10, PEOPLE[0]!)], account);
  const before = await desk.values(account);
  await desk.tx((tx) => tx.sql('UPDATE metric_value SET seconds = 1, agent_id = NULL'), desk.actor({ account }));
  expect(await desk.values(account)).not.toEqual(before);
  await desk.rebuild(account);
  expect(await desk.values(account)).toEqual(before);
});

it('REP-5 all accounts, one after the other', async () => {
  const accounts = [newId(), newId()];
  for (const account of accounts) await desk.happened([aTicket().opens(0)], account);
  const before = (await desk.db.query('SELECT account_id, build FROM reported_account ORDER BY 1')) as { account_id: string; build: number }[];
  expect(await desk.app.get(RebuildService).all()).toMatchObject({ accounts: before.length });
  expect(await desk.db.query('SELECT account_id, build FROM reported_account ORDER BY 1')).toEqual(before.map(({ account_id, build }) => ({ account_id, build: build + 1 })));
  for (const account of accounts) expect(await desk.values(account)).toHaveLength(1);
});

it('REP-5 leaves nothing of the old build, and of nothing else', async () => {
  const [account, other] = [newId(), newId()];
  for (const each of [account, other]) await desk.happened([aTicket().opens(0)], each);
  await desk.rebuild(account);
  await desk.rebuild(account);
  const builds = (of: string) => desk.tx((tx) => tx.sql('SELECT DISTINCT build FROM metric_value UNION SELECT DISTINCT build FROM ticket_fact'), desk.actor({ account: of }));
  expect(await builds(account)).toEqual([{ build: 3 }]);
  expect(await builds(other)).toEqual([{ build: 1 }]);
});

it('an account is rebuilt by one at a time', async () => {
  const account = newId();
  await desk.happened([aTicket().opens(0)], account);
  const runner = desk.db.createQueryRunner();
  await runner.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`rebuild ${account}`]);
  await expect(desk.rebuild(account)).rejects.toThrow('being rebuilt already');
  await runner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [`rebuild ${account}`]);
  await runner.release();
  await expect(desk.rebuild(account)).resolves.toBe(2);
});

it('REP-5 every fact of every service is kept as it was said', async () => {
  const said = await desk.say(accessEvents.userCreated, { key: 'x', data: { id: newId(), email: 'anna@shop.example', name: 'Anna', role: 'support', availability: 'online', active: true, createdAt: '2026-03-01T09:00:00Z', version: 1 } });
  await desk.heard();
  expect(await desk.tx((tx) => tx.sql('SELECT envelope FROM event_log'))).toEqual([{ envelope: JSON.parse(JSON.stringify(said)) }]);
});
