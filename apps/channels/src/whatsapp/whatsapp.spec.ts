import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AcceptedMessage, MessageDetail } from '@parley/contracts/channels';
import { z } from 'zod';
import { isAChannel } from '../adapter.conformance.js';
import type { Raw, Read } from '../adapter.js';
import { Graph } from '../meta/graph.client.js';
import { GRAPH_ERRORS, GRAPH_LATER } from '../meta/graph-errors.rules.js';
import { fixture, graphThat, metaChannel, outboundTo, signed, somebodyElse } from '../../test/meta-fixtures.js';
import { WhatsappAdapter } from './whatsapp.adapter.js';

const channel = metaChannel('whatsapp', { phoneNumber: '+15550783881', phoneNumberId: '106540352242922', businessAccountId: '102290129340398', buttons: { stop: ['stop_promotions'], start: [] } });
const adapter = new WhatsappAdapter(new Graph('https://graph.example.com', 'v26.0'));
const phone = { type: 'phone' as const, value: '+16505551234', verified: true };
const people = [phone, { type: 'wa_id', value: '16505551234', verified: true }, { type: 'bsuid', value: 'US.13491208655302741918', verified: true }];
const outbound = outboundTo(phone);
const accepted = { status: 200, body: { messaging_product: 'whatsapp', contacts: [{ input: '+16505551234', wa_id: '16505551234' }], messages: [{ id: 'wamid.T1VUMQ==', message_status: 'accepted' }] } };
const refusal = (code: number, more: object = {}) => ({ status: 400, body: { error: { message: 'In Meta’s words', type: 'OAuthException', code, ...more } } });

isAChannel('whatsapp', { signed: true }, adapter, {
  channel,
  stranger: somebodyElse(channel),
  deliveries: [
    { name: 'text', raw: fixture('whatsapp', '01-text.json'), ids: ['wamid.VEVTVEE='] },
    { name: 'image', raw: fixture('whatsapp', '04-image-caption.json'), ids: ['wamid.VEVTVEQ='] },
    { name: 'reactions', raw: fixture('whatsapp', '13-reaction-add-then-remove.json'), ids: ['wamid.T1VUNg==', 'wamid.T1VUNg=='] },
    { name: 'failed', raw: fixture('whatsapp', '17-status-failed-131047.json'), ids: ['wamid.T1VUOA=='] },
    { name: 'echo', raw: fixture('whatsapp', '20-own-echo-coexistence.json'), ids: ['wamid.RUNITzE='] },
    { name: 'a batch', raw: signed(delivery(change({ messages: [text('a'), text('b')], statuses: [{ id: 'out', status: 'sent' }] }), change({ messages: [text('c')] }))), ids: ['a', 'b', 'out', 'c'] },
  ],
  redeliveries: [{ of: 'text', raw: fixture('whatsapp', '02-text-duplicate.json') }],
  outbound,
  accepted: { answer: accepted, providerMessageId: 'wamid.T1VUMQ==' },
  refused: [
    { answer: refusal(131026), code: '131026', reason: 'In Meta’s words' },
    { answer: refusal(190, { error_subcode: 463 }), code: '190', reason: 'In Meta’s words' },
    { answer: refusal(131047, { error_data: { details: 'More precisely' } }), code: '131047', reason: 'More precisely' },
    { answer: { status: 404, body: 'not json' }, code: '404', reason: 'Meta answered 404' },
  ],
  notNow: [refusal(130429), { status: 429, body: {} }, { status: 503, body: {} }, refusal(4)],
});

function change(value: object, phoneNumberId = '106540352242922', field = 'messages') {
  return { field, value: { messaging_product: 'whatsapp', metadata: { phone_number_id: phoneNumberId }, ...value } };
}
function delivery(...changes: object[]) {
  return { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes }] };
}
function text(id: string) {
  return { from: '16505551234', id, timestamp: '1795166100', type: 'text', text: { body: `text of ${id}` } };
}
const of = (message: object) => adapter.read(signed(delivery(change({ messages: [{ from: '16505551234', id: 'm', timestamp: '1795166100', ...message }] }))), channel);

