import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AcceptedMessage, MessageDetail } from '@parley/contracts/channels';
import { z } from 'zod';
import { isAChannel } from '../adapter.conformance.js';
import type { Read } from '../adapter.js';
import { Graph } from '../meta/graph.client.js';
import { fixture, graphThat, metaChannel, outboundTo, signed, somebodyElse } from '../../test/meta-fixtures.js';
import { InstagramAdapter } from './instagram.adapter.js';

const ACCOUNT = '17841400008460056';
const channel = metaChannel('instagram', { accountId: ACCOUNT, login: 'instagram', humanAgent: true });
const adapter = new InstagramAdapter({ instagram: new Graph('https://instagram.example.com', 'v26.0'), facebook: new Graph('https://graph.example.com', 'v26.0') });
const person = [{ type: 'igsid' as const, value: '1784145300012345', verified: true }];
const outbound = outboundTo(person[0]!, { byPerson: true });
const accepted = { status: 200, body: { recipient_id: '1784145300012345', message_id: 'aWdfZAm1_OUT9' } };
const refusal = (code: number, error_subcode?: number) => ({ status: 400, body: { error: { message: 'In Meta’s words', type: 'IGApiException', code, error_subcode } } });
const TOO_LATE = refusal(10, 2534022);

function delivery(...messaging: object[]) {
  return { object: 'instagram', entry: [{ id: ACCOUNT, time: 1795166100123, messaging }] };
}
function event(said: object) {
  return { sender: { id: '1784145300012345' }, recipient: { id: ACCOUNT }, timestamp: 1795166100000, ...said };
}
const byBrand = (said: object) => event({ sender: { id: ACCOUNT }, recipient: { id: '1784145300012345' }, ...said });
const of = (...messaging: object[]) => adapter.read(signed(delivery(...messaging)), channel);

isAChannel('instagram', { signed: true }, adapter, {
  channel,
  stranger: somebodyElse(channel),
  deliveries: [
    { name: 'text', raw: fixture('instagram', '01-dm-text.json'), ids: ['aWdfZAm1_0001'] },
    { name: 'echo', raw: fixture('instagram', '04-echo-our-send.json'), ids: ['aWdfZAm1_OUT1'] },
    { name: 'seen', raw: fixture('instagram', '06-seen.json'), ids: ['aWdfZAm1_OUT1'] },
    { name: 'a batch', raw: signed({ object: 'instagram', entry: [...delivery(event({ message: { mid: 'a', text: '1' } }), event({ message: { mid: 'b', text: '2' } })).entry, ...delivery(event({ message: { mid: 'c', text: '3' } })).entry] }), ids: ['a', 'b', 'c'] },
    { name: 'a postback', raw: signed(delivery(event({ postback: { title: 'Start', payload: 'START' } }))), ids: ['postback:c25bb4c31a69e9e8573039d1f3a637e8b90f2b4c5838ee60e9ca420e1d33d5a0'] },
  ],
  redeliveries: [{ of: 'text', raw: { ...fixture('instagram', '01-dm-text.json'), receivedAt: new Date('2026-11-21T09:15:00Z') } }],
  outbound,
  withoutOurId: true,
  accepted: { answer: accepted, providerMessageId: 'aWdfZAm1_OUT9' },
  refused: [
    { answer: refusal(551), code: '551', reason: 'In Meta’s words' },
    { answer: refusal(190, 463), code: '190', reason: 'In Meta’s words' },
    { answer: TOO_LATE, code: '10', reason: 'In Meta’s words' },
    { answer: { status: 404, body: 'not json' }, code: '404', reason: 'Meta answered 404' },
  ],
  notNow: [refusal(613), refusal(4), { status: 429, body: {} }, { status: 503, body: {} }],
});

