import { describe, expect, it } from '@jest/globals';
import type { ChannelType } from '@parley/contracts/channels';
import fc from 'fast-check';
import type { InboundMessage } from '../adapter.js';
import { allStorable, CONTENT_BYTES, cut, contentOf, storable } from './content.rules.js';
import { conversationKey } from './conversation.rules.js';

const message = (more: Partial<InboundMessage>): InboundMessage => ({ kind: 'message', providerMessageId: 'm', from: [{ type: 'phone', value: '+33612345678', verified: true }], text: '', occurredAt: null, ...more });

describe('what is stored of a message', () => {
  it('OPS-6 holds nothing that Postgres refuses', () => {
    expect(storable('a\0b\ud800c👋')).toBe('ab\ufffdc👋');
    const all = contentOf(message({ text: 'a\0', name: 'b\0', subject: 'c\0', html: 'd\0', note: 'e\0', from: [{ type: 'alnum', value: 'f\0', verified: false }] }));
    expect(JSON.stringify(all)).not.toContain('\\u0000');
  });

  it('OPS-6 at any depth, in values and in names; bytes and numbers stay as they are', () => {
    const bytes = Buffer.from([0, 255]);
    expect(allStorable({ 'a\0': [{ url: 'x\0', n: -0, nothing: null }, '\ud800', bytes], left: undefined, ['__proto__']: 'p' })).toEqual({ a: [{ url: 'x', n: -0, nothing: null }, '\ufffd', bytes], left: undefined, ['__proto__']: 'p' });
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(allStorable(JSON.parse(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  it('OPS-6 is cut at a character, at the limit exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-composite', maxLength: 50 }), fc.nat(120), (text, bytes) => {
        const part = cut(text, bytes);
        expect(text.startsWith(part)).toBe(true);
        expect(Buffer.byteLength(part)).toBeLessThanOrEqual(bytes);
        if (part !== text) expect(Buffer.byteLength(part) + 4).toBeGreaterThan(bytes);
      }),
    );
  });

  it.each<[text: number, html: number | null, truncated: boolean, keepsHtml: boolean]>([
    [CONTENT_BYTES, null, false, false],
    [CONTENT_BYTES + 1, null, true, false],
    [10, CONTENT_BYTES - 10, false, true],
    [11, CONTENT_BYTES - 10, true, false],
  ])('OPS-6 %j bytes of text and %j of HTML: cut %j', (text, html, truncated, keepsHtml) => {
    const kept = contentOf(message({ text: 'x'.repeat(text), html: html === null ? null : 'y'.repeat(html) }));
    expect([kept.truncated, kept.html !== null, kept.text.length <= CONTENT_BYTES]).toEqual([truncated, keepsHtml, true]);
  });
});

it('MAIL-5 what is new is told beside the whole text, and left out where both are too long', () => {
  expect(contentOf(message({ text: 'new\n> old', newText: 'new\0' }))).toMatchObject({ text: 'new\n> old', newText: 'new', truncated: false });
  expect(contentOf(message({ text: 'x'.repeat(CONTENT_BYTES), newText: 'x' }))).toMatchObject({ newText: null });
  expect(contentOf(message({ text: 'x' }))).toMatchObject({ newText: null });
});

describe('what must stay in order', () => {
  it.each<[type: ChannelType, key: string]>([
    ['sms', 'sms:ch_1:+33612345678'],
    ['whatsapp', 'whatsapp:ch_1:+33612345678'],
    ['instagram', 'instagram:ch_1:+33612345678'],
    ['webchat', 'webchat:ch_1:session'],
    ['email', 'email:ch_1:thread'],
  ])('TKT-2 %j: %j', (type, key) => {
    expect(conversationKey({ id: 'ch_1', type }, message({ sessionId: 'session', threadId: 'thread' }))).toBe(key);
  });

  it('TKT-2 a chat without a session is a fault of ours', () => expect(() => conversationKey({ id: 'ch_1', type: 'webchat' }, message({}))).toThrow('belongs to no conversation'));
});
