import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tickets, type Ticket } from '@parley/contracts/tickets';
import fc from 'fast-check';
import { Desk } from './desk.js';

const SORTS = ['last_message', 'created', 'waiting', 'priority'] as const;
const PRIORITY = ['low', 'normal', 'high', 'urgent'];

describe('the inbox', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  /** All pages of a list, with something happening between two of them. */
  const walk = async (more: Parameters<Desk['list']>[0], between: () => Promise<unknown> = async () => undefined) => {
    const seen: Ticket[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await desk.list({ ...more, cursor: cursor ?? undefined });
      seen.push(...page.items);
      cursor = page.nextCursor;
      if (cursor) await between();
    } while (cursor);
    return seen;
  };

  it('TKT-15 mine, unassigned and all show what they should', async () => {
    const mine = await desk.ticket('email');
    await desk.reply(mine.id, 'Hi');
    const nobodys = await desk.ticket('sms');
    const closed = await desk.ticket('email');
    await desk.close(closed.id);
    const ids = async (more: Parameters<Desk['list']>[0]) => (await desk.list(more)).items.map(({ id }) => id);
    expect(await ids({ view: 'mine' })).toEqual([mine.id]);
    expect(await ids({ view: 'unassigned' })).toEqual([nobodys.id]);
    expect(await ids({ view: 'all' })).toEqual([closed.id, nobodys.id, mine.id]);
    expect(await ids({ view: 'spam' })).toEqual([]);
    expect(await ids({ status: 'closed' })).toEqual([closed.id]);
    expect(await ids({ channel: 'sms' })).toEqual([nobodys.id]);
    expect(await ids({ unread: 'true' })).toEqual([nobodys.id]);
    expect(await ids({ assigneeId: desk.me.id! })).toEqual([mine.id]);
    expect(await ids({ profileId: mine.profile.id, tag: 'x' })).toEqual([]);
    expect(await ids({ createdFrom: nobodys.createdAt, createdTo: closed.createdAt })).toEqual([nobodys.id]);
    expect((await desk.list({ view: 'unassigned' })).items[0]).toMatchObject({ unread: true, preview: 'Where is my order?', channel: 'sms', waitingSince: expect.any(String), canReply: { allowed: false } });
  });

  it.each(SORTS)('TKT-15 by %s: pages neither skip nor repeat while others write', async (sort) => {
    const customer = desk.customer('sms');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }), async (limit, happens) => {
        const before = await walk({ sort, limit: 100 });
        const acts = [() => desk.ticket('email'), () => desk.customerWrites(customer, 'Again'), async () => undefined];
        const moved = new Set([(await desk.customerWrites(customer, 'Hi')).ticketId]);
        const seen = await walk({ sort, limit }, async () => acts[happens.pop() ?? 2]!());
        // In these orders nothing moves behind a place that was shown: not even what moves is seen twice.
        if (sort === 'last_message' || sort === 'created') expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
        const ids = seen.map(({ id }) => id).filter((id) => !moved.has(id));
        expect(new Set(ids).size).toBe(ids.length);
        expect(before.map(({ id }) => id).filter((id) => !moved.has(id)).every((id) => ids.includes(id))).toBe(true);
      }),
      { numRuns: 4 },
    );
  });

  it('TKT-15 every order is what it says', async () => {
    const some = (await desk.list({ limit: 100 })).items;
    for (const [n, { id, version, status }] of some.entries()) if (status === 'open' && n % 3 === 0) await desk.rig.ask(tickets.update, { id, ifMatch: version, priority: n % 2 ? 'urgent' : 'low' });
    const keys: Record<(typeof SORTS)[number], (ticket: Ticket) => string> = {
      last_message: (ticket) => ticket.lastMessageAt,
      created: (ticket) => ticket.createdAt,
      waiting: (ticket) => ticket.waitingSince ?? 'never',
      priority: (ticket) => `${PRIORITY.indexOf(ticket.priority)} ${ticket.lastMessageAt}`,
    };
    for (const sort of SORTS) {
      const found = (await walk({ sort, limit: 7 })).map(keys[sort]);
      expect(found).toEqual(sort === 'waiting' ? [...found].sort() : [...found].sort().reverse());
    }
  });

  it('a cursor of another order is refused', async () => {
    const { nextCursor } = await desk.list({ limit: 1, sort: 'priority' });
    await expect(desk.list({ cursor: nextCursor!, sort: 'created' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/cursor' }] } });
  });
});
