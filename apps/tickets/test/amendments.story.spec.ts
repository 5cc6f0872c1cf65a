import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelEvents, type Attachment, type Keyword } from '@parley/contracts/channels';
import { customerEvents } from '@parley/contracts/customer-events';
import type { Data } from '@parley/contracts/events';
import type { Message } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { search } from '@parley/contracts/search';
import { system } from '@parley/service/tx';
import { newId } from '@parley/service/ids';
import { AmendmentsService } from '../src/conversation/amendments.service.js';
import { PrivacyService } from '../src/privacy/privacy.service.js';
import { Desk, type Customer } from './desk.js';

type Change = Data<typeof channelEvents.messageAmended>['change'];
const TWENTY = Array.from({ length: 20 }, (_, n) => n + 1);
const second = (n: number) => `2026-11-20T10:00:${String(n).padStart(2, '0')}.000Z`;
const picture = (more: Partial<Attachment> = {}): Attachment => ({ id: newId(), name: 'canary.png', contentType: 'image/png', sizeBytes: 70, inline: false, ...more });

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk?.shut());

const keyOf = (customer: Customer) => `${customer.channel}:${customer.channelId}:${customer.from[0]!.value}`;
const amendment = (customer: Customer, messageId: string, change: Change, more: { by?: 'customer' | 'brand'; at?: string } = {}) =>
  ({ channelId: customer.channelId, conversationKey: keyOf(customer), messageId, by: more.by ?? ('customer' as const), change, occurredAt: more.at ?? second(1) });
async function amend(customer: Customer, messageId: string, change: Change, more: { by?: 'customer' | 'brand'; at?: string } = {}) {
  await desk.rig.say(channelEvents.messageAmended, { key: keyOf(customer), data: amendment(customer, messageId, change, more) });
  await desk.rig.heard();
}
const stands = async (ticketId: string, messageId: string) => (await desk.thread(ticketId)).items.find(({ id }) => id === messageId)!;
const updates = async (messageId: string) => (await desk.rig.facts('message.updated')).map(({ data }) => (data as { message: Message }).message).filter(({ id }) => id === messageId);
const indexed = () => desk.rig.until(async () => (await desk.rig.tx((tx) => tx.sql('SELECT FROM search_work LIMIT 1'))).length === 0, 'everything to be findable');
const found = async (q: string) => (await desk.rig.ask(search.find, { q })).items.length;
/** Everything of a ticket that this service holds in rows, as text. */
const held = async (ticketId: string) =>
  JSON.stringify(await desk.rig.tx((tx) => tx.sql(`SELECT to_jsonb(m) AS row FROM message m WHERE ticket_id = $1 UNION ALL SELECT to_jsonb(t) FROM ticket t WHERE id = $1
    UNION ALL SELECT to_jsonb(a) FROM attachment a JOIN message m ON m.id = a.message_id WHERE m.ticket_id = $1`, [ticketId])));

