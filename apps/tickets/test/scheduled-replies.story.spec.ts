import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { files } from '@parley/contracts/attachments';
import { coupons, macros } from '@parley/contracts/macros';
import { messages, type Message, type ScheduledReply } from '@parley/contracts/messages';
import { timers } from '@parley/contracts/timers';
import { newId } from '@parley/service/ids';
import { Desk } from './desk.js';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk?.shut());

const inSeconds = async (seconds: number) => new Date((await desk.now()).getTime() + seconds * 1000).toISOString();
const schedule = async (id: string, more: object = {}, by = desk.me) => (await desk.rig.ask(messages.reply, { id, text: 'Good morning', sendAt: await inSeconds(3600), ...more }, by)) as ScheduledReply;
const upload = (name: string, sizeBytes = 10) => desk.rig.ask(files.register, { name, contentType: 'image/png', sizeBytes, sha256: createHash('sha256').update(name).digest('hex') });

describe('replies that wait', () => {
  it('TKT-10 TIME-5 a reply is sent at its time, by its author, once; until then it is a timer', async () => {
    const { id } = await desk.ticket('email');
    const scheduled = await schedule(id);
    expect(scheduled).toMatchObject({ ticketId: id, text: 'Good morning', attachments: [], macroId: null });
    expect(await desk.timers(id)).toMatchObject([{ id: scheduled.timerId, kind: 'send_reply', dueAt: scheduled.sendAt, reason: { rule: 'TKT-10', scheduledReplyId: scheduled.id, text: 'Good morning' } }]);
    await desk.rig.advance(3000);
    expect((await desk.thread(id)).items).toHaveLength(1);
    await desk.rig.advance(700);
    await desk.rig.advance(9000);
    expect((await desk.thread(id)).items.slice(1)).toMatchObject([{ text: 'Good morning', author: { type: 'agent', id: desk.me.id, name: 'Ada' }, delivery: { state: 'queued' } }]);
    expect(await desk.last('message.sent')).toMatchObject({ ticket: id, actor: { type: 'agent', id: desk.me.id } });
    expect(await desk.look(id)).toMatchObject({ assigneeId: desk.me.id, unread: false, waitingSince: null });
  });

  it('TKT-10 TIME-5 it can be called off, and others go on', async () => {
    const { id } = await desk.ticket('email');
    const [first, second] = [await schedule(id), await schedule(id, { text: 'And then' })];
    expect(await desk.rig.ask(timers.cancel, { id: first.timerId })).toMatchObject({ state: 'cancelled' });
    await desk.rig.advance(4000);
    expect((await desk.thread(id)).items.slice(1).map(({ text }) => text)).toEqual(['And then']);
    await expect(desk.rig.ask(timers.cancel, { id: second.timerId })).rejects.toMatchObject({ code: 'TIMER_OVER' });
  });

  it('TKT-11 whether one can answer is asked again: a refusal stands in the thread, and nothing is sent', async () => {
    const { id, profile } = await desk.ticket('email');
    await schedule(id);
    const sent = (await desk.rig.facts('message.sent')).length;
    await desk.consent(profile.id, 'email', 'revoked');
    await desk.rig.advance(4000);
    const [failed] = (await desk.thread(id)).items.slice(1);
    expect(failed).toMatchObject({ text: 'Good morning', direction: 'outbound', author: { id: desk.me.id }, delivery: { state: 'failed', failure: { code: 'opted_out' } } });
    expect(await desk.look(id)).toMatchObject({ unread: true, firstResponseAt: null, lastSeq: 2 });
    expect((await desk.last('message.delivery_changed')).data).toMatchObject({ message: { id: failed!.id, delivery: { state: 'failed' } } });
    expect((await desk.rig.facts('message.sent')).length).toBe(sent);
  });

  it('TKT-11 what cannot be sent now is not put off, nor is what lies in the past', async () => {
    const { id } = await desk.ticket('sms');
    await expect(schedule(id)).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'no_consent' } });
    const mail = await desk.ticket('email');
    await expect(schedule(mail.id, { sendAt: await inSeconds(-1) })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(schedule(mail.id, { sendAt: await inSeconds(400 * 86_400) })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await desk.timers(mail.id)).toEqual([]);
  });

  it('TKT-13 a macro that waits takes its code when it is sent; with none left it fails and takes nothing from other pools', async () => {
    const [full, empty] = [await desk.rig.ask(coupons.create, { name: 'AFULL', codes: ['F1'] }), await desk.rig.ask(coupons.create, { name: 'BEMPTY', codes: ['E1'] })];
    const one = await desk.rig.ask(macros.create, { name: 'One', text: '{{profile.first_name}}: {{coupon.BEMPTY}}', actions: { addTags: ['coupon'], status: 'closed' } });
    const two = await desk.rig.ask(macros.create, { name: 'Two', text: '{{profile.first_name}}: {{coupon.AFULL}} {{coupon.BEMPTY}}', actions: { addTags: ['never'] } });
    const [first, second] = [await desk.ticket('email'), await desk.ticket('email')];
    await schedule(first.id, { text: undefined, macroId: one.id });
    await schedule(second.id, { text: undefined, macroId: two.id, sendAt: await inSeconds(5000) });
    expect(await desk.rig.ask(coupons.get, { id: empty.id })).toMatchObject({ free: 1 });
    await desk.rig.advance(6000);
    expect((await desk.thread(first.id)).items[1]).toMatchObject({ text: 'Mia: E1', delivery: { state: 'queued' } });
    expect(await desk.look(first.id)).toMatchObject({ tags: ['coupon'], status: 'closed' });
    expect((await desk.thread(second.id)).items[1]).toMatchObject({ delivery: { state: 'failed', failure: { code: 'coupon_pool_empty' } } });
    expect(await desk.look(second.id)).toMatchObject({ tags: [], status: 'open' });
    expect(await desk.rig.ask(coupons.get, { id: full.id })).toMatchObject({ free: 1 });
    expect((await desk.told(second.id)).filter((type) => type === 'message.sent' || type === 'ticket.tagged')).toEqual([]);
  });

  it('ACC-4 whoever no longer works here says nothing more', async () => {
    const { id } = await desk.ticket('email');
    const gus = await desk.agent('Gus');
    await schedule(id, {}, gus);
    await desk.agent('Gus', { id: gus.id!, active: false });
    await desk.rig.advance(4000);
    expect((await desk.thread(id)).items[1]).toMatchObject({ delivery: { state: 'failed', failure: { code: 'author_gone' } } });
  });

  it('TKT-10 a repeated command waits once', async () => {
    const { id } = await desk.ticket('email');
    const by = desk.rig.actor({ command: newId() });
    const sendAt = await inSeconds(3600);
    const first = await schedule(id, { sendAt }, by);
    expect(await schedule(id, { sendAt }, by)).toEqual(first);
    expect(await desk.timers(id)).toHaveLength(1);
  });
});

