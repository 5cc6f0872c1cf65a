import { describe, expect, it } from '@jest/globals';
import type { Envelope } from '@parley/contracts/events';
import { newId } from '@parley/service/ids';
import fc from 'fast-check';
import { hints, publicFacts, visible } from './feed.rules.js';

const id = newId();
const envelope = (data: object, type = 'message.received'): Envelope => (
  { id: newId(), account: newId(), sequence: 7, type, version: 1, time: '2026-03-01T09:00:00.000Z', actor: { type: 'customer', id: null }, ticket: id, data: data as Envelope['data'] });

it('NTF-3 public facts stand in the feed; those between services, and unknown ones, do not', () => {
  const types = ['ticket.closed', 'message.received', 'follow_up.sent', 'chat.ended', 'channel.message_received', 'follow_up.due', 'account.created', 'something.new'];
  expect(publicFacts(types.map((type) => envelope({}, type))).map(({ type }) => type)).toEqual(['ticket.closed', 'message.received', 'follow_up.sent', 'chat.ended']);
});

it('NTF-3 what stands in the feed is the envelope, not where it was found', () => {
  const said = { ...envelope({ id }), changed: ['status'] };
  expect(publicFacts([{ ...said, source: 'tickets', partition: 3, seq: 9 } as Envelope])).toEqual([said]);
});

describe('ACC-3 who may see what of an event', () => {
  const message = { id, ticketId: id, seq: 4, text: 'CANARY', author: { type: 'customer', id, name: 'CANARY' }, attachments: [{ id, name: 'CANARY' }] };
  const full = envelope({ message, ticket: { id, subject: 'CANARY', assigneeId: null, profile: { id, name: 'CANARY' }, tags: ['CANARY'] }, route: { to: { type: 'phone', value: 'CANARY' }, sessionId: id } });

  it('with the right to read tickets: everything', () => {
    expect(visible(full, ['feed:read', 'tickets:read'])).toBe(full);
  });

  it('with the feed alone: ids, at their places', () => {
    expect(visible(full, ['feed:read']).data).toEqual({ message: { id, ticketId: id, author: { id }, attachments: [{ id }] }, ticket: { id, profile: { id } }, route: { sessionId: id } });
  });

  it('a text under the name of an id stays hidden, whatever it says', () => {
    expect(visible(envelope({ id: 'CANARY', externalId: 'CANARY', messageId: '<canary@shop.example>', note: id }), ['feed:read']).data).toEqual({});
  });

  it('no text of any shape of data gets through', () => {
    const strings = (value: unknown): string[] => (typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(strings) : []);
    const key = fc.oneof(fc.constantFrom('id', 'ticketId', 'text'), fc.string());
    const value = fc.oneof(fc.uuid(), fc.string(), fc.integer());
    fc.assert(fc.property(fc.object({ key, values: [value] }), (data) => {
      const shown = visible(envelope(data), ['feed:read']).data;
      expect(strings(shown).filter((text) => !/^[0-9a-f-]{36}$/i.test(text))).toEqual([]);
      expect(JSON.stringify(shown).replace(/"[A-Za-z]{1,40}":|"[0-9a-f-]{36}"|[[\]{},]/gi, '')).toBe('');
    }));
  });
});

it('NTF-4 hints are consecutive, whole, and at most as large as told unless one event alone is larger', () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 3000 })), (sizes) => {
    const envelopes = sizes.map((size) => envelope({ text: 'ü'.repeat(size) }));
    const messages = hints(envelopes, 4000);
    expect(messages.flatMap((message) => JSON.parse(message) as Envelope[])).toEqual(envelopes);
    for (const message of messages) if (Buffer.byteLength(message) > 4000) expect(JSON.parse(message)).toHaveLength(1);
  }));
});
