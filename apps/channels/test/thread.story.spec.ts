import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FILE_BYTES, fileEvents } from '@parley/contracts/attachments';
import { channels, type Attachment, type channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { holder } from '@parley/contracts/privacy';
import { FileStore } from '@parley/service/files';
import { newId } from '@parley/service/ids';
import { FetchingService } from '../src/media/fetching.service.js';
import { DeliveriesService } from '../src/outbound/deliveries.service.js';
import { MediaHost } from './media-host.js';
import { ACCOUNT_ID, type MetaDesk, metaDesk } from './meta-desk.js';

type Received = Data<typeof channelEvents.messageReceived>;
type Amended = Data<typeof channelEvents.messageAmended>;
type Echoed = Data<typeof channelEvents.messageEchoed>;
type Fetched = Data<typeof channelEvents.mediaFetched>;

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=', 'base64');
const TWENTY = Array.from({ length: 20 }, (_, n) => n + 1);
let desk: MetaDesk;
let host: MediaHost;
let people = 0;
beforeAll(async () => {
  [desk, host] = await Promise.all([metaDesk(), new MediaHost().start()]);
});
afterAll(async () => {
  await desk?.close();
  host?.stop();
});

/** Somebody on Instagram, and what Meta says of them. */
function somebody() {
  const id = `178414530001${String(1000 + ++people)}`;
  const event = (said: object, at = 1795166100000) => ({ sender: { id }, recipient: { id: ACCOUNT_ID }, timestamp: at, ...said });
  const byBrand = (said: object, at = 1795166100000) => ({ ...event(said, at), sender: { id: ACCOUNT_ID }, recipient: { id } });
  return {
    id,
    key: `instagram:${desk.channels.instagram.id}:${id}`,
    writes: (mid: string, text: string, more: object = {}) => event({ message: { mid, text, ...more } }),
    sends: (mid: string, ...urls: string[]) => event({ message: { mid, attachments: urls.map((url) => ({ type: 'image', payload: { url } })) } }),
    unsends: (mid: string) => event({ message: { mid, is_deleted: true } }),
    edits: (mid: string, text: string) => event({ message_edit: { mid, text, num_edit: 1 } }),
    reacts: (mid: string, emoji: string | null) => event({ reaction: { mid, action: emoji ? 'react' : 'unreact', ...(emoji && { emoji }) } }),
    sees: (mid: string) => event({ read: { mid } }),
    hears: (mid: string, text: string, more: object = {}) => byBrand({ message: { mid, text, is_echo: true, app_id: 1, ...more } }),
  };
}
const posted = async (...messaging: object[]) => expect((await desk.instagrams(...messaging)).status).toBe(200);
const received = async (key: string) => (await desk.facts<Received>('channel.message_received')).filter(({ conversationKey }) => conversationKey === key);
const amended = async (key: string) => (await desk.facts<Amended>('channel.message_amended')).filter(({ conversationKey }) => conversationKey === key);
const echoed = async (key: string) => (await desk.facts<Echoed>('channel.message_echoed')).filter(({ conversationKey }) => conversationKey === key);
/** What was told of a conversation, in its order. */
const told = async (key: string) => (await desk.here.facts()).filter(({ data }) => (data as { conversationKey?: string }).conversationKey === key).map(({ type }) => type.replace('channel.', ''));
const rows = <R extends object>(text: string, values: unknown[] = []) => desk.here.tx((tx) => tx.sql<R>(text, values));
const parked = async () => (await rows('SELECT FROM parked_amendment')).length;
const providerIdOf = (id: string) =>
  desk.here.until(async () => (await rows<{ id: string | null }>('SELECT provider_message_id AS id FROM delivery WHERE id = $1', [id]))[0]?.id, 'the provider’s id');
/** Until an answer was tried and nobody knows whether it has arrived; it stays so. */
const inDoubt = (id: string) =>
  desk.here.until(async () => (await rows(`UPDATE outbox SET next_at = now() + interval '1 hour' WHERE id = $1 AND attempt > 0 AND lease_token IS NULL RETURNING 1`, [id])).length > 0, 'the answer to be in doubt');
/** An answer to somebody, as tickets says it. */
const answerTo = (value: string, text: string) => desk.reply('instagram', text, { to: { type: 'igsid', value, verified: true } });

describe('amendments', () => {
  it('META-2 reactions, edits and unsent messages are told under our id, in order with the message, and stand in no books', async () => {
    const mia = somebody();
    await posted(mia.writes('m1', 'Hello'));
    await posted(mia.reacts('m1', '❤'), mia.edits('m1', 'Hello!'), mia.unsends('m1'));
    const [message] = await received(mia.key);
    const all = await amended(mia.key);
    expect(all.map(({ change }) => change.kind).sort()).toEqual(['deleted', 'edited', 'reaction']);
    expect(new Set(all.map(({ messageId }) => messageId))).toEqual(new Set([message!.inboundId]));
    expect((await told(mia.key))[0]).toBe('message_received');
    const facts = (await desk.here.facts()).filter(({ data }) => (data as { conversationKey?: string }).conversationKey === mia.key);
    expect(new Set(facts.map((fact) => (fact as unknown as { partition?: number }).partition))).toHaveProperty('size', 1);
    expect(await rows('SELECT items FROM raw_inbound r WHERE NOT EXISTS (SELECT FROM inbound_message m WHERE m.raw_id = r.id) AND items > 0')).toEqual([]);
  });

  it('META-2 an unsend that comes before its message is remembered: the message is told without its content, and after the unsend', async () => {
    const mia = somebody();
    await posted(mia.unsends('late'));
    await posted(mia.writes('late', 'CANARY words', { attachments: [{ type: 'image', payload: { url: host.put('/canary.png', { status: 200, body: PNG }) } }] }));
    expect(await told(mia.key)).toEqual(['message_amended', 'message_received']);
    expect((await received(mia.key))[0]).toMatchObject({ text: '', attachments: [], details: [] });
    expect(JSON.stringify(await desk.here.facts())).not.toContain('CANARY words');
    expect(await parked()).toBe(0);
    await posted(mia.writes('late', 'CANARY words'));
    expect(await received(mia.key)).toHaveLength(1);
    expect(host.askedFor('/canary.png')).toEqual([]);
  });

  it('META-2 message and unsend at once, in twenty conversations: whichever comes first, it ends taken back', async () => {
    const all = TWENTY.map(() => somebody());
    await Promise.all(all.flatMap((one) => [posted(one.writes(`race-${one.id}`, 'CANARY race')), posted(one.unsends(`race-${one.id}`))]));
    for (const one of all) {
      const [message, ...more] = await received(one.key);
      expect(more).toEqual([]);
      expect(await amended(one.key)).toMatchObject([{ messageId: message!.inboundId, change: { kind: 'deleted' } }]);
    }
    expect(await parked()).toBe(0);
  });

  it('META-2 what was taken back is gone from the bytes, too, where nothing else stands in them', async () => {
    const [mia, noa] = [somebody(), somebody()];
    await posted(mia.writes('alone', 'CANARY alone'));
    await posted(mia.writes('together', 'CANARY together'), noa.writes('other', 'Hello'));
    await posted(mia.unsends('alone'), mia.unsends('together'));
    const holding = async (word: string) => (await rows('SELECT FROM raw_inbound WHERE position(convert_to($1, \'UTF8\') IN body) > 0', [word])).length;
    expect([await holding('CANARY alone'), await holding('CANARY together')]).toEqual([0, 1]);
    expect(JSON.stringify(await desk.here.facts())).not.toMatch(/CANARY alone|CANARY together/);
  });

  it('META-2 quotes name our message; an unknown one names none', async () => {
    const mia = somebody();
    await posted(mia.writes('q1', 'First'), mia.writes('q2', 'Second', { reply_to: { mid: 'q1' } }), mia.writes('q3', 'Third', { reply_to: { mid: 'nobody-knows' } }));
    const [first, second, third] = await received(mia.key);
    expect([first!.inReplyTo, second!.inReplyTo, third!.inReplyTo]).toEqual([null, first!.inboundId, null]);
  });

  it('META-2 a reaction to our answer finds it, also before we know what Meta calls it', async () => {
    const mia = somebody();
    const { id } = await answerTo(mia.id, 'On its way');
    const mid = await providerIdOf(id);
    await posted(mia.reacts(mid, '🙏'));
    expect(await amended(mia.key)).toMatchObject([{ messageId: id, by: 'customer', change: { kind: 'reaction', emoji: '🙏' } }]);
    const next = `mid-${Number(mid.split('-')[1]) + 1}`;
    await posted(mia.reacts(next, '👍'));
    expect(await amended(mia.key)).toHaveLength(1);
    const second = await answerTo(mia.id, 'It has arrived');
    expect(await providerIdOf(second.id)).toBe(next);
    expect((await amended(mia.key)).at(-1)).toMatchObject({ messageId: second.id, change: { emoji: '👍' } });
  });
});

describe('echoes', () => {
  it('META-2 what the brand wrote in the app is told once, with its files, and is no inbound message', async () => {
    const mia = somebody();
    const before = await desk.here.ask(channels.books, { channelId: desk.channels.instagram.id, day: (await desk.here.tx(async (tx) => tx.at)).toISOString().slice(0, 10) });
    for (const _ of [1, 2, 3]) await posted(mia.hears('app-1', 'Written in the app'));
    expect(await echoed(mia.key)).toMatchObject([{ text: 'Written in the app', to: [{ type: 'igsid', value: mia.id }], channel: 'instagram', attachments: [], inReplyTo: null }]);
    const after = await desk.here.ask(channels.books, { channelId: desk.channels.instagram.id, day: before.day });
    expect([after.inbound, after.balanced]).toEqual([before.inbound, before.balanced]);
  });

  it('META-2 our own messages come back as echoes and are nobody else’s, also when they overtake the answer to our call', async () => {
    const mia = somebody();
    desk.graph.answers.push('hang up');
    const { id } = await answerTo(mia.id, 'Sent by us');
    await inDoubt(id);
    // Meta repeats it, while we do not know what became of our call.
    await posted(mia.hears('mid-in-doubt', 'Sent by us'));
    expect(await rows('SELECT FROM echo_waiting')).toHaveLength(1);
    expect(await echoed(mia.key)).toEqual([]);
    await desk.here.tx((tx) => desk.here.app.get(DeliveriesService).taken(tx, id, { outcome: 'sent', providerMessageId: 'mid-in-doubt', also: ['mid-in-doubt-2'], state: 'sent' }));
    expect(await rows('SELECT FROM echo_waiting')).toEqual([]);
    await posted(mia.hears('mid-in-doubt-2', 'Sent by us, its second piece'), mia.reacts('mid-in-doubt-2', '👍'));
    expect(await amended(mia.key)).toMatchObject([{ messageId: id }]);
    await posted(mia.hears('mid-in-doubt', 'Sent by us'));
    expect(await echoed(mia.key)).toEqual([]);
  });

  it('META-2 an echo that waited in vain is told', async () => {
    const mia = somebody();
    desk.graph.answers.push('hang up');
    const { id } = await answerTo(mia.id, 'Never arrives');
    await inDoubt(id);
    await posted(mia.hears('app-2', 'Meanwhile in the app', { attachments: [{ type: 'image', payload: { url: host.put('/app.png', { status: 200, body: PNG }) } }] }));
    await desk.here.db.query('DELETE FROM outbox WHERE id = $1', [id]);
    const [echo] = await desk.here.until(async () => ((await echoed(mia.key)).length ? echoed(mia.key) : undefined), 'the echo');
    expect(echo).toMatchObject({ text: 'Meanwhile in the app', attachments: [{ fetch: 'pending' }] });
    await fetchedOf(echo!.messageId);
  });

  it('META-2 an echo can be reacted to, quoted and taken back, also before it comes', async () => {
    const mia = somebody();
    await posted(mia.unsends('app-3'));
    await posted(mia.hears('app-3', 'CANARY in the app'), mia.hears('app-4', 'Stays'));
    const [gone, stays] = await echoed(mia.key);
    expect([gone!.text, stays!.text]).toEqual(['', 'Stays']);
    expect(await told(mia.key)).toEqual(['message_amended', 'message_echoed', 'message_echoed']);
    await posted(mia.reacts('app-4', '👀'), mia.writes('about-it', 'What?', { reply_to: { mid: 'app-4' } }));
    expect((await amended(mia.key)).at(-1)).toMatchObject({ messageId: stays!.messageId, change: { emoji: '👀' } });
    expect((await received(mia.key))[0]!.inReplyTo).toBe(stays!.messageId);
  });
});

describe('what the customer has seen', () => {
  it('META-2 TKT-8 everything up to the message is read, and nothing after it', async () => {
    const mia = somebody();
    const [one, two, three] = [await answerTo(mia.id, 'One'), await answerTo(mia.id, 'Two'), await answerTo(mia.id, 'Three')];
    await Promise.all([one, two, three].map(({ id }) => desk.reaches(id, 'sent')));
    await posted(mia.sees(await providerIdOf(two.id)));
    await Promise.all([one, two].map(({ id }) => desk.reaches(id, 'read')));
    expect(await rows('SELECT state FROM delivery WHERE id = $1', [three.id])).toEqual([{ state: 'sent' }]);
  });
});

const fetchedOf = (messageId: string, many = 1) =>
  desk.here.until(async () => {
    const found = (await desk.facts<Fetched>('channel.media_fetched')).filter((one) => one.messageId === messageId);
    return found.length >= many ? found.map(({ attachment }) => attachment) : undefined;
  }, 'the files');
/** Nobody waits: what is due later is due now. */
const hurry = () => desk.here.db.query('UPDATE media_waiting SET next_at = now() WHERE lease IS NULL');
const pending = () => rows('SELECT FROM media_waiting');
const store = () => desk.here.app.get(FileStore);
const bytesOf = async ({ sha256 }: Attachment) => buffer((await store().read(desk.here.account, sha256!))!);
const isKept = async ({ sha256 }: Attachment) => {
  const bytes = await store().read(desk.here.account, sha256!);
  bytes?.on('error', () => undefined).destroy();
  return bytes !== null;
};

describe('files of customers', () => {
  const sent = async (...urls: string[]) => {
    const mia = somebody();
    await posted(mia.sends(`files-${mia.id}`, ...urls));
    return { mia, message: (await received(mia.key))[0]! };
  };

  it('META-4 are fetched behind the message, known by their content, and stored', async () => {
    const { message } = await sent(host.put('/a', { status: 200, headers: { 'content-type': 'text/html' }, body: PNG }), host.put('/b', { status: 200, body: Buffer.from('<script>') }));
    expect(message.attachments).toMatchObject([{ name: 'image', fetch: 'pending' }, { fetch: 'pending' }]);
    expect(JSON.stringify(message)).not.toContain(host.url);
    const files = await fetchedOf(message.inboundId, 2);
    const [picture, script] = message.attachments.map(({ id }) => files.find((file) => file.id === id)!);
    expect(picture).toMatchObject({ name: 'image.png', contentType: 'image/png', sizeBytes: PNG.length, inline: false });
    expect(picture).not.toHaveProperty('fetch');
    expect((await bytesOf(picture!)).equals(PNG)).toBe(true);
    expect(script).toMatchObject({ contentType: 'application/octet-stream', sha256: expect.any(String) });
    expect(await pending()).toEqual([]);
    expect(await rows('SELECT FROM inbound_media')).toEqual([]);
  });

  it.each<{ what: string; given: Parameters<MediaHost['put']>[1]; problem: string | RegExp }>`
    what              | given                                                                        | problem
    ${'404'}          | ${{ status: 404 }}                                                           | ${'The provider no longer has this file'}
    ${'410'}          | ${{ status: 410 }}                                                           | ${'The provider no longer has this file'}
    ${'an error'}     | ${{ status: 418 }}                                                           | ${'The provider answered 418'}
    ${'nothing'}      | ${{ status: 200 }}                                                           | ${'The file is empty'}
    ${'too much'}     | ${{ status: 200, body: Buffer.alloc(FILE_BYTES + 1) }}                       | ${'The file is larger than 25 MiB'}
    ${'a redirect'}   | ${{ status: 302, headers: { location: 'http://127.0.0.2:1/elsewhere' } }}    | ${/leads on to 127\.0\.0\.2:1, which is not allowed/}
    ${'a far one'}    | ${{ status: 301, headers: { location: 'http://169.254.169.254/latest' } }}   | ${/not allowed/}
  `('META-4 $what is said to be a problem, and not asked for again', async ({ what, given, problem }) => {
    const path = `/${encodeURIComponent(what)}`;
    const { message } = await sent(host.put(path, given));
    const [file] = await fetchedOf(message.inboundId);
    expect(file).toMatchObject({ id: message.attachments[0]!.id, fetch: 'failed', problem: typeof problem === 'string' ? problem : expect.stringMatching(problem) });
    expect(file).not.toHaveProperty('sha256');
    expect(host.askedFor(path)).toHaveLength(1);
    expect(await pending()).toEqual([]);
  });

  it('META-4 security 8 a private address is not asked at all', async () => {
    const { message } = await sent('http://10.0.0.1/secret', 'http://[::ffff:10.0.0.1]/secret');
    for (const file of await fetchedOf(message.inboundId, 2)) expect(file).toMatchObject({ fetch: 'failed', problem: expect.stringMatching(/private|https|refused|allowed/i) });
  });

  it('META-4 what may pass is asked for again, at growing distances, and then given up with its reason', async () => {
    const { message } = await sent(host.put('/flaky', 'hang up', { status: 503, headers: { 'retry-after': '77' } }, { status: 429 }, { status: 200, body: PNG }), host.put('/down', { status: 500 }));
    await desk.here.until(() => host.askedFor('/down').length > 0 && host.askedFor('/flaky').length > 0, 'the first tries');
    await desk.here.until(async () => (await rows('SELECT FROM media_waiting WHERE lease IS NULL AND next_at > now()')).length === 2, 'both to be put off');
    for (const times of TWENTY) {
      if ((await pending()).length === 0) break;
      await hurry();
      await desk.here.until(async () => (await rows('SELECT FROM media_waiting WHERE lease IS NOT NULL OR next_at <= now()')).length === 0, `try ${times}`);
    }
    const files = await fetchedOf(message.inboundId, 2);
    expect(files.find(({ id }) => id === message.attachments[0]!.id)).toMatchObject({ contentType: 'image/png' });
    expect(files.find(({ id }) => id === message.attachments[1]!.id)).toMatchObject({ fetch: 'failed', problem: 'The provider answered 500' });
    expect([host.askedFor('/flaky').length, host.askedFor('/down').length]).toEqual([4, 7]);
  });

  it('META-4 a file that was claimed by somebody who died is fetched by the next', async () => {
    const { message } = await sent(host.put('/slow', 'never', { status: 200, body: PNG }));
    await desk.here.until(() => host.askedFor('/slow').length > 0, 'somebody to ask');
    await desk.here.db.query(`UPDATE media_waiting SET lease_until = now() - interval '1 second'`);
    await desk.here.app.get(FetchingService).work();
    expect((await fetchedOf(message.inboundId))[0]).toMatchObject({ contentType: 'image/png' });
  });

  it('META-2 META-4 files of a message that was taken back are not fetched', async () => {
    const url = host.put('/unwanted', { status: 500 });
    const { mia, message } = await sent(url);
    await desk.here.until(async () => (await rows(`UPDATE media_waiting SET next_at = now() + interval '1 hour' WHERE lease IS NULL AND next_at > now() RETURNING 1`)).length === 1, 'the first try');
    await posted(mia.unsends(`files-${mia.id}`));
    host.put('/unwanted', { status: 200, body: PNG });
    await hurry();
    await desk.here.until(async () => (await pending()).length === 0, 'the end');
    expect((await desk.facts<Fetched>('channel.media_fetched')).filter((one) => one.messageId === message.inboundId)).toEqual([]);
    expect(host.askedFor('/unwanted')).toHaveLength(1);
  });

  it('META-2 settled 1 bytes that tickets says nobody needs leave the store', async () => {
    const { message } = await sent(host.put('/leaving', { status: 200, body: Buffer.concat([PNG, Buffer.from('leaving')]) }));
    const [file] = await fetchedOf(message.inboundId);
    expect(await isKept(file!)).toBe(true);
    await desk.here.say(fileEvents.forgotten, { key: message.conversationKey, data: { sha256: [file!.sha256!] } });
    await desk.here.heard();
    await desk.here.until(async () => !(await isKept(file!)), 'the bytes to leave');
    expect(await rows('SELECT FROM file_leaving')).toEqual([]);
  });

  it('PRO-6 an erasure takes along what waits: files, amendments, echoes', async () => {
    const mia = somebody();
    await posted(mia.sends('erased', host.put('/erased', { status: 500 })), mia.edits('unknown-mid', 'CANARY parked'), mia.hears('erased-echo', 'CANARY echo'));
    await rows(`UPDATE echo SET waiting = '{"text": "CANARY echo"}' WHERE conv_key = $1`, [mia.key]);
    const person = { profileIds: [newId()], ticketIds: [], sessionIds: [], threadIds: [], messageIds: [], identifiers: [{ type: 'igsid', value: mia.id }], files: [] };
    const by = { ...desk.here.by, scopes: ['internal' as const] };
    expect(await desk.here.ask(holder('channels').erase, { erasureId: newId(), person }, by)).toEqual({ done: true });
    const left = JSON.stringify(await rows(`SELECT to_jsonb(p) FROM parked_amendment p UNION ALL SELECT to_jsonb(e) FROM echo e UNION ALL SELECT to_jsonb(m) FROM inbound_media m`));
    expect(left).not.toMatch(new RegExp(`CANARY parked|CANARY echo|${mia.id}|/erased`));
    await hurry();
    await desk.here.until(async () => (await pending()).length === 0, 'nothing to fetch');
  });
});