describe('reactions', () => {
  it('META-2 stand beside the message, at most one of each side, and are taken back', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Thanks!');
    const before = await desk.look(ticketId);
    await amend(customer, inboundId, { kind: 'reaction', emoji: '❤' }, { by: 'brand', at: second(1) });
    await amend(customer, inboundId, { kind: 'reaction', emoji: '👍' }, { at: second(2) });
    await amend(customer, inboundId, { kind: 'reaction', emoji: '😮' }, { at: second(3) });
    expect((await stands(ticketId, inboundId)).reactions).toEqual([{ by: 'brand', emoji: '❤' }, { by: 'customer', emoji: '😮' }]);
    await amend(customer, inboundId, { kind: 'reaction', emoji: null }, { by: 'brand', at: second(4) });
    expect((await stands(ticketId, inboundId)).reactions).toEqual([{ by: 'customer', emoji: '😮' }]);
    expect(await updates(inboundId)).toHaveLength(4);
    expect(await desk.look(ticketId)).toEqual(before);
  });

  it('META-2 what was said later holds, in whatever order it is heard, and what says nothing new is not told', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Thanks!');
    await amend(customer, inboundId, { kind: 'reaction', emoji: null }, { at: second(5) });
    await amend(customer, inboundId, { kind: 'reaction', emoji: '👍' }, { at: second(4) });
    expect((await stands(ticketId, inboundId)).reactions).toEqual([]);
    for (const _ of TWENTY) await amend(customer, inboundId, { kind: 'reaction', emoji: '🎉' }, { at: second(6) });
    expect((await stands(ticketId, inboundId)).reactions).toEqual([{ by: 'customer', emoji: '🎉' }]);
    expect(await updates(inboundId)).toHaveLength(1);
  });

  it('META-2 the customer reacts to our answer', async () => {
    const { id, customer } = await desk.ticket('whatsapp');
    const answer = await desk.reply(id, 'On its way');
    await amend(customer, answer.id, { kind: 'reaction', emoji: '🙏' });
    expect(await stands(id, answer.id)).toMatchObject({ reactions: [{ by: 'customer', emoji: '🙏' }], delivery: { state: 'queued' } });
  });
});

describe('edits', () => {
  it('META-2 the text is another, in the thread, in the list and in search', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'My parcel is aquamarine');
    await indexed();
    await amend(customer, inboundId, { kind: 'edited', text: 'My parcel is vermilion' }, { at: second(9) });
    expect(await stands(ticketId, inboundId)).toMatchObject({ text: 'My parcel is vermilion', editedAt: second(9), deletedAt: null });
    expect(await desk.look(ticketId)).toMatchObject({ preview: 'My parcel is vermilion', version: 2, unread: true });
    await indexed();
    expect([await found('aquamarine'), await found('vermilion')]).toEqual([0, 1]);
  });

  it('META-2 an older message is edited without touching the list; an older edit changes nothing', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'First');
    await desk.customerWrites(customer, 'Second');
    await amend(customer, inboundId, { kind: 'edited', text: 'Third' }, { at: second(9) });
    await amend(customer, inboundId, { kind: 'edited', text: 'Before that' }, { at: second(8) });
    expect(await stands(ticketId, inboundId)).toMatchObject({ text: 'Third', editedAt: second(9) });
    expect(await desk.look(ticketId)).toMatchObject({ preview: 'Second', version: 2 });
  });

  it('META-2 twenty at once leave the newest, and the feed never goes backwards', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Zero');
    const service = desk.rig.app.get(AmendmentsService);
    await Promise.all(TWENTY.map((n) => desk.rig.tx((tx) => service.amend(tx, amendment(customer, inboundId, { kind: 'edited', text: `Edit ${n}` }, { at: second(n) })), system(desk.rig.account))));
    expect(await stands(ticketId, inboundId)).toMatchObject({ text: 'Edit 20', editedAt: second(20) });
    const told = (await updates(inboundId)).map(({ editedAt }) => editedAt!);
    expect(told).toEqual([...told].sort());
    expect(told.at(-1)).toBe(second(20));
    const versions = (await desk.rig.facts('ticket.updated')).filter(({ ticket }) => ticket === ticketId).map(({ data }) => (data as { version: number }).version);
    expect(versions).toEqual(versions.map((_, n) => n + 2));
  });
});