describe('files', () => {
  it('TKT-10 TKT-9 a reply with files stands in the thread with them, in their order, with or without words', async () => {
    const { id } = await desk.ticket('email');
    const [a, b] = [await upload('a.png'), await upload('b.png')];
    const sent = (await desk.rig.ask(messages.reply, { id, text: 'See', attachments: [b.id, a.id, b.id] })) as Message;
    expect(sent.attachments).toEqual([b, a]);
    expect((await desk.last('message.sent')).data).toMatchObject({ message: { attachments: [{ id: b.id, sha256: b.sha256 }, { id: a.id }] } });
    const bare = (await desk.rig.ask(messages.reply, { id, attachments: [a.id] })) as Message;
    expect(bare).toMatchObject({ text: '', attachments: [a] });
    expect((await desk.look(id)).preview).toBe('a.png');
    await expect(desk.rig.ask(messages.reply, { id })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('ACC-1 TKT-10 another account’s file is one that there is not', async () => {
    const { id } = await desk.ticket('email');
    const foreign = await desk.rig.ask(files.register, { name: 'x', contentType: 'image/png', sizeBytes: 1, sha256: 'c'.repeat(64) }, desk.rig.actor({ account: newId() }));
    await expect(desk.rig.ask(messages.reply, { id, text: 'x', attachments: [foreign.id] })).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
    await expect(desk.rig.ask(files.find, { id: foreign.id })).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
    expect((await desk.thread(id)).items).toHaveLength(1);
  });

  it('TKT-10 where files cannot be sent, or are too many bytes, the reply is refused and says why', async () => {
    const [mail, sms] = [await desk.ticket('email'), await desk.ticket('sms')];
    await desk.consent(sms.profile.id, 'sms_transactional', 'granted');
    const [big, more] = [await upload('big', 20 * 1024 * 1024), await upload('more', 6 * 1024 * 1024)];
    await expect(desk.rig.ask(messages.reply, { id: sms.id, text: 'x', attachments: [more.id] })).rejects.toMatchObject({ code: 'ATTACHMENTS_NOT_SUPPORTED', message: expect.stringMatching(/sms/), more: { reason: 'size', fileId: more.id } });
    await expect(desk.rig.ask(messages.reply, { id: mail.id, text: 'x', attachments: [big.id, more.id] })).rejects.toMatchObject({ code: 'TOO_LARGE' });
    const chat = await desk.ticket('webchat');
    expect((await desk.rig.ask(messages.reply, { id: chat.id, text: 'x', attachments: [big.id, more.id] })) as Message).toMatchObject({ attachments: [{ id: big.id }, { id: more.id }] });
  });

  it('security 23 META-4 an upload that nobody sends is forgotten after a day, its bytes too unless others hold the same; what a reply waits with stays until then', async () => {
    const { id } = await desk.ticket('email');
    const [unsent, sent, waits, twin] = [await upload('unsent', 11), await upload('sent', 12), await upload('waits', 13), await upload('twin', 14)];
    const same = await desk.rig.ask(files.register, { name: 'same', contentType: 'image/png', sizeBytes: 14, sha256: twin.sha256! });
    await desk.rig.ask(messages.reply, { id, text: 'x', attachments: [sent.id, same.id] });
    await schedule(id, { sendAt: await inSeconds(36 * 3600), attachments: [waits.id] });
    await desk.rig.advance(86_500);
    for (const gone of [unsent, twin]) await expect(desk.rig.ask(files.find, { id: gone.id })).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
    for (const kept of [sent, waits, same]) expect(await desk.rig.ask(files.find, { id: kept.id })).toMatchObject({ id: kept.id });
    expect((await desk.rig.facts('file.forgotten')).flatMap(({ data }) => data['sha256'])).toEqual([unsent.sha256]);
    await desk.rig.advance(86_500);
    expect((await desk.thread(id)).items.at(-1)).toMatchObject({ attachments: [{ id: waits.id }] });
    expect(await desk.rig.ask(files.find, { id: waits.id })).toMatchObject({ id: waits.id });
  });

  it('TKT-9 files that a customer sent are found by their ids', async () => {
    const mia = desk.customer('email');
    const file = { id: newId(), name: 'photo.jpg', contentType: 'image/jpeg', sizeBytes: 5, inline: true, sha256: 'd'.repeat(64), contentId: 'p1@x' };
    const unkept = { id: newId(), name: 'ME1', contentType: 'image/jpeg', sizeBytes: 0, inline: false };
    const { ticketId } = await desk.customerWrites(mia, 'See', { attachments: [file, unkept] });
    expect((await desk.thread(ticketId)).items[0]!.attachments).toEqual([file, unkept]);
    expect(await desk.rig.ask(files.find, { id: file.id })).toEqual(file);
    await expect(desk.rig.ask(files.find, { id: unkept.id })).rejects.toMatchObject({ code: 'ATTACHMENT_NOT_FOUND' });
  });

  it('security 4 HTML of a customer is told and shown without what acts, and stored as it came', async () => {
    const html = '<p onclick="x()">Hi <script>alert(1)</script><img src="cid:p1@x" onerror="x()"><img src="https://track.example/p.gif"><a href="javascript:x()">l</a></p>';
    const { ticketId } = await desk.customerWrites(desk.customer('email'), 'Hi', { html });
    const safe = '<p>Hi <img /><img data-remote="https://track.example/p.gif" /><a>l</a></p>';
    expect((await desk.thread(ticketId)).items[0]!.html).toBe(safe);
    expect((await desk.last('message.received')).data).toMatchObject({ message: { html: safe } });
    expect(await desk.rig.tx((tx) => tx.sql('SELECT html FROM message WHERE ticket_id = $1', [ticketId]))).toEqual([{ html }]);
  });
});
