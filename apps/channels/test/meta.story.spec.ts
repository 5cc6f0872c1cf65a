import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelHealth } from '@parley/contracts/channel-health';
import { templates } from '@parley/contracts/templates';
import { graphRefusal } from './graph-stand-in.js';
import { type MetaDesk, metaDesk } from './meta-desk.js';

type Received = { inboundId: string; channel: string; text: string; keyword: string | null; conversationKey: string; details: { kind: string }[]; attachments: { fetch?: string }[]; inReplyTo: string | null };
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=', 'base64');
const person = { from: '16505551234', timestamp: '1795166100' };

describe('WhatsApp and Instagram by Meta', () => {
  let desk: MetaDesk;
  beforeAll(async () => {
    desk = await metaDesk();
  });
  afterAll(() => desk?.close());

  const received = () => desk.facts<Received>('channel.message_received');
  const count = (table: string) => desk.here.tx(async (tx) => (await tx.sql<{ n: number }>(`SELECT count(*)::int n FROM ${table}`))[0]!.n);

  it('META-1 the handshake is answered with the bare challenge, and only with our token', async () => {
    const ask = (token: string) => fetch(`${desk.here.url}${desk.path('whatsapp')}?hub.mode=subscribe&hub.verify_token=${token}&hub.challenge=1158201444`);
    const good = await ask('parley-verify-7f3a');
    expect([good.status, good.headers.get('content-type'), await good.text()]).toEqual([200, expect.stringContaining('text/plain'), '1158201444']);
    expect((await ask('somebody-elses')).status).toBe(403);
  });

  it('META-1 OPS-6 what is not signed is refused and stored nowhere', async () => {
    const before = await count('raw_inbound');
    expect((await desk.post('whatsapp', Buffer.from('{"object":"whatsapp_business_account","entry":[]}'), `sha256=${'0'.repeat(64)}`)).status).toBe(403);
    expect(await count('raw_inbound')).toBe(before);
  });

  it('META-1 META-3 a message that is delivered twice is one, and one of another number is none', async () => {
    expect((await desk.deliver('whatsapp', '01-text.json')).status).toBe(200);
    expect((await desk.deliver('whatsapp', '02-text-duplicate.json')).status).toBe(200);
    const theirs = { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value: { metadata: { phone_number_id: '1' }, messages: [{ ...person, id: 'theirs', type: 'text', text: { body: 'not for you' } }] } }] }] };
    expect((await desk.post('whatsapp', Buffer.from(JSON.stringify(theirs)))).status).toBe(200);
    expect(await received()).toMatchObject([{ channel: 'whatsapp', text: 'Does it come in another color?', conversationKey: `whatsapp:${desk.channels.whatsapp.id}:+16505551234` }]);
  });

  it('META-1 everything in a batch arrives, in its order', async () => {
    await desk.whatsapps({ messages: ['b', 'a', 'c'].map((id) => ({ ...person, id: `batch-${id}`, type: 'text', text: { body: `batch ${id}` } })) });
    expect((await received()).map(({ text }) => text).filter((text) => text.startsWith('batch'))).toEqual(['batch b', 'batch a', 'batch c']);
  });

  it('META-3 PRO-2 a configured button opts out; the title of another is no keyword', async () => {
    await desk.deliver('whatsapp', '12-template-quick-reply-button.json');
    await desk.whatsapps({ messages: [{ ...person, id: 'title', type: 'button', button: { payload: 'other', text: 'STOP' } }, { ...person, id: 'typed', type: 'text', text: { body: 'Stop.' } }] });
    expect((await received()).slice(-3)).toMatchObject([{ text: 'Stop promotions', keyword: 'stop' }, { text: 'STOP', keyword: null, details: [{ kind: 'choice' }] }, { text: 'Stop.', keyword: 'stop' }]);
  });

  it('META-4 a picture is fetched by its id with the token, and stored', async () => {
    desk.graph.media.set('1003383421387256', PNG);
    await desk.deliver('whatsapp', '04-image-caption.json');
    expect((await received()).at(-1)).toMatchObject({ text: 'Broken zip 😡', attachments: [{ fetch: 'pending' }] });
    const { attachment } = await desk.here.until(async () => (await desk.facts<{ attachment: object }>('channel.media_fetched'))[0], 'the picture');
    expect(attachment).toMatchObject({ contentType: 'image/png', sizeBytes: PNG.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(desk.graph.calls.filter(({ path }) => path.endsWith('1003383421387256')).map(({ token }) => token)).toEqual(['Bearer token-of-no-account', 'Bearer token-of-no-account']);
  });

  it('META-4 other bytes than were announced are not taken for the picture, and a dead token turns the channel red', async () => {
    const before = (await desk.facts('channel.media_fetched')).length;
    const asked = (path: string) => desk.here.until(() => desk.graph.calls.some((one) => one.path === path), `a call of ${path}`);
    desk.graph.media.set('777', PNG);
    desk.graph.announced = '0'.repeat(64);
    await desk.whatsapps({ messages: [{ ...person, id: 'other-bytes', type: 'image', image: { id: '777' } }] });
    await asked('/bytes/777');
    desk.graph.announced = null;
    desk.graph.dead = true;
    await desk.whatsapps({ messages: [{ ...person, id: 'no-token', type: 'image', image: { id: '778' } }] });
    const health = () => desk.here.ask(channelHealth.get, { id: desk.channels.whatsapp.id });
    await desk.here.until(async () => (await health()).state === 'red', 'a red channel');
    desk.graph.dead = false;
    expect(await desk.facts('channel.media_fetched')).toHaveLength(before);
    await desk.reply('whatsapp', 'Let in again');
    await desk.here.until(async () => (await health()).state === 'green', 'a green channel');
  });

  it('META-3 TKT-8 statuses in any order move an answer forwards, and the price is kept as it was told', async () => {
    const { id } = await desk.reply('whatsapp', 'On its way');
    const wamid = await desk.taken(id);
    const pricing = { billable: true, pricing_model: 'PMP', category: 'service' };
    await desk.whatsapps({ statuses: [{ id: wamid, status: 'read', timestamp: '1795166200' }, { id: wamid, status: 'sent', timestamp: '1795166100', pricing }] });
    expect(await desk.reaches(id, 'read')).toMatchObject({ failure: null, class: null });
    expect(await desk.here.tx((tx) => tx.sql('SELECT state, pricing, by_person FROM delivery WHERE id = $1', [id]))).toEqual([{ state: 'read', pricing, by_person: true }]);
  });

  it('META-3 TKT-8 a status brings our id back: a lost answer is known to have been sent, and not sent again', async () => {
    desk.graph.answers.push('hang up');
    const { id } = await desk.reply('whatsapp', 'Lost on the way back');
    await desk.here.until(() => desk.graph.sent.some((one) => one.biz_opaque_callback_data === id), 'the call');
    const [{ attempt }] = await desk.here.until(async () => {
      const rows = await desk.here.tx((tx) => tx.sql<{ attempt: number }>('SELECT attempt FROM outbox WHERE id = $1 AND lease_token IS NULL', [id]));
      return rows.length ? (rows as [{ attempt: number }]) : undefined;
    }, 'an unknown outcome');
    await desk.here.db.query('UPDATE outbox SET next_at = now() WHERE id = $1', [id]);
    await desk.here.until(async () => (await desk.here.tx((tx) => tx.sql('SELECT 1 FROM outbox WHERE id = $1 AND lease_token IS NULL AND attempt > $2', [id, attempt]))).length, 'another look');
    await desk.whatsapps({ statuses: [{ id: 'wamid.lost', status: 'delivered', timestamp: '1795166200', biz_opaque_callback_data: id }] });
    expect(await desk.reaches(id, 'delivered')).toMatchObject({ providerMessageId: 'wamid.lost' });
    await desk.here.until(async () => (await count('outbox')) === 0, 'nothing left to send');
    expect(desk.graph.sent.filter((one) => one.biz_opaque_callback_data === id)).toHaveLength(1);
  });

  it('META-3 TKT-11 a closed window is told as one, by the answer and by a status', async () => {
    desk.graph.answers.push(graphRefusal(131047, 'Re-engagement message'));
    const refused = await desk.reply('whatsapp', 'Too late');
    expect(await desk.reaches(refused.id, 'failed')).toMatchObject({ class: 'window', failure: { code: '131047', reason: 'Re-engagement message' } });
    const later = await desk.reply('whatsapp', 'Too late as well');
    await desk.whatsapps({ statuses: [{ id: await desk.taken(later.id), status: 'failed', timestamp: '1795166200', biz_opaque_callback_data: later.id, errors: [{ code: 131047, title: 'Re-engagement message' }] }] });
    expect(await desk.reaches(later.id, 'failed')).toMatchObject({ class: 'window' });
  });

  it('META-3 a template leaves in place of the words', async () => {
    await desk.reply('whatsapp', 'Hello Kim', { template: { name: 'hello', language: 'en_US', variables: ['Kim'] } });
    await desk.here.until(() => desk.graph.sent.some((one) => one.type === 'template'), 'the template');
    expect(desk.graph.sent.find((one) => one.type === 'template')).toMatchObject({ template: { name: 'hello', language: { code: 'en_US' } } });
  });

  it('META-3 templates are listed with what may be filled and why not, asked for once in ten minutes, and told to tickets when they change', async () => {
    const body = (text: string) => ({ type: 'BODY', text });
    desk.graph.templates = [
      { name: 'order_shipped', language: 'en_US', status: 'APPROVED', category: 'UTILITY', components: [body('Hello {{1}}, order {{2}} is on its way. Yes, {{2}}.'), { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Thanks' }] }] },
      { name: 'sale', language: 'en_US', status: 'REJECTED', category: 'MARKETING', components: [body('Buy!')] },
      { name: 'named', language: 'en_US', status: 'APPROVED', components: [body('Hello {{first_name}}')] },
      { name: 'picture', language: 'en_US', status: 'APPROVED', components: [{ type: 'HEADER', format: 'IMAGE' }, body('Look')] },
      { name: 'link', language: 'en_US', status: 'APPROVED', components: [body('Follow it'), { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Track', url: 'https://shop.example/{{1}}' }] }] },
    ];
    const list = () => desk.here.ask(templates.list, { id: desk.channels.whatsapp.id });
    const { items } = await list();
    expect(items.map(({ name, variables, problem }) => [name, variables, problem])).toEqual([
      ['order_shipped', ['1', '2'], null], ['sale', [], 'Meta has not approved it'], ['named', ['first_name'], 'Its places are not numbered'],
      ['picture', [], 'Its header is a file or a place'], ['link', [], 'Its header or a button has places of its own'],
    ]);
    await list();
    expect(desk.graph.calls.filter(({ path }) => path.endsWith('/message_templates'))).toHaveLength(1);
    await desk.here.advance(601);
    desk.graph.answers.push(graphRefusal(190, 'Session has expired'));
    expect((await list()).items).toEqual(items);
    desk.graph.templates.pop();
    expect((await list()).items).toHaveLength(4);
    expect(await desk.facts('channel.templates_listed')).toMatchObject([{ templates: items }, { templates: items.slice(0, 4) }]);
    await expect(desk.here.ask(templates.list, { id: desk.channels.instagram.id })).rejects.toMatchObject({ code: 'CHANNEL_WITHOUT_TEMPLATES' });
    await desk.reply('whatsapp', 'Green again');
    await desk.here.until(async () => (await desk.here.ask(channelHealth.get, { id: desk.channels.whatsapp.id })).state === 'green', 'a green channel');
  });

  it('META-1 an expired token turns the channel red with Meta’s words, and a new one green', async () => {
    const health = () => desk.here.ask(channelHealth.get, { id: desk.channels.instagram.id });
    desk.graph.answers.push(graphRefusal(190, 'Error validating access token: Session has expired'));
    const { id } = await desk.reply('instagram', 'Not let in');
    expect(await desk.reaches(id, 'failed')).toMatchObject({ class: 'auth', failure: { code: '190' } });
    expect((await health())).toMatchObject({ state: 'red', reasons: [{ code: 'auth', text: '190: Error validating access token: Session has expired' }] });
    await desk.reply('instagram', 'Let in again');
    await desk.here.until(async () => (await health()).state === 'green', 'a green channel');
  });

  it('META-2 the echo of our own message is no second one; one from the app stands beside it', async () => {
    const { id } = await desk.reply('instagram', 'Yes, 100 % wool!');
    const { providerMessageId: mid } = await desk.reaches(id, 'sent');
    const echo = (message: object) => ({ sender: { id: '17841400008460056' }, recipient: { id: '1784145300012345' }, timestamp: 1795166101000, message: { is_echo: true, ...message } });
    await desk.instagrams(echo({ mid, text: 'Yes, 100 % wool!' }), echo({ mid: 'from-the-app', text: 'I am the owner' }));
    expect(await desk.facts('channel.message_echoed')).toMatchObject([{ text: 'I am the owner', to: [{ type: 'igsid', value: '1784145300012345' }] }]);
    await desk.instagrams({ sender: { id: '1784145300012345' }, recipient: { id: '17841400008460056' }, timestamp: 1795166102000, read: { mid } });
    expect(await desk.reaches(id, 'read')).toMatchObject({ providerMessageId: mid });
  });

  it('META-2 a direct message, and what becomes of it when it is taken back', async () => {
    await desk.deliver('instagram', '01-dm-text.json');
    const [message] = (await received()).filter(({ channel }) => channel === 'instagram');
    expect(message).toMatchObject({ text: 'Är den här tröjan 100 % ull? 🧶' });
    await desk.deliver('instagram', '08-unsend.json');
    expect(await desk.facts('channel.message_amended')).toMatchObject([{ messageId: message!.inboundId, by: 'customer', change: { kind: 'deleted' } }]);
    expect(JSON.stringify(await desk.here.tx((tx) => tx.sql(`SELECT convert_from(body, 'UTF8') body FROM raw_inbound`)))).not.toContain('tröjan');
  });

  it('META-2 PRO-1 who writes by Instagram for the first time is asked about once, and their name told behind the message', async () => {
    desk.graph.names.set('178', { name: '', username: 'ida.ito' });
    const said = (mid: string) => ({ sender: { id: '178' }, recipient: { id: '17841400008460056' }, timestamp: 1795166100000, message: { mid, text: mid } });
    await desk.instagrams(said('hello'));
    await desk.instagrams(said('again'));
    const told = await desk.here.until(async () => (await desk.facts<object>('channel.customer_introduced'))[0], 'a name');
    expect(told).toMatchObject({ identifier: { type: 'igsid', value: '178' }, name: 'ida.ito' });
    expect(desk.graph.calls.filter(({ path }) => path.endsWith('/178'))).toHaveLength(1);
  });

  it('META-2 settled 17 stories come by reference, and nobody fetches them', async () => {
    const before = await count('inbound_media');
    await desk.deliver('instagram', '02-story-reply.json');
    await desk.deliver('instagram', '03-story-mention.json');
    await desk.deliver('instagram', '13-dashboard-test-changes.json');
    expect((await received()).slice(-2)).toMatchObject([{ details: [{ kind: 'story', act: 'reply', storyId: '17858893269000001' }] }, { details: [{ kind: 'story', act: 'mention' }] }]);
    expect(await count('inbound_media')).toBe(before);
  });
});
