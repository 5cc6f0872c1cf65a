import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explain } from '@parley/contracts/explain';
import { merging } from '@parley/contracts/merging';
import { messages } from '@parley/contracts/messages';
import { tags } from '@parley/contracts/tags';
import { Desk, type Customer } from './desk.js';

describe('merge and split', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const texts = async (id: string) => (await desk.thread(id)).items.map(({ seq, text }) => [seq, text]);
  const at = (minute: number) => ({ receivedAt: `2026-11-20T09:${String(minute).padStart(2, '0')}:00.000Z`, occurredAt: `2026-11-20T09:${String(minute).padStart(2, '0')}:00.000Z` });
  /** Two mail threads of one person, written in turns. */
  const two = async () => {
    const first = desk.customer('email');
    const second: Customer = { ...first, threadId: desk.customer('email').threadId, subject: 'Again' };
    const { ticketId: a } = await desk.customerWrites(first, 'a1', at(1));
    const { ticketId: b } = await desk.customerWrites(second, 'b1', at(2));
    await desk.customerWrites(first, 'a2', at(3));
    await desk.customerWrites(second, 'b2', at(4));
    return { a, b, first, second };
  };
  const merge = (id: string, intoId: string) => desk.rig.ask(merging.merge, { id, intoId });
  const undo = (id: string) => desk.rig.ask(merging.undo, { id });

  it('TKT-22 messages of both stand in order of time, each once, under new numbers; the old id answers with the ticket that is left', async () => {
    const { a, b } = await two();
    await desk.rig.ask(messages.note, { id: a, text: 'About a' });
    const merged = await merge(a, b);
    expect(merged).toMatchObject({ kind: 'merge', fromId: a, intoId: b, messages: 2, by: desk.me.id, undoneAt: null });
    expect(await texts(b)).toEqual([[1, 'a1'], [2, 'b1'], [3, 'a2'], [4, 'b2']]);
    expect((await desk.thread(b)).notes).toMatchObject([{ text: 'About a', ticketId: b, afterSeq: 3 }]);
    expect(await desk.look(a)).toMatchObject({ id: b, lastSeq: 4, status: 'open', unread: true, preview: 'b2' });
    expect(await texts(a)).toEqual(await texts(b));
    expect((await desk.list({ view: 'all', status: 'closed' })).items.map(({ id }) => id)).not.toContain(a);
    expect(await desk.last('ticket.merged')).toMatchObject({ ticket: b, data: { merge: { id: merged.id }, from: { id: a }, into: { id: b, lastSeq: 4 } } });
  });

  it('TKT-22 a merged ticket receives nothing: what comes to its thread stands in the other', async () => {
    const { a, b, first } = await two();
    await merge(a, b);
    const { ticketId } = await desk.customerWrites(first, 'a3');
    expect(ticketId).toBe(b);
    expect((await texts(b)).at(-1)).toEqual([5, 'a3']);
    expect((await desk.reply(a, 'An answer')).ticketId).toBe(b);
  });

  it('TKT-22 TKT-14 the ticket that is left has the tags of both, each as it was given; undone, each has its own', async () => {
    const { a, b } = await two();
    const give = (id: string, tag: string, by = desk.me) => desk.rig.ask(tags.put, { id, tag }, by);
    const program = desk.rig.actor({ type: 'automation' });
    for (const [id, tag] of [[a, 'both'], [b, 'both'], [b, 'of b']] as const) await give(id, tag);
    await give(a, 'of a', program);
    const { id } = await merge(a, b);
    expect((await desk.look(b)).tags.sort()).toEqual(['both', 'of a', 'of b']);
    expect((await desk.rig.ask(tags.history, { id: b })).items.find(({ name }) => name === 'of a')).toMatchObject({ origin: 'rule', by: program.id });
    await undo(id);
    expect([(await desk.look(a)).tags.sort(), (await desk.look(b)).tags.sort()]).toEqual([['both', 'of a'], ['both', 'of b']]);
  });

  it('TKT-22 TKT-14 what is split off has the tags, and keeps them when they are renamed', async () => {
    const { a } = await two();
    await desk.rig.ask(tags.put, { id: a, tag: 'returns' });
    const { id: fromMessageId } = (await desk.thread(a)).items[1]!;
    const { intoId } = await desk.rig.ask(merging.split, { id: a, fromMessageId });
    const { id } = (await desk.rig.ask(tags.list, { q: 'returns' })).items[0]!;
    await desk.rig.ask(tags.rename, { id, ifMatch: 1, name: 'Returned' });
    for (const ticket of [a, intoId]) expect((await desk.look(ticket)).tags).toEqual(['Returned']);
  });

  it('TKT-22 undone, messages stand where they stood; those of since stay where they came', async () => {
    const { a, b, first } = await two();
    await desk.rig.ask(messages.note, { id: a, text: 'About a' });
    const before = await desk.look(a);
    const { id } = await merge(a, b);
    await desk.customerWrites(first, 'a3');
    expect(await undo(id)).toMatchObject({ id, undoneAt: expect.any(String) });
    expect(await texts(a)).toEqual([[1, 'a1'], [2, 'a2']]);
    expect((await desk.thread(a)).notes).toMatchObject([{ text: 'About a', afterSeq: 2 }]);
    expect((await texts(b)).map(([, text]) => text)).toEqual(['b1', 'b2', 'a3']);
    const { id: same, status, lastSeq, waitingSince, unread, preview } = before;
    expect(await desk.look(a)).toMatchObject({ id: same, status, lastSeq, waitingSince, unread, preview });
    expect((await desk.customerWrites(first, 'a4')).ticketId).toBe(a);
    expect((await texts(a)).at(-1)).toEqual([3, 'a4']);
    await expect(undo(id)).rejects.toMatchObject({ code: 'MERGE_NOT_ALLOWED', more: { reason: 'already_undone' } });
  });

  it('TKT-22 of three merged into one, all old ids lead there, and the last merge is undone first', async () => {
    const { a, b, first } = await two();
    const third = await desk.customerWrites({ ...first, threadId: desk.customer('email').threadId }, 'c1', at(5));
    const one = await merge(a, b);
    const other = await merge(b, third.ticketId);
    expect((await desk.look(a)).id).toBe(third.ticketId);
    expect((await texts(third.ticketId)).map(([, text]) => text)).toEqual(['a1', 'b1', 'a2', 'b2', 'c1']);
    await expect(undo(one.id)).rejects.toMatchObject({ more: { reason: 'merged_again' } });
    await undo(other.id);
    await undo(one.id);
    expect([(await texts(a)).length, (await texts(b)).length, (await texts(third.ticketId)).length]).toEqual([2, 2, 1]);
  });

  it('TKT-22 only tickets of one person in one channel', async () => {
    const { a } = await two();
    const other = await desk.ticket('email');
    await expect(merge(a, other.id)).rejects.toMatchObject({ code: 'MERGE_NOT_ALLOWED', more: { reason: 'other_person' } });
    await expect(merge(a, a)).rejects.toMatchObject({ more: { reason: 'same_ticket' } });
  });

  it('TKT-22 a split moves a message and all behind it to a ticket of their own; what the customer writes next comes to the old one', async () => {
    const { id, customer } = await desk.ticket('sms');
    await desk.customerWrites(customer, 'And my invoice?');
    await desk.customerWrites(customer, 'For last month');
    const [, second] = (await desk.thread(id)).items;
    const split = await desk.rig.ask(merging.split, { id, fromMessageId: second!.id });
    expect(split).toMatchObject({ kind: 'split', fromId: id, messages: 2 });
    expect(await texts(id)).toEqual([[1, 'Where is my order?']]);
    expect(await texts(split.intoId)).toEqual([[1, 'And my invoice?'], [2, 'For last month']]);
    expect(await desk.look(split.intoId)).toMatchObject({ channel: 'sms', status: 'open', lastSeq: 2, unread: true });
    expect((await desk.customerWrites(customer, 'Hello?')).ticketId).toBe(id);
    await undo(split.id);
    expect((await texts(id)).map(([, text]) => text)).toEqual(['Where is my order?', 'And my invoice?', 'For last month', 'Hello?']);
    expect((await desk.look(split.intoId)).id).toBe(id);
    const [first] = (await desk.thread(id)).items;
    await expect(desk.rig.ask(merging.split, { id, fromMessageId: first!.id })).rejects.toMatchObject({ more: { reason: 'nothing_left' } });
    await expect(desk.rig.ask(merging.split, { id, fromMessageId: split.id })).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  });

  it('TKT-22 merges at the same moment leave every message once', async () => {
    const { a, b } = await two();
    const done = await Promise.allSettled([merge(a, b), merge(b, a), merge(a, b)]);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await texts(a)).map(([, text]) => text)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('TKT-21 the timeline of a merged ticket tells of both', async () => {
    const { a, b } = await two();
    await merge(a, b);
    const { items } = await desk.rig.ask(explain.timeline, { id: a, limit: 100 });
    expect(items.filter(({ type }) => type === 'ticket.created')).toHaveLength(2);
    expect(items.filter(({ type }) => type === 'message.received')).toHaveLength(4);
  });
});