describe('messages that are taken back', () => {
  const canary = { text: 'CANARY words', html: '<p>CANARY</p>', newText: 'CANARY', details: [{ kind: 'location', latitude: 1, longitude: 2, name: 'CANARY', address: null }] as never };

  it('META-2 leave nothing of their content: thread, list, search, files, rows', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, canary.text, { ...canary, attachments: [picture({ sha256: 'c'.repeat(64) })] });
    await amend(customer, inboundId, { kind: 'reaction', emoji: '❤' }, { by: 'brand' });
    await indexed();
    expect(await found('canary')).toBe(1);
    await amend(customer, inboundId, { kind: 'deleted' }, { at: second(7) });
    expect(await stands(ticketId, inboundId)).toMatchObject({ text: '', html: null, newText: null, attachments: [], details: [], reactions: [], deletedAt: second(7), seq: 1 });
    expect((await desk.look(ticketId)).preview).toBeNull();
    expect(await found('canary')).toBe(0);
    await indexed();
    expect(await found('canary')).toBe(0);
    expect(await held(ticketId)).not.toMatch(/canary/i);
    const last = (await desk.rig.facts()).slice(-3).filter(({ type }) => type !== 'file.forgotten');
    expect(JSON.stringify(last)).not.toMatch(/canary/i);
    expect((await desk.last('file.forgotten')).data).toEqual({ sha256: ['c'.repeat(64)] });
    expect(JSON.stringify((await desk.rig.facts()).filter(({ ticket }) => ticket === ticketId))).not.toMatch(/canary/i);
  });

  it('META-2 TKT-18 are not found again where the search was just reading them', async () => {
    const customer = desk.customer('instagram');
    const { inboundId } = await desk.customerWrites(customer, 'A xylophone');
    await indexed();
    await amend(customer, inboundId, { kind: 'deleted' });
    await indexed();
    // Whoever had read the words before they went writes them down now; the next look takes them out again.
    await desk.rig.tx((tx) => tx.sql(`INSERT INTO search_document (account_id, kind, subject_id, n, words) VALUES ($1, 'message', $2, 1, search_words($1, 1, 'english', 'A xylophone'))`, [desk.rig.account, inboundId]));
    await desk.rig.tx((tx) => tx.sql(`INSERT INTO search_work (account_id, kind, subject_id) VALUES ($1, 'message', $2)`, [desk.rig.account, inboundId]));
    await indexed();
    expect(await desk.rig.tx((tx) => tx.sql('SELECT FROM search_document WHERE subject_id = $1', [inboundId]))).toEqual([]);
  });

  it('META-2 stay so: what is said of them afterwards changes nothing', async () => {
    const customer = desk.customer('instagram');
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Oops', { attachments: [picture({ fetch: 'pending' })] });
    const { attachments: [file] } = await stands(ticketId, inboundId);
    await amend(customer, inboundId, { kind: 'deleted' });
    const told = (await updates(inboundId)).length;
    await amend(customer, inboundId, { kind: 'edited', text: 'CANARY' }, { at: second(30) });
    await amend(customer, inboundId, { kind: 'reaction', emoji: '👍' }, { at: second(31) });
    await fetchedFor(customer, inboundId, { ...picture({ id: file!.id, sha256: 'd'.repeat(64) }) });
    expect(await stands(ticketId, inboundId)).toMatchObject({ text: '', reactions: [], attachments: [] });
    expect(await updates(inboundId)).toHaveLength(told);
    // The bytes came too late: nobody needs them.
    expect((await desk.last('file.forgotten')).data).toEqual({ sha256: ['d'.repeat(64)] });
  });

  it('META-2 the list shows the message before it; bytes that another message has stay', async () => {
    const customer = desk.customer('instagram');
    await desk.customerWrites(customer, 'Look', { attachments: [picture({ sha256: 'e'.repeat(64) })] });
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Again', { attachments: [picture({ sha256: 'e'.repeat(64) })] });
    await amend(customer, inboundId, { kind: 'deleted' });
    expect((await desk.look(ticketId)).preview).toBe('Look');
    expect(JSON.stringify((await desk.rig.facts('file.forgotten')).map(({ data }) => data))).not.toContain('e'.repeat(64));
  });

  it('META-2 PRO-5 go out of the quarantine, too, and blocked people amend nothing else', async () => {
    const { id, customer, profile } = await desk.ticket('instagram');
    const { inboundId } = await desk.customerWrites(customer, 'Before');
    await desk.rig.ask(profiles.block, { id: profile.id });
    await amend(customer, inboundId, { kind: 'edited', text: 'CANARY abuse' }, { at: second(5) });
    expect((await stands(id, inboundId)).text).toBe('Before');
    const { inboundId: blocked } = await desk.customerWrites(customer, 'CANARY insult');
    await amend(customer, blocked, { kind: 'deleted' });
    const [row] = await desk.rig.tx((tx) => tx.sql<{ message: object }>('SELECT message FROM held_message WHERE id = $1', [blocked]));
    expect(row!.message).toMatchObject({ text: '', deletedAt: expect.any(String) });
  });
});

