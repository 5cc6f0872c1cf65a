import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Ask, Output } from '@parley/contracts/contract';
import { reports } from '@parley/contracts/reports';
import { newId } from '@parley/service/ids';
import { FactsService } from '../src/facts/facts.service.js';
import { openDesk, type Desk } from './desk.js';
import { aTicket } from './happenings.js';

const ANNA = newId();
const BEN = newId();
const DAY = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' };
let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
  await desk.happened([
    aTicket({ number: 1, channel: 'sms' }).opens(0).isAssigned(5, ANNA).agentReplies(60, ANNA).isClosedBy(120, ANNA).isReopened(200).isClosedBy(300, BEN),
    aTicket({ number: 2, channel: 'sms' }).opens(10).isAssigned(15, ANNA).agentReplies(110, BEN).agentReplies(120, BEN),
    aTicket({ number: 3, channel: 'webchat' }).opens(20).agentReplies(40, ANNA).isClosedByTimer(1000),
    aTicket({ number: 4, channel: 'email', start: '2026-03-02T00:00:00.000Z' }).opens(0),
  ]);
});
afterAll(() => desk.close());

const report = (ask: Partial<Ask<typeof reports.report>> & Pick<Ask<typeof reports.report>, 'metric'>) => desk.ask(reports.report, { ...DAY, ...ask });
const groups = ({ points }: Output<typeof reports.report>) => Object.fromEntries(points.map(({ group, value }) => [group === ANNA ? 'Anna' : group === BEN ? 'Ben' : group, value.count]));

it('REP-4 an interval is half-open: what happens at its end belongs to the next', async () => {
  expect((await report({ metric: 'ticket-volume' })).total.count).toBe(3);
  expect((await report({ metric: 'ticket-volume', from: DAY.to, to: '2026-03-02T00:00:00.001Z' })).total.count).toBe(1);
});

it('REP-1 volume per channel, per agent, and of one channel', async () => {
  expect(groups(await report({ metric: 'ticket-volume', groupBy: 'channel' }))).toEqual({ sms: 2, webchat: 1 });
  expect(groups(await report({ metric: 'ticket-volume', groupBy: 'agent' }))).toEqual({ Anna: 2, null: 1 });
  expect((await report({ metric: 'ticket-volume', channel: 'webchat' })).total.count).toBe(1);
});

it('REP-2 first response: count, mean, median and p90, credited to the senders', async () => {
  const first = await report({ metric: 'first-response-time', groupBy: 'agent' });
  expect(first.total).toEqual({ count: 3, mean: 60, median: 60, p90: 92 });
  expect(groups(first)).toEqual({ Anna: 2, Ben: 1 });
  expect((await report({ metric: 'first-response-time', agentId: BEN })).total.mean).toBe(100);
});

it('REP-2 resolutions count close events; the automatic one ends at the last answer', async () => {
  expect((await report({ metric: 'resolution-time' })).total).toMatchObject({ count: 3, median: 120, mean: (120 + 300 + 20) / 3 === 146.66666666666666 ? 146.667 : NaN });
  expect((await report({ metric: 'first-resolution-time' })).total).toMatchObject({ count: 2, mean: 70 });
  expect(groups(await report({ metric: 'closes', groupBy: 'agent' }))).toEqual({ Anna: 1, Ben: 1, null: 1 });
});

it('REP-1 over time, with the empty hours', async () => {
  const { points } = await report({ metric: 'replies', from: '2026-03-01T08:00:00Z', to: '2026-03-01T11:00:00Z', interval: 'hour' });
  expect(points.map(({ from, value }) => [from.slice(11, 16), value.count])).toEqual([['08:00', 0], ['09:00', 4], ['10:00', 0]]);
});

it('REP-4 days are those of the zone', async () => {
  const { points } = await report({ metric: 'ticket-volume', from: '2026-02-28T05:00:00Z', to: '2026-03-02T05:00:00Z', timezone: 'America/New_York', interval: 'day' });
  expect(points.map(({ from, value }) => [from, value.count])).toEqual([['2026-02-28T05:00:00.000Z', 0], ['2026-03-01T05:00:00.000Z', 4]]);
});

it('REP-5 a number drills down to its tickets, page by page, newest first', async () => {
  const ask = { metric: 'resolution-time' as const, ...DAY, limit: 2 };
  const first = await desk.ask(reports.drillDown, ask);
  const second = await desk.ask(reports.drillDown, { ...ask, cursor: first.nextCursor! });
  expect([...first.items, ...second.items].map(({ number, value }) => [number, value])).toEqual([[3, 20], [1, 300], [1, 120]]);
  expect(second.nextCursor).toBeNull();
});

it('REP-2 the catalogue publishes what every number means', async () => {
  expect((await desk.ask(reports.catalogue, {})).items.map(({ name }) => name)).toContain('first-response-time');
});

it.each<[string, Partial<Ask<typeof reports.report>>, string]>([
  ['an interval that ends before it begins', { to: '2026-02-01T00:00:00Z' }, '/to'],
  ['a zone that does not exist', { timezone: 'Europe/Atlantis' }, '/timezone'],
  ['more points than anybody can look at', { from: '2000-01-01T00:00:00Z', interval: 'hour' }, '/interval'],
])('%s is refused', async (_, ask, pointer) => {
  await expect(report({ metric: 'closes', ...ask })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: [expect.objectContaining({ pointer })] } });
});

it('a cursor that was not given is refused', async () => {
  await expect(desk.ask(reports.drillDown, { metric: 'closes', ...DAY, cursor: 'x' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
});

it('ACC-1 another account’s report is empty', async () => {
  const stranger = desk.actor({ account: newId() });
  expect((await desk.ask(reports.report, { metric: 'ticket-volume', ...DAY }, stranger)).total.count).toBe(0);
  expect((await desk.ask(reports.drillDown, { metric: 'closes', ...DAY }, stranger)).items).toEqual([]);
});

it('META-2 a message that was taken back is gone from the event log; the numbers stay', async () => {
  const account = newId();
  const ticket = aTicket({ channel: 'instagram' }).opens(0).agentReplies(60, ANNA);
  const received = ticket.facts.find(({ event }) => event.type === 'message.received')!;
  const { message } = received.data as { message: { id: string; text: string; ticketId: string; receivedAt: string } };
  message.text = 'CANARY words';
  await desk.happened([ticket], account);
  const log = () => desk.tx((tx) => tx.sql('SELECT event_id, position, envelope::text FROM event_log ORDER BY position'), desk.actor({ account }));
  const [before, values] = [await log(), await desk.values(account)];
  expect(JSON.stringify(before)).toContain('CANARY');
  await desk.tx((tx) => desk.app.get(FactsService).forget(tx, message), desk.actor({ account }));
  const after = await log();
  expect(JSON.stringify(after)).not.toContain('CANARY');
  expect(after.map(({ event_id, position }) => [event_id, position])).toEqual(before.map(({ event_id, position }) => [event_id, position]));
  expect(await desk.values(account)).toEqual(values);
});