describe('META-2 what Instagram posts', () => {
  const read = (name: string) => adapter.read(fixture('instagram', name), channel);
  const at = { occurredAt: '2026-11-20T09:15:00.000Z' };

  it.each<[string, object]>([
    ['01-dm-text.json', { kind: 'message', from: person, text: 'Är den här tröjan 100 % ull? 🧶', attachments: [], details: [], inReplyTo: null, ...at }],
    ['02-story-reply.json', { kind: 'message', text: '😍', attachments: [], details: [{ kind: 'story', act: 'reply', storyId: '17858893269000001', url: 'https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=abc' }] }],
    ['03-story-mention.json', { kind: 'message', text: '', attachments: [], details: [{ kind: 'story', act: 'mention', storyId: null, url: 'https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=2&signature=def' }] }],
    ['04-echo-our-send.json', { kind: 'echo', providerMessageId: 'aWdfZAm1_OUT1', to: person, text: 'Yes, 100 % wool!', attachments: [], details: [], inReplyTo: null }],
    ['06-seen.json', { kind: 'seen', upTo: 'aWdfZAm1_OUT1', person, ...at }],
    ['08-unsend.json', { kind: 'deletion', about: 'aWdfZAm1_0001', by: 'customer', person, occurredAt: '2026-11-20T09:16:40.000Z' }],
    ['13-dashboard-test-changes.json', { kind: 'ignored' }],
    ['14-quick-reply-and-inline-reply.json', { text: 'Yes', inReplyTo: 'aWdfZAm1_OUT1', details: [{ kind: 'choice', via: 'quick_reply', id: 'REFUND_YES', title: 'Yes', description: null, answers: null }] }],
  ])('%s', (name, expected) => expect(read(name)).toEqual([expect.objectContaining(expected)]));

  it.each<[object, object]>([
    [{ type: 'image', payload: { url: 'https://cdn.example.com/1' } }, { attachments: [{ name: 'image', contentType: 'image/jpeg', sizeBytes: 0, inline: false, remote: { url: 'https://cdn.example.com/1' } }], details: [] }],
    [{ type: 'share', payload: { url: 'https://www.instagram.com/p/1', title: 'Wool' } }, { details: [{ kind: 'share', what: 'share', title: 'Wool', url: 'https://www.instagram.com/p/1' }] }],
    [{ type: 'ig_reel', payload: { reel_video_id: 7, url: 'ftp://cdn.example.com/1' } }, { details: [{ kind: 'share', what: 'ig_reel', title: '7', url: null }] }],
    [{ type: 'ephemeral' }, { attachments: [], details: [{ kind: 'unsupported', what: 'ephemeral' }] }],
    [{ type: 'image', payload: {} }, { attachments: [], details: [{ kind: 'unsupported', what: 'image' }] }],
  ])('META-2 META-4 an attachment %j', (attachment, expected) => expect(of(event({ message: { mid: 'm', attachments: [attachment] } }))).toEqual([expect.objectContaining({ kind: 'message', ...expected })]));

  it('META-2 reactions come and go, of both sides', () => {
    expect(of(event({ reaction: { mid: 'm', action: 'react', reaction: 'love', emoji: '❤️' } }), event({ reaction: { mid: 'm', action: 'unreact' } }), byBrand({ reaction: { mid: 'm', action: 'react', reaction: 'love' } }))).toEqual([
      { kind: 'reaction', about: 'm', by: 'customer', person, emoji: '❤️', ...at }, { kind: 'reaction', about: 'm', by: 'customer', person, emoji: null, ...at }, { kind: 'reaction', about: 'm', by: 'brand', person, emoji: 'love', ...at },
    ]);
  });

  it('META-2 edits, and what the brand takes back in the app', () => {
    expect(of(event({ message_edit: { mid: 'm', text: 'better', num_edit: 1 } }), byBrand({ message: { mid: 'o', is_deleted: true, is_echo: true } }))).toEqual([
      { kind: 'edit', about: 'm', by: 'customer', person, text: 'better', ...at }, { kind: 'deletion', about: 'o', by: 'brand', person, ...at },
    ]);
  });

  it('META-2 a pressed button says its title', () => {
    expect(of(event({ postback: { mid: 'p', title: 'Talk to us', payload: 'TALK', referral: { ref: 'shop', source: 'SHORTLINK' } } }))).toEqual([expect.objectContaining({
      providerMessageId: 'p', text: 'Talk to us',
      details: [{ kind: 'choice', via: 'postback', id: 'TALK', title: 'Talk to us', description: null, answers: null }, { kind: 'referral', source: 'SHORTLINK', title: 'shop', url: null, received: { ref: 'shop', source: 'SHORTLINK' } }],
    })]);
  });

  it('META-2 where another app has the conversation it is shown and stirs nothing', () => {
    const raw = signed({ object: 'instagram', entry: [{ id: ACCOUNT, standby: [event({ message: { mid: 'm', text: 'to the bot' } })] }] });
    expect(adapter.read(raw, channel)).toEqual([expect.objectContaining({ kind: 'message', text: 'to the bot', automatic: 'bulk', note: 'Another app answers in this conversation' })]);
  });

  it('META-1 what is meant for another account does not land here', () => {
    const theirs = { id: '1', messaging: [event({ message: { mid: 'theirs', text: 'x' } })] };
    const crossed = event({ recipient: { id: '1' }, message: { mid: 'crossed', text: 'x' } });
    expect(adapter.read(signed({ object: 'instagram', entry: [theirs, ...delivery(crossed, event({ message: { mid: 'ours', text: 'y' } })).entry] }), channel)).toMatchObject([
      { kind: 'ignored', reason: 'Meant for another account' }, { kind: 'ignored', reason: 'Meant for another account' }, { kind: 'message', providerMessageId: 'ours' },
    ]);
  });

  it.each([[{ optin: {} }], [{ take_thread_control: {} }], [{ referral: { ref: 'shop' } }], [{ read: {} }]])('META-2 %j says nothing of a message', (said) => expect(of(event(said))).toEqual([expect.objectContaining({ kind: 'ignored' })]));
});