describe('amendments that overtake their message', () => {
  const arrival = async (changes: { change: Change; at?: string; by?: 'customer' | 'brand' }[], more: { keyword?: Keyword } = {}) => {
    const customer = desk.customer('whatsapp');
    const message = await desk.message(customer, 'CANARY original', { attachments: [picture()], ...more });
    for (const { change, ...rest } of changes) await amend(customer, message.inboundId, change, rest);
    await desk.arrive(message);
    return { customer, message };
  };

  it('META-2 an unsend is remembered: the message never shows', async () => {
    const { message } = await arrival([{ change: { kind: 'deleted' }, at: second(2) }]);
    const received = (await desk.rig.facts('message.received')).find(({ data }) => (data as { message: Message }).message.id === message.inboundId)!;
    expect(received.data).toMatchObject({ message: { text: '', attachments: [], deletedAt: second(2) }, ticket: { preview: null } });
    expect(JSON.stringify(await desk.rig.facts())).not.toContain('CANARY original');
    expect(await desk.rig.tx((tx) => tx.sql('SELECT FROM amendment'))).toEqual([]);
  });

  it('META-2 edits and reactions are there when it comes, in their order', async () => {
    const { message } = await arrival([
      { change: { kind: 'edited', text: 'Newest' }, at: second(4) }, { change: { kind: 'edited', text: 'Older' }, at: second(3) }, { change: { kind: 'reaction', emoji: '❤' }, by: 'brand', at: second(5) },
    ]);
    const received = (await desk.rig.facts('message.received')).find(({ data }) => (data as { message: Message }).message.id === message.inboundId)!;
    expect(received.data).toMatchObject({ message: { text: 'Newest', editedAt: second(4), reactions: [{ by: 'brand', emoji: '❤' }] } });
    expect(await updates(message.inboundId)).toEqual([]);
  });

  it('META-2 settled 11 a keyword that waits for its thread keeps what was said of it', async () => {
    const { customer, message } = await arrival([{ change: { kind: 'reaction', emoji: '👋' }, by: 'brand' }], { keyword: 'help' });
    await amend(customer, message.inboundId, { kind: 'deleted' }, { at: second(8) });
    const { ticketId } = await desk.customerWrites(customer, 'Now I write');
    expect(await stands(ticketId, message.inboundId)).toMatchObject({ text: '', keyword: 'help', reactions: [], deletedAt: second(8), seq: 1 });
  });
});

async function fetchedFor(customer: Customer, messageId: string, attachment: Attachment) {
  await desk.rig.say(channelEvents.mediaFetched, { key: keyOf(customer), data: { messageId, conversationKey: keyOf(customer), attachment } });
  await desk.rig.heard();
}

