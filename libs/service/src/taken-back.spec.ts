import { expect, it } from '@jest/globals';
import type { Envelope } from '@parley/contracts/events';
import { newId } from './ids.js';
import { withoutMessage } from './taken-back.js';

const [ticket, id] = [newId(), newId()];
const said = (text: string, more: object = {}) => ({ id, ticketId: ticket, seq: 3, text, html: '<p>CANARY</p>', newText: null, truncated: false, attachments: [], details: [], reactions: [], ...more });
const event = (type: string, data: object): Envelope => ({ id: newId(), account: newId(), sequence: 1, type, version: 1, time: '2026-03-01T09:00:00.000Z', actor: { type: 'customer', id: null }, ticket, data: data as Envelope['data'] });
const long = `CANARY ${'word '.repeat(60)}`;

it('META-2 nothing of what was taken back is left: the message, its edits, and its beginning in lists', () => {
  const events = [
    event('message.received', { message: said(long), ticket: { id: ticket, preview: `${long.slice(0, 139)}…`, lastSeq: 3 }, sessionId: null }),
    event('ticket.updated', { id: ticket, preview: `${long.slice(0, 139)}…` }),
    event('message.updated', { message: said('CANARY edited\n again') }),
    event('ticket.assigned', { id: ticket, preview: 'CANARY edited again' }),
    event('message.updated', { message: said('', { attachments: [{ name: 'CANARY.png' }, { name: 'b' }], details: [{ kind: 'share', title: 'CANARY' }] }) }),
    event('ticket.closed', { id: ticket, preview: 'CANARY.png, b' }),
  ];
  const cleaned = withoutMessage(events, id);
  expect(JSON.stringify(cleaned)).not.toContain('CANARY');
  expect(cleaned.map((one) => one.id)).toEqual(events.map((one) => one.id));
  expect(cleaned[0]!.data).toMatchObject({ message: { id, seq: 3, text: '', html: null }, ticket: { id: ticket, preview: null, lastSeq: 3 }, sessionId: null });
});

it('META-2 what others said stays, and is not written again', () => {
  const other = { ...said('Hello'), id: newId() };
  const events = [event('message.received', { message: other, ticket: { id: ticket, preview: 'Hello' } }), event('ticket.updated', { id: ticket, preview: 'Hello' }), event('ticket.updated', { id: ticket, preview: null }), event('message.received', { message: said('CANARY'), ticket: { id: ticket, preview: 'Else' } })];
  expect(withoutMessage(events, id).map((one) => one.id)).toEqual([events[3]!.id]);
});

it('META-2 as channels tells it, too: accepted, edited, echoed, fetched', () => {
  const facts = [
    event('channel.message_received', { inboundId: id, conversationKey: 'instagram:1:2', text: 'CANARY', html: null, subject: 'CANARY', newText: 'CANARY', attachments: [{ name: 'CANARY' }], details: [{ kind: 'share', title: 'CANARY' }] }),
    event('channel.message_amended', { messageId: id, change: { kind: 'edited', text: 'CANARY' } }),
    event('channel.message_echoed', { messageId: id, text: 'CANARY', attachments: [], details: [] }),
    event('channel.media_fetched', { messageId: id, attachment: { id: newId(), name: 'CANARY.png', contentType: 'image/png' } }),
    event('channel.message_amended', { messageId: id, change: { kind: 'deleted' } }),
  ];
  const cleaned = withoutMessage(facts, id);
  expect(JSON.stringify(cleaned)).not.toContain('CANARY');
  expect(cleaned.map((one) => one.id)).toEqual(facts.slice(0, 4).map((one) => one.id));
  expect(cleaned[0]!.data).toEqual({ inboundId: id, conversationKey: 'instagram:1:2', text: '', html: null, subject: null, newText: null, attachments: [], details: [] });
});