describe('META-2 what is sent by Instagram', () => {
  const send = (graph: ReturnType<typeof graphThat>, more: Partial<typeof outbound> = {}, by = channel) => adapter.send({ ...outbound, ...more }, by, graph.io);
  const file = (contentType: string, sizeBytes = 8) => ({ id: 'f1', name: 'a', contentType, sizeBytes, inline: false, sha256: '0'.repeat(64) });

  it('META-2 words go to the person, at the door that gave the token', async () => {
    const graph = graphThat(accepted);
    expect(await send(graph)).toEqual({ outcome: 'sent', providerMessageId: 'aWdfZAm1_OUT9', state: 'sent' });
    await send(graph, {}, metaChannel('instagram', { accountId: ACCOUNT, login: 'facebook', humanAgent: false }));
    expect(graph.asked.map(({ url }) => new URL(url).origin + new URL(url).pathname)).toEqual(['https://instagram.example.com/v26.0/me/messages', 'https://graph.example.com/v26.0/me/messages']);
    expect(graph.json(0)).toEqual({ recipient: { id: '1784145300012345' }, message: { text: 'On its way' }, messaging_type: 'RESPONSE' });
  });

  it('TKT-11 after 24 hours the words of a person go with the tag, and nothing else ever does', async () => {
    const late = graphThat(TOO_LATE, accepted);
    expect(await send(late)).toMatchObject({ outcome: 'sent' });
    expect(late.json(1)).toEqual({ recipient: { id: '1784145300012345' }, message: { text: 'On its way' }, messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' });
    for (const [more, by] of [[{ byPerson: false }, channel], [{ byPerson: undefined }, channel], [{}, metaChannel('instagram', { accountId: ACCOUNT, login: 'instagram', humanAgent: false })]] as const) {
      const graph = graphThat(TOO_LATE);
      expect(await send(graph, more as object, by)).toMatchObject({ outcome: 'refused', class: 'window' });
      expect(JSON.stringify(graph.asked)).not.toContain('HUMAN_AGENT');
    }
  });

  it('META-2 words of more than 1000 bytes and files go one after the other', async () => {
    const graph = graphThat(accepted, { status: 200, body: { message_id: '2' } }, { status: 200, body: { message_id: '3' } });
    expect(await send(graph, { text: 'ü'.repeat(600), attachments: [file('image/png')] })).toMatchObject({ providerMessageId: 'aWdfZAm1_OUT9', also: ['2', '3'] });
    expect([0, 1, 2].map((place) => graph.json(place).message)).toEqual([{ text: 'ü'.repeat(500) }, { text: 'ü'.repeat(100) }, { attachment: { type: 'image', payload: { url: 'https://parley.example.com/media/f1' } } }]);
  });

  it.each([['text/plain', 8], ['image/png', 9 * 1024 * 1024]])('META-4 a file of type %s and %d bytes is refused before anything is sent', async (contentType, sizeBytes) => {
    const graph = graphThat(accepted);
    expect(await send(graph, { attachments: [file(contentType, sizeBytes)] })).toMatchObject({ outcome: 'refused', class: 'content', failure: { code: 'file_type' } });
    expect(graph.asked).toEqual([]);
  });

  it('TKT-8 after a lost answer the conversation is asked for the same words since', async () => {
    const from = (id: string) => ({ id, username: 'x' });
    const listed = [
      { id: 'newer', created_time: '2026-11-20T09:15:09+0000', from: from(ACCOUNT), message: 'On its way' },
      { id: 'other words', created_time: '2026-11-20T09:15:08+0000', from: from(ACCOUNT), message: 'On my way' },
      { id: 'theirs', created_time: '2026-11-20T09:15:07+0000', from: from('1784145300012345'), message: 'On its way' },
      { id: 'older', created_time: '2026-11-20T09:15:01+0000', from: from(ACCOUNT), message: 'On its way' },
      { id: 'before', created_time: '2026-11-20T09:13:01+0000', from: from(ACCOUNT), message: 'On its way' },
    ];
    const graph = graphThat({ status: 200, body: { data: [{ messages: { data: listed } }] } });
    expect((await adapter.reconcile(outbound, channel, graph.io)).map(({ providerMessageId }) => providerMessageId)).toEqual(['older', 'newer']);
    await expect(adapter.reconcile(outbound, channel, graphThat(refusal(190)).io)).rejects.toMatchObject({ name: 'Outage' });
    await expect(adapter.reconcile({ ...outbound, text: 'x'.repeat(1001) }, channel, graph.io)).rejects.toThrow('cannot tell');
  });
});

describe('META-1 reading is total', () => {
  const Announced = z.object({ from: AcceptedMessage.shape.from, text: z.string(), details: z.array(MessageDetail).max(20).default([]), occurredAt: AcceptedMessage.shape.occurredAt.nullable() });
  const check = (read: Read[]) => {
    expect(read.length).toBeGreaterThan(0);
    for (const one of read) if (one.kind === 'message') Announced.parse(one);
    expect(JSON.stringify(read)).not.toMatch(/\\u0000|\\ud[89a-f][0-9a-f]{2}/i);
  };
  const odd = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\0\ud800'), fc.constant('x'.repeat(70_000)));
  const attachment = fc.record({ type: fc.oneof(fc.constantFrom('image', 'story_mention', 'share', 'ephemeral'), odd), payload: fc.oneof(odd, fc.record({ url: odd, title: odd, id: odd })) });
  const message = fc.record({ mid: fc.oneof(fc.constant('m'), odd), text: odd, attachments: fc.oneof(odd, fc.array(attachment)), reply_to: odd, quick_reply: odd, referral: odd, is_echo: odd, is_deleted: odd }, { requiredKeys: [] });
  const said = fc.record({ message: fc.oneof(message, odd), postback: odd, reaction: odd, read: odd, timestamp: odd }, { requiredKeys: [] });

  it('META-1 any JSON gives an answer that can be stored', () => {
    const raw = (value: unknown) => ({ ...fixture('instagram', '01-dm-text.json'), body: Buffer.from(JSON.stringify(value) ?? '') });
    fc.assert(fc.property(fc.jsonValue(), (value) => check(adapter.read(raw(value), channel))), { numRuns: 200 });
    fc.assert(fc.property(fc.array(said, { minLength: 1, maxLength: 4 }), (all) => check(adapter.read(raw(delivery(...all.map(event))), channel))), { numRuns: 200 });
  });
});