describe('files that are fetched later', () => {
  it('META-4 SMS-6 the file takes its place in the message and can be found by its id', async () => {
    const customer = desk.customer('sms');
    const [one, two] = [picture({ fetch: 'pending', name: 'one', sizeBytes: 0 }), picture({ fetch: 'pending', name: 'two' })];
    const { inboundId, ticketId } = await desk.customerWrites(customer, '', { attachments: [one, two] });
    expect((await desk.look(ticketId)).preview).toBe('one, two');
    const { fetch: _, ...bare } = one;
    await fetchedFor(customer, inboundId, { ...bare, name: 'one.png', sizeBytes: 70, sha256: 'a'.repeat(64) });
    const message = await stands(ticketId, inboundId);
    expect(message.attachments).toEqual([{ ...bare, name: 'one.png', sizeBytes: 70, sha256: 'a'.repeat(64) }, two]);
    expect((await desk.look(ticketId)).preview).toBe('one.png, two');
    expect((await updates(inboundId)).at(-1)).toEqual(message);
    expect(await desk.rig.tx((tx) => tx.sql('SELECT sha256 FROM attachment WHERE id = $1 AND message_id = $2', [one.id, inboundId]))).toEqual([{ sha256: 'a'.repeat(64) }]);
  });

  it('META-4 a file that cannot be had says why, and is told once', async () => {
    const customer = desk.customer('sms');
    const file = picture({ fetch: 'pending' });
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'See', { attachments: [file] });
    for (const _ of [1, 2]) await fetchedFor(customer, inboundId, { ...file, fetch: 'failed', problem: 'Larger than 25 MiB' });
    expect((await stands(ticketId, inboundId)).attachments).toMatchObject([{ fetch: 'failed', problem: 'Larger than 25 MiB' }]);
    expect(await updates(inboundId)).toHaveLength(1);
  });

  it('META-4 a file that overtakes its message is there when it comes', async () => {
    const customer = desk.customer('sms');
    const { fetch: _, ...file } = picture({ fetch: 'pending', sha256: 'b'.repeat(64) });
    const message = await desk.message(customer, 'See', { attachments: [picture({ id: file.id, fetch: 'pending' })] });
    await fetchedFor(customer, message.inboundId, file);
    await desk.arrive(message);
    const received = (await desk.rig.facts('message.received')).at(-1)!;
    expect((received.data as { message: Message }).message.attachments).toEqual([file]);
  });
});

describe('what the brand writes elsewhere', () => {
  const echo = (customer: Customer, text: string, more: object = {}) =>
    ({ messageId: newId(), channelId: customer.channelId, channel: customer.channel, conversationKey: keyOf(customer), to: customer.from, text, attachments: [], details: [], inReplyTo: null, occurredAt: second(59), ...more });
  const echoed = async (data: Data<typeof channelEvents.messageEchoed>, times = 1) => {
    for (let n = 0; n < times; n++) await desk.rig.say(channelEvents.messageEchoed, { key: data.conversationKey, data });
    await desk.rig.heard();
    return data;
  };
  const now = async () => (await desk.now()).toISOString();

  it('META-2 stands in the open thread as an answer, once, and is sent to nobody', async () => {
    const { id, customer } = await desk.ticket('instagram');
    const { messageId } = await echoed(echo(customer, 'Sent from the app', { occurredAt: await now() }), 3);
    expect(await stands(id, messageId)).toMatchObject({ seq: 2, direction: 'outbound', author: { type: 'external', id: null }, text: 'Sent from the app', delivery: null });
    expect(await desk.look(id)).toMatchObject({ lastSeq: 2, version: 2, waitingSince: null, preview: 'Sent from the app', firstResponseAt: null, assigneeId: null });
    expect((await desk.told(id)).slice(-2)).toEqual(['ticket.updated', 'message.updated']);
    expect(await desk.told(id)).not.toContain('message.sent');
  });

  it('META-2 twenty at once stand there in a row', async () => {
    const { id, customer } = await desk.ticket('instagram');
    await Promise.all(TWENTY.map((n) => desk.rig.say(channelEvents.messageEchoed, { key: `${keyOf(customer)}${n}`, data: echo(customer, `Echo ${n}`) })));
    await desk.rig.heard();
    const { items } = await desk.thread(id);
    expect(items.map(({ seq }) => seq)).toEqual([...TWENTY, 21]);
    expect(await desk.look(id)).toMatchObject({ lastSeq: 21, version: 21 });
  });

  it('META-2 one that was written before the customer’s last message leaves them waiting', async () => {
    const { id, customer } = await desk.ticket('instagram');
    await echoed(echo(customer, 'Late', { occurredAt: '2026-01-01T00:00:00.000Z' }));
    expect((await desk.look(id)).waitingSince).not.toBeNull();
  });

  it('META-2 opens nothing: without an open ticket it stands in the timeline of the profile, known or new', async () => {
    const { id, customer, profile } = await desk.ticket('instagram');
    await desk.close(id);
    await echoed(echo(customer, 'Afterwards'), 2);
    const stranger = desk.customer('instagram');
    await echoed(echo(stranger, 'To somebody new'));
    expect((await desk.rig.facts('ticket.created')).filter(({ data }) => (data as { profile: { id: string } }).profile.id === profile.id)).toHaveLength(1);
    const { items } = await desk.rig.ask(customerEvents.timeline, { id: profile.id, metric: 'Received Instagram Message' });
    expect(items).toMatchObject([{ properties: { author: 'external' } }]);
    expect((await desk.rig.ask(profiles.quarantine, { id: profile.id })).items).toEqual([]);
    const { ticketId } = await desk.customerWrites(stranger, 'Hello?');
    const known = await desk.look(ticketId);
    expect((await desk.rig.ask(customerEvents.timeline, { id: known.profile.id, metric: 'Received Instagram Message' })).items).toHaveLength(1);
  });

  it('META-2 can be reacted to and taken back', async () => {
    const { id, customer } = await desk.ticket('instagram');
    const { messageId } = await echoed(echo(customer, 'CANARY from the app', { occurredAt: await now() }));
    await amend(customer, messageId, { kind: 'reaction', emoji: '😡' });
    expect((await stands(id, messageId)).reactions).toEqual([{ by: 'customer', emoji: '😡' }]);
    await amend(customer, messageId, { kind: 'deleted' }, { by: 'brand' });
    expect(await stands(id, messageId)).toMatchObject({ text: '', deletedAt: second(1) });
    expect((await desk.look(id)).preview).toBe('Where is my order?');
  });
});

