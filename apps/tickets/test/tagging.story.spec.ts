import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messages } from '@parley/contracts/messages';
import { tags } from '@parley/contracts/tags';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk?.shut());

const put = (id: string, tag: string, by = desk.me) => desk.rig.ask(tags.put, { id, tag }, by);
const history = async (id: string) => (await desk.rig.ask(tags.history, { id })).items;
const named = async (name: string) => (await desk.rig.ask(tags.list, { q: name })).items.find((tag) => tag.name === name)!;

describe('tags', () => {
  it('TKT-14 a person’s tag and a program’s have their origins, who gave them and when', async () => {
    const { id } = await desk.ticket('email');
    expect(await put(id, ' Late  parcel ')).toMatchObject({ tags: ['Late parcel'], version: 2 });
    const key = desk.rig.actor({ type: 'automation', id: newId() });
    await put(id, 'vip', key);
    expect(await history(id)).toMatchObject([{ name: 'vip', origin: 'rule', by: key.id, removedAt: null }, { name: 'Late parcel', origin: 'person', by: desk.me.id, at: expect.any(String) }]);
    expect(await desk.last('ticket.tagged')).toMatchObject({ ticket: id, changed: expect.arrayContaining(['tags']), data: { tags: ['Late parcel', 'vip'], tag: { name: 'vip', added: true, origin: 'rule' } } });
  });

  it('TKT-14 the same tag in another case is the same tag, and repeating it changes nothing', async () => {
    const { id } = await desk.ticket('email');
    await put(id, 'Straße');
    const told = (await desk.told(id)).length;
    expect(await put(id, 'STRAßE')).toMatchObject({ tags: ['Straße'], version: 2 });
    expect(await desk.rig.ask(tags.take, { id, tag: 'unheard of' })).toMatchObject({ version: 2 });
    expect((await desk.told(id)).length).toBe(told);
    expect(await desk.rig.ask(tags.take, { id, tag: 'straße' })).toMatchObject({ tags: [], version: 3 });
    expect(await history(id)).toMatchObject([{ removedAt: expect.any(String), removedBy: desk.me.id }]);
    expect(await put(id, 'straße')).toMatchObject({ tags: ['Straße'] });
    expect(await history(id)).toHaveLength(2);
  });

  it('TKT-14 eight people who give the same new tag at the same moment make one of it', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => desk.ticket('email')));
    await Promise.all(made.map(({ id }) => put(id, 'brand new')));
    expect((await desk.rig.ask(tags.list, { q: 'BRAND' })).items.map(({ name }) => name)).toEqual(['brand new']);
    for (const { id } of made) expect((await desk.look(id)).tags).toEqual(['brand new']);
  });

  it('TKT-14 renaming a tag keeps its history, on every ticket', async () => {
    const [open, closed] = [await desk.ticket('email'), await desk.ticket('sms')];
    for (const { id } of [open, closed]) await put(id, 'refnd');
    await desk.close(closed.id);
    const tag = await named('refnd');
    const renamed = await desk.rig.ask(tags.rename, { id: tag.id, ifMatch: tag.version, name: 'Refund' });
    expect(renamed).toMatchObject({ id: tag.id, name: 'Refund', version: 2 });
    for (const { id } of [open, closed]) {
      expect((await desk.look(id)).tags).toEqual(['Refund']);
      expect(await history(id)).toMatchObject([{ tagId: tag.id, name: 'Refund', nameThen: 'refnd', origin: 'person', by: desk.me.id }]);
    }
    await expect(desk.rig.ask(tags.rename, { id: tag.id, ifMatch: 1, name: 'x' })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { version: 2 } } });
    expect((await desk.last('tag.changed')).data).toEqual({ id: tag.id, name: 'refnd', became: { id: tag.id, name: 'Refund' } });
    await expect(desk.rig.ask(tags.create, { name: 'REFUND' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
  });

  it('TKT-14 merging two tags keeps both histories and leaves one tag', async () => {
    const [one, other, both] = [await desk.ticket('email'), await desk.ticket('email'), await desk.ticket('email')];
    for (const [{ id }, name] of [[one, 'parcel'], [other, 'package'], [both, 'parcel'], [both, 'package']] as const) await put(id, name);
    const [from, into] = [await named('package'), await named('parcel')];
    expect(await desk.rig.ask(tags.merge, { id: from.id, intoId: into.id })).toMatchObject({ id: into.id, name: 'parcel' });
    for (const { id } of [one, other, both]) expect((await desk.look(id)).tags).toEqual(['parcel']);
    expect((await history(both.id)).map(({ name, nameThen, removedAt }) => [name, nameThen, removedAt === null])).toEqual([['parcel', 'package', false], ['parcel', 'parcel', true]]);
    expect(await history(other.id)).toMatchObject([{ tagId: into.id, nameThen: 'package', removedAt: null }]);
    await expect(desk.rig.ask(tags.get, { id: from.id })).rejects.toMatchObject({ code: 'TAG_NOT_FOUND' });
    await expect(desk.rig.ask(tags.merge, { id: into.id, intoId: into.id })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('TKT-14 a tag that is given while it is renamed is not left behind under its old name', async () => {
    const tickets = await Promise.all(Array.from({ length: 8 }, () => desk.ticket('email')));
    const tag = await desk.rig.ask(tags.create, { name: 'before' });
    await Promise.all([...tickets.map(({ id }) => put(id, 'before')), desk.rig.ask(tags.rename, { id: tag.id, ifMatch: 1, name: 'after' })]);
    const now = await Promise.all(tickets.map(({ id }) => desk.look(id)));
    // Whoever came later has made a tag of the old name anew; nobody shows a name that their tag no longer has.
    for (const { id, tags: shown } of now) expect(shown).toEqual((await history(id)).map(({ name }) => name));
  });

  it('TKT-14 a tag that is removed is off every ticket; what was stays known', async () => {
    const { id } = await desk.ticket('email');
    await put(id, 'gone soon');
    const tag = await named('gone soon');
    await desk.rig.ask(tags.remove, { id: tag.id, ifMatch: tag.version });
    expect((await desk.look(id)).tags).toEqual([]);
    expect(await history(id)).toMatchObject([{ name: 'gone soon', removedAt: expect.any(String) }]);
    expect(await named('gone soon')).toBeUndefined();
    expect(await put(id, 'gone soon')).toMatchObject({ tags: ['gone soon'] });
  });

  it('TKT-14 a ticket has at most 50 tags, and a name can be read', async () => {
    const { id } = await desk.ticket('email');
    for (let n = 0; n < 50; n++) await put(id, `t${n}`);
    await expect(put(id, 'one more')).rejects.toMatchObject({ code: 'TOO_MANY' });
    await expect(put(id, '\u200b \u202e')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('mentions', () => {
  it('TKT-12 a note names people of the account, who are in what is told', async () => {
    const { id } = await desk.ticket('email');
    const bob = await desk.agent('Bob');
    const note = await desk.rig.ask(messages.note, { id, text: 'Can you look, @Bob?', mentions: [bob.id!, bob.id!] });
    expect(note.mentions).toEqual([bob.id]);
    expect((await desk.last('note.added')).data).toMatchObject({ note: { id: note.id, mentions: [bob.id] } });
    expect((await desk.thread(id)).notes).toEqual([note]);
  });

  it('TKT-12 nobody is mentioned who cannot read it: strangers, people who have left, analysts', async () => {
    const { id } = await desk.ticket('email');
    const gone = await desk.agent('Gus', { active: false });
    const analyst = await desk.agent('Ann', { role: 'analyst' });
    await expect(desk.rig.ask(messages.note, { id, text: 'x', mentions: [desk.me.id!, gone.id!, analyst.id!, newId()] })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED', more: { errors: [{ pointer: '/mentions/1' }, { pointer: '/mentions/2' }, { pointer: '/mentions/3' }] },
    });
    expect((await desk.thread(id)).notes).toEqual([]);
  });
});