describe('META-3 what WhatsApp posts', () => {
  const read = (name: string) => adapter.read(fixture('whatsapp', name), channel);

  it.each<[string, object]>([
    ['01-text.json', { kind: 'message', from: people, name: 'Sheena Nelson', text: 'Does it come in another color?', attachments: [], details: [], occurredAt: '2026-11-20T09:15:00.000Z' }],
    ['04-image-caption.json', { text: 'Broken zip 😡', attachments: [{ name: 'image', contentType: 'image/jpeg', sizeBytes: 0, inline: false, remote: { mediaId: '1003383421387256' } }] }],
    ['06-audio-voice.json', { text: '', attachments: [{ name: 'voice-message', contentType: 'audio/ogg', sizeBytes: 0, inline: false, remote: { mediaId: '1908647269898587' } }] }],
    ['08-contacts.json', { from: people, details: [{ kind: 'contact', name: 'Barbara J. Johnson', phones: ['+1 (650) 555-9999'], emails: [] }, { kind: 'contact', name: 'No Phone', phones: [], emails: [] }] }],
    ['10-interactive-list-reply.json', { text: 'Priority Mail Express', inReplyTo: 'wamid.T1VUMw==', keyword: null, details: [{ kind: 'choice', via: 'list', id: 'priority_express', title: 'Priority Mail Express', description: 'Next Day to 2 Days', answers: null }] }],
    ['12-template-quick-reply-button.json', { text: 'Stop promotions', inReplyTo: 'wamid.T1VUNQ==', keyword: 'stop', details: [{ kind: 'choice', via: 'button', id: 'stop_promotions', title: 'Stop promotions', description: null, answers: null }] }],
    ['14-unsupported.json', { text: '', details: [{ kind: 'unsupported', what: 'Message type unknown' }] }],
    ['17-status-failed-131047.json', { kind: 'status', state: 'failed', class: 'window', reference: null, failure: { code: '131047', reason: 'Message failed to send because more than 24 hours have passed since the customer last replied to this number.' } }],
    ['20-own-echo-coexistence.json', { kind: 'echo', to: people, text: 'Sent from the owner\'s phone', inReplyTo: null }],
  ])('%s', (name, expected) => expect(read(name)).toEqual([expect.objectContaining(expected)]));

  it('META-3 a reaction and its end', () => {
    const reaction = { kind: 'reaction', about: 'wamid.T1VUNg==', by: 'customer', person: people };
    expect(read('13-reaction-add-then-remove.json')).toEqual([{ ...reaction, emoji: '👍🏽', occurredAt: '2026-11-20T09:15:00.000Z' }, { ...reaction, emoji: null, occurredAt: '2026-11-20T09:15:01.000Z' }]);
  });

  it('META-3 TKT-7 the advertisement that brought the customer stays with the message, word by word', () => {
    const [message] = read('21-ad-referral.json');
    expect(message).toMatchObject({ text: 'Hi', details: [{ kind: 'referral', source: 'ad', title: 'Chat with us', url: 'https://fb.me/3cr4Wqqkv', received: { ctwa_clid: 'Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4', welcome_message: { text: 'Hi there!' } } }] });
  });

  it.each<[string, object, object]>([
    ['location', { location: { latitude: 52.5, longitude: '13.4', name: 'Shop', address: '<b>Street</b> 1', url: 'javascript:alert(1)' } }, { text: '', details: [{ kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Shop', address: '<b>Street</b> 1' }] }],
    ['location', { location: { latitude: 'north', longitude: 400 } }, { details: [{ kind: 'unsupported', what: 'location' }] }],
    ['interactive', { interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'STOP' } } }, { text: 'STOP', keyword: null, details: [{ kind: 'choice', via: 'button', id: 'yes', title: 'STOP', description: null, answers: null }] }],
    ['interactive', { interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"size":"M"}' } } }, { text: 'Sent', details: [{ kind: 'choice', via: 'form', id: 'flow', title: 'Sent', description: null, answers: { size: 'M' } }] }],
    ['interactive', { interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"size"' } } }, { details: [expect.objectContaining({ via: 'form', answers: null })] }],
    ['order', { order: { catalog_id: '1', text: 'Please', product_items: [{ product_retailer_id: 'SKU1', quantity: 2, item_price: 19.9, currency: 'EUR' }] } }, { text: 'Please', details: [{ kind: 'order', text: 'Please', products: [{ id: 'SKU1', quantity: 2, price: '19.9', currency: 'EUR' }] }] }],
    ['document', { document: { id: '77', mime_type: 'application/pdf', filename: 'bill.pdf', caption: 'My bill' } }, { text: 'My bill', attachments: [expect.objectContaining({ name: 'bill.pdf', contentType: 'application/pdf', remote: { mediaId: '77' } })] }],
    ['video', { video: { mime_type: 'video/mp4' }, errors: [{ code: 131052, title: 'Media download error' }] }, { attachments: [], details: [{ kind: 'unsupported', what: 'Media download error' }] }],
    ['text', { text: { body: 'This one?' }, context: { referred_product: { catalog_id: '1', product_retailer_id: 'SKU1' }, id: 'wamid.Q' } }, { inReplyTo: 'wamid.Q', details: [{ kind: 'share', what: 'product', title: 'SKU1', url: null }] }],
    ['text', { text: { body: 'FYI' }, context: { forwarded: true } }, { note: 'Forwarded, not written by the customer' }],
    ['hologram', { hologram: {} }, { text: '', details: [{ kind: 'unsupported', what: 'hologram' }] }],
    ['constructor', {}, { details: [{ kind: 'unsupported', what: 'constructor' }] }],
  ])('META-3 a message of type %s %j', (type, message, expected) => expect(of({ type, ...message })).toEqual([expect.objectContaining({ kind: 'message', ...expected })]));

  it('META-3 a new number is told beside the thread and moves nothing', () => {
    expect(of({ type: 'system', system: { body: 'Sheena changed from 1 to 2', wa_id: '16505559999', type: 'user_changed_number' } })).toEqual([
      expect.objectContaining({ kind: 'message', from: people.slice(0, 2), text: 'Sheena changed from 1 to 2', automatic: 'auto_reply', note: 'WhatsApp says that the customer’s number is now +16505559999' }),
    ]);
  });

  it('META-3 PRO-1 who shows no number is known by the business-scoped id', () => {
    const contacts = [{ user_id: 'DE.1', profile: { name: 'Kim', username: 'kim' } }, { user_id: 'DE.2', profile: { username: 'lee' } }];
    const messages = [{ from_user_id: 'DE.2', id: 'm', timestamp: '1795166100', type: 'text', text: { body: 'hi' } }];
    expect(adapter.read(signed(delivery(change({ contacts, messages }))), channel)).toEqual([expect.objectContaining({ from: [{ type: 'bsuid', value: 'DE.2', verified: true }], name: 'lee' })]);
  });

  it('META-1 what is meant for another number does not land here', () => {
    const raw = signed(delivery(change({ messages: [text('theirs')] }, '1'), change({ messages: [text('ours')] }), { field: 'account_update', value: {} }));
    expect(adapter.read(raw, channel)).toMatchObject([{ kind: 'ignored', reason: 'Meant for another number' }, { kind: 'message', providerMessageId: 'ours' }, { kind: 'ignored' }]);
  });

  it.each([['accepted', 'queued'], ['sent', 'sent'], ['delivered', 'delivered'], ['read', 'read'], ['played', 'read'], ['failed', 'failed']])('TKT-8 %s is %s, with our id and the price as it was told', (status, state) => {
    const pricing = { billable: true, pricing_model: 'PMP', category: 'service', type: 'regular' };
    const said = { id: 'wamid.O', status, timestamp: '1795166100', recipient_id: '16505551234', pricing, biz_opaque_callback_data: outbound.id };
    expect(adapter.read(signed(delivery(change({ statuses: [said] }))), channel)).toEqual([expect.objectContaining({ kind: 'status', providerMessageId: 'wamid.O', state, pricing, reference: outbound.id, occurredAt: '2026-11-20T09:15:00.000Z' })]);
  });

  it('TKT-8 other statuses say nothing, and an id that is not ours is none', () => {
    const statuses = [{ id: 'wamid.O', status: 'deleted' }, { id: 'wamid.O', status: 'sent', biz_opaque_callback_data: 'something else' }];
    expect(adapter.read(signed(delivery(change({ statuses }))), channel)).toMatchObject([{ kind: 'ignored' }, { kind: 'status', reference: null, occurredAt: null }]);
  });
});

describe('META-3 what is sent by WhatsApp', () => {
  const send = (graph: ReturnType<typeof graphThat>, more: Partial<typeof outbound> = {}) => adapter.send({ ...outbound, ...more }, channel, graph.io);
  const file = (contentType: string, name = 'a') => ({ id: '0199a5b0-0000-7000-8000-0000000000f1', name, contentType, sizeBytes: 8, inline: false, sha256: '0'.repeat(64) });

  it('TKT-8 words go to the number, with our id to be told by', async () => {
    const graph = graphThat(accepted);
    expect(await send(graph)).toEqual({ outcome: 'sent', providerMessageId: 'wamid.T1VUMQ==', state: 'queued' });
    expect(graph.asked[0]!.url).toMatch(/^https:\/\/graph\.example\.com\/v26\.0\/106540352242922\/messages\?appsecret_proof=[0-9a-f]{64}$/);
    expect(graph.json(0)).toEqual({ messaging_product: 'whatsapp', recipient_type: 'individual', to: '16505551234', type: 'text', text: { body: 'On its way', preview_url: false }, biz_opaque_callback_data: outbound.id });
  });

  it('META-3 who shows no number is reached by the business-scoped id', async () => {
    const graph = graphThat(accepted);
    await send(graph, { to: { type: 'bsuid', value: 'DE.2', verified: true } });
    expect(graph.json(0)).toMatchObject({ recipient: 'DE.2' });
    expect(graph.json(0)).not.toHaveProperty('to');
  });

  it('META-3 a template takes the place of the words', async () => {
    const graph = graphThat(accepted);
    await send(graph, { template: { name: 'order_shipped', language: 'en_US', variables: ['Kim', '1042'] } });
    expect(graph.json(0)).toMatchObject({ type: 'template', template: { name: 'order_shipped', language: { code: 'en_US' }, components: [{ type: 'body', parameters: [{ type: 'text', text: 'Kim' }, { type: 'text', text: '1042' }] }] } });
  });

  it('META-4 a file is uploaded and goes with the words beneath it', async () => {
    const graph = graphThat({ status: 200, body: { id: 'media-1' } }, accepted);
    await send(graph, { attachments: [file('image/png', 'zip "näh".png')] });
    expect(graph.asked[0]!.url).toContain('/106540352242922/media?');
    expect(String(graph.asked[0]!.body)).toContain('filename="zip _n_h_.png"\r\nContent-Type: image/png\r\n\r\n8 bytes.\r\n--');
    expect(graph.json(1)).toMatchObject({ type: 'image', image: { id: 'media-1', caption: 'On its way' } });
  });

  it('META-4 what cannot stand together goes one after the other, each known by its id', async () => {
    const graph = graphThat({ status: 200, body: { id: 'media-1' } }, { status: 200, body: { id: 'media-2' } }, accepted, { status: 200, body: { messages: [{ id: 'second' }] } }, { status: 200, body: { messages: [{ id: 'third' }] } });
    expect(await send(graph, { attachments: [file('audio/ogg'), file('application/pdf', 'bill.pdf')] })).toEqual({ outcome: 'sent', providerMessageId: 'wamid.T1VUMQ==', also: ['second', 'third'], state: 'queued' });
    expect([2, 3, 4].map((place) => graph.json(place))).toMatchObject([{ type: 'text', biz_opaque_callback_data: outbound.id }, { type: 'audio', audio: { id: 'media-1' } }, { type: 'document', document: { id: 'media-2', filename: 'bill.pdf' } }]);
  });

  it('TKT-8 once a part was taken nothing is repeated: the message has failed and says how far it came', async () => {
    for (const trouble of [{ status: 503, body: {} }, refusal(131053)]) {
      expect(await send(graphThat(accepted, trouble), { text: 'word '.repeat(1000) })).toMatchObject({ outcome: 'refused', failure: { code: 'partly_sent', reason: expect.stringContaining('Only 1 of 2 parts were sent') } });
    }
  });

  it('TKT-8 trouble before anything was sent may be tried again; an answer without sense says nothing', async () => {
    await expect(adapter.send({ ...outbound, attachments: [file('image/png')] }, channel, { ...graphThat(accepted).io, http: { send: () => Promise.reject(new Error('socket hang up')) } })).rejects.toThrow('socket hang up');
    expect(await send(graphThat({ status: 200, body: {} }))).toMatchObject({ outcome: 'unknown' });
    await expect(send(graphThat({ status: 500, body: 'Sorry' }))).rejects.toThrow('Meta answered 500');
    expect(await adapter.send({ ...outbound, attachments: [file('image/png')] }, channel, { ...graphThat(accepted).io, file: () => Promise.resolve(null) })).toMatchObject({ outcome: 'refused', class: 'content' });
  });

  it('TKT-8 a lost answer is not repeated while a status may still tell of it', async () => {
    const at = (minutes: number) => ({ ...graphThat(accepted).io, at: new Date(outbound.firstTriedAt.getTime() + minutes * 60_000) });
    await expect(adapter.reconcile(outbound, channel, at(9))).rejects.toThrow('No status has told yet');
    await expect(adapter.reconcile(outbound, channel, at(10))).resolves.toEqual([]);
  });

  it.each([...GRAPH_ERRORS])('TKT-8 error %s is of class %s', async (key, kind) => {
    const [code, error_subcode] = key.split('/').map(Number);
    expect(await send(graphThat(refusal(code!, { ...(error_subcode && { error_subcode }) })))).toMatchObject({ outcome: 'refused', class: kind, failure: { code: String(code), reason: 'In Meta’s words' } });
  });

  it.each([...GRAPH_LATER])('TKT-8 error %s means later, in %d seconds', async (code, retryAfterSeconds) => {
    await expect(send(graphThat(refusal(Number(code))))).rejects.toMatchObject({ name: 'Outage', retryAfterSeconds });
  });

  it('META-4 an id leads to an address that wants the token; one that died leads nowhere', async () => {
    const found = graphThat({ status: 200, body: JSON.parse(fixture('whatsapp', '23-media-lookup-response.json').body.toString()) as object });
    expect(await adapter.media({ mediaId: '1003383421387256' }, channel, found.io)).toEqual({
      outcome: 'found', url: 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1003383421387256&source=webhook&ext=1795167000&hash=ARn', headers: { authorization: 'Bearer token-of-no-account' },
      sha256: '49f227634806293b0995459bc310b593e1400f41591efcf07e9bced335f41942',
    });
    expect(await adapter.media({ mediaId: '1' }, channel, graphThat(refusal(190)).io)).toMatchObject({ outcome: 'refused', class: 'auth' });
  });
});

describe('META-1 reading is total', () => {
  /** What intake announces of a message; what it adds itself is left out. */
  const Announced = z.object({ from: AcceptedMessage.shape.from, text: z.string(), details: z.array(MessageDetail).max(20).default([]), occurredAt: AcceptedMessage.shape.occurredAt.nullable() });
  const check = (read: Read[]) => {
    expect(read.length).toBeGreaterThan(0);
    for (const one of read) if (one.kind === 'message') Announced.parse(one);
    expect(JSON.stringify(read)).not.toMatch(/\\u0000|\\ud[89a-f][0-9a-f]{2}/i);
  };
  const types = fc.constantFrom('text', 'image', 'location', 'contacts', 'interactive', 'button', 'order', 'reaction', 'system', 'unsupported', 'document');
  const odd = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\0\ud800'), fc.constant('x'.repeat(70_000)));
  const message = types.chain((type) => fc.record({ type: fc.constant(type), [type]: fc.oneof(odd, fc.dictionary(fc.constantFrom('body', 'id', 'caption', 'filename', 'latitude', 'longitude', 'title', 'type', 'nfm_reply', 'response_json', 'product_items', 'message_id', 'emoji'), odd)), from: fc.oneof(fc.constant('16505551234'), odd), id: fc.oneof(fc.constant('m'), odd), timestamp: fc.oneof(fc.constant('1795166100'), odd), context: odd, referral: odd, errors: odd }, { requiredKeys: ['type'] }));

  it('META-1 any JSON gives an answer that can be stored', () => {
    const read = (value: unknown): Raw => ({ ...fixture('whatsapp', '01-text.json'), body: Buffer.from(JSON.stringify(value) ?? '') });
    fc.assert(fc.property(fc.jsonValue(), (value) => check(adapter.read(read(value), channel))), { numRuns: 200 });
    fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), odd, odd, (messages, contacts, statuses) => check(adapter.read(read(delivery(change({ messages, contacts, statuses }))), channel))), { numRuns: 200 });
  });
});