describe('what else comes with a message', () => {
  it('MAIL-5 TKT-8 what is new in a mail, what it quotes and what it holds are shown; the list shows what is new', async () => {
    const customer = desk.customer('email');
    const { inboundId } = await desk.customerWrites(customer, 'Hello');
    const details = [{ kind: 'contact' as const, name: 'Ada', phones: ['+15005550100'], emails: [] }];
    const { inboundId: second, ticketId } = await desk.customerWrites(customer, '> Hello\n\nStill waiting', { newText: 'Still waiting', inReplyTo: inboundId, details });
    expect(await stands(ticketId, second)).toMatchObject({ text: '> Hello\n\nStill waiting', newText: 'Still waiting', inReplyTo: inboundId, details });
    expect((await desk.look(ticketId)).preview).toBe('Still waiting');
  });

  it('PRO-6 an erasure leaves nothing of it, nor of what waits for a message', async () => {
    const customer = desk.customer('instagram');
    const details = [{ kind: 'share' as const, what: 'post', title: 'CANARY', url: null }];
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'CANARY', { newText: 'CANARY', details, attachments: [picture({ sha256: 'f'.repeat(64) })] });
    await amend(customer, inboundId, { kind: 'reaction', emoji: 'CANARY' });
    await amend(customer, newId(), { kind: 'edited', text: 'CANARY waits' });
    const privacy = desk.rig.app.get(PrivacyService);
    const by = { ...desk.me, scopes: ['internal' as const] };
    const person = await privacy.person((await desk.look(ticketId)).profile.id, by);
    expect(person.files).toEqual(['f'.repeat(64)]);
    await privacy.eraseAll({ erasureId: newId(), person }, by);
    expect(await held(ticketId)).not.toMatch(/canary/i);
    expect(JSON.stringify(await desk.rig.tx((tx) => tx.sql('SELECT amendment FROM amendment')))).not.toContain('CANARY waits');
  });
});
