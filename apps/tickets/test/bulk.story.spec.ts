import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ask } from '@parley/contracts/contract';
import { jobs, type Job } from '@parley/contracts/jobs';
import { newId } from '@parley/service/ids';
import { rig, type Rig } from '@parley/service/testing/rig';
import { ticketsApp } from '../src/tickets.app.js';
import { crowd } from './crowd.js';
import { Desk } from './desk.js';

describe('bulk actions', () => {
  let desk: Desk;
  let second: Rig;
  beforeAll(async () => {
    desk = await Desk.open();
    second = await rig(ticketsApp, { replicaOf: desk.rig });
  });
  afterAll(async () => {
    await second?.close();
    await desk?.shut();
  });

  const start = (wish: Ask<typeof jobs.bulk>, by = desk.me) => desk.rig.ask(jobs.bulk, wish, by);
  const done = async ({ id }: Job) => desk.rig.until(async () => {
    const job = await desk.rig.ask(jobs.get, { id });
    return job.state === 'done' && job;
  }, 'the job to be done');
  const failures = async (job: Job) => (await desk.rig.ask(jobs.failures, { id: job.id, limit: 100 })).items;
  const several = async (count: number) => {
    const made = [];
    for (let n = 0; n < count; n++) made.push(await desk.ticket('email'));
    return made;
  };

  it('TKT-16 closes chosen tickets, each as an agent does, and says per ticket what failed', async () => {
    const [open, snoozed, closed] = await several(3);
    await desk.snooze(snoozed!.id, { preset: 'tomorrow' });
    await desk.close(closed!.id);
    const strange = newId();
    const job = await done(await start({ ids: [open!.id, snoozed!.id, closed!.id, strange, open!.id], action: { type: 'close' } }));
    expect(job).toMatchObject({ kind: 'bulk', total: 4, done: 3, failed: 1, finishedAt: expect.any(String) });
    expect(await failures(job)).toEqual([{ ticketId: strange, code: 'TICKET_NOT_FOUND', reason: null }]);
    for (const { id } of [open!, snoozed!, closed!]) {
      expect(await desk.look(id)).toMatchObject({ status: 'closed', unread: false });
      expect((await desk.told(id)).filter((type) => type === 'ticket.closed')).toHaveLength(1);
    }
    expect((await desk.last('ticket.closed')).actor).toEqual({ type: 'agent', id: desk.me.id });
  });

  it('TKT-16 reopens, snoozes, assigns, ranks and marks, and reports what a channel forbids', async () => {
    const [mail, chat] = [await desk.ticket('email'), await desk.ticket('webchat')];
    const ids = [mail.id, chat.id];
    await done(await start({ ids, action: { type: 'assign', assigneeId: desk.me.id } }));
    await done(await start({ ids, action: { type: 'priority', priority: 'urgent' } }));
    await done(await start({ ids, action: { type: 'read' } }));
    for (const id of ids) expect(await desk.look(id)).toMatchObject({ assigneeId: desk.me.id, priority: 'urgent', unread: false });
    await done(await start({ ids, action: { type: 'snooze', preset: 'tomorrow' } }));
    for (const id of ids) expect((await desk.timers(id)).map(({ kind }) => kind)).toContain('snooze');
    await done(await start({ ids, action: { type: 'close' } }));
    const job = await done(await start({ ids, action: { type: 'reopen' } }));
    expect(await failures(job)).toEqual([{ ticketId: chat.id, code: 'MOVE_NOT_ALLOWED', reason: 'never_reopens' }]);
    expect((await desk.look(mail.id)).status).toBe('open');
  });

  it('TKT-16 what is spam leaves the inbox, and comes back', async () => {
    const ids = (await several(2)).map(({ id }) => id);
    await done(await start({ ids, action: { type: 'spam' } }));
    expect((await desk.list({ view: 'spam' })).items.map(({ id }) => id).sort()).toEqual([...ids].sort());
    await done(await start({ ids, action: { type: 'spam', spam: false } }));
    expect((await desk.list({ view: 'spam' })).items).toEqual([]);
    for (const id of ids) expect((await desk.told(id)).filter((type) => type === 'ticket.spam_changed')).toHaveLength(2);
  });

  it('TKT-16 gives and takes tags, as people do', async () => {
    const ids = (await several(2)).map(({ id }) => id);
    await done(await start({ ids, action: { type: 'tag', add: ['vip', 'late'] } }));
    await done(await start({ ids, action: { type: 'tag', add: ['vip'], remove: ['late'] } }));
    for (const id of ids) expect((await desk.look(id)).tags).toEqual(['vip']);
    expect((await desk.list({ tag: 'vip' })).items.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it('TKT-16 a filter means what it shows at that moment', async () => {
    await crowd(desk, 'now', 3);
    const job = await start({ filter: { tag: 'now' }, action: { type: 'priority', priority: 'high' } });
    expect(job.total).toBe(3);
    await crowd(desk, 'now', 2);
    expect(await done(job)).toMatchObject({ done: 3, failed: 0 });
    expect((await desk.list({ tag: 'now' })).items.filter(({ priority }) => priority === 'high')).toHaveLength(3);
    expect(await done(await start({ filter: { tag: 'nobody has it' }, action: { type: 'close' } }))).toMatchObject({ total: 0, state: 'done' });
  });

  it('TKT-16 two replicas close 400 tickets by filter, each once, and tell how far they are', async () => {
    await crowd(desk, 'many', 400);
    const job = await done(await start({ filter: { tag: 'many' }, action: { type: 'close' } }));
    expect(job).toMatchObject({ total: 400, done: 400, failed: 0 });
    const closed = (await desk.rig.facts('ticket.closed')).filter(({ data }) => (data as { tags: string[] }).tags.includes('many'));
    expect(closed).toHaveLength(400);
    expect(new Set(closed.map(({ ticket }) => ticket)).size).toBe(400);
    const told = (await desk.rig.tx((tx) => tx.sql<{ data: Job }>(`SELECT envelope -> 'data' AS data FROM log WHERE key = $1 AND type = 'job.updated' ORDER BY seq`, [job.id]))).map(({ data }) => data);
    const progress = told.map((one) => one.done);
    expect(told.length).toBeGreaterThan(5);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(told.at(-1)).toMatchObject({ state: 'done', done: 400 });
  });

  it('TKT-16 what a crash interrupts goes on, and nothing happens twice', async () => {
    await crowd(desk, 'crash', 200);
    const third = await rig(ticketsApp, { replicaOf: desk.rig });
    const job = await start({ filter: { tag: 'crash' }, action: { type: 'close' } });
    await desk.rig.until(async () => (await desk.rig.ask(jobs.get, { id: job.id })).done > 0, 'the job to begin');
    await desk.rig.tx((tx) => tx.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%bulk_item%'`));
    await third.close();
    expect(await done(job)).toMatchObject({ total: 200, done: 200, failed: 0 });
    const closed = (await desk.rig.facts('ticket.closed')).filter(({ data }) => (data as { tags: string[] }).tags.includes('crash')).map(({ ticket }) => ticket);
    expect(closed).toHaveLength(200);
    expect(new Set(closed).size).toBe(200);
  });

  it('TKT-16 what can be done to no ticket is refused at once', async () => {
    const ids = [(await desk.ticket('email')).id];
    await expect(start({ ids, action: { type: 'assign', assigneeId: newId() } })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await expect(start({ ids, action: { type: 'assign', teamId: newId() } })).rejects.toMatchObject({ code: 'TEAM_NOT_FOUND' });
    await expect(start({ ids, action: { type: 'assign' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(start({ ids, action: { type: 'snooze', until: '2020-01-01T00:00:00.000Z' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(start({ ids, filter: {}, action: { type: 'close' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(start({ action: { type: 'close' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('ACC-1 another account’s tickets and jobs are not there', async () => {
    const { id } = await desk.ticket('email');
    const stranger = desk.rig.actor({ account: newId(), id: newId() });
    const { id: jobId } = await start({ ids: [id], action: { type: 'close' } }, stranger);
    await expect(desk.rig.ask(jobs.get, { id: jobId })).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await desk.rig.until(async () => (await desk.rig.ask(jobs.get, { id: jobId }, stranger)).state === 'done', 'the job to be done');
    expect((await desk.rig.ask(jobs.failures, { id: jobId }, stranger)).items).toEqual([{ ticketId: id, code: 'TICKET_NOT_FOUND', reason: null }]);
    expect((await desk.look(id)).status).toBe('open');
  });
});
