import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessEvents, type Account } from '@parley/contracts/access';
import { channels, type Channel } from '@parley/contracts/channels';
import { chatSetup } from '@parley/contracts/chat-setup';
import type { Ask } from '@parley/contracts/contract';
import { webchat } from '@parley/contracts/webchat';
import { newId } from '@parley/service/ids';
import { rig } from '@parley/service/testing/rig';
import { channelsApp } from '../src/channels.app.js';
import { type WebchatDesk, webchatDesk } from './webchat-desk.js';

// What a web chat says before anybody writes, and by itself.
let desk: WebchatDesk;
beforeAll(async () => {
  desk = await webchatDesk();
  await brand({ timezone: 'Europe/Berlin', locale: 'de' });
});
afterAll(() => desk.here.close());

const brand = async (more: Partial<Account>) => {
  const account: Account = {
    id: desk.here.account, name: 'Shop', mode: 'test', timezone: 'UTC', locale: 'en', organisationPrefix: null, senderEmail: null, logoUrl: null, brandColor: null,
    accentColor: null, privacyUrl: 'https://shop.example/privacy', termsUrl: 'https://shop.example/terms', createdAt: '2026-11-20T09:00:00.000Z', version: 1, ...more,
  };
  await desk.here.say(accessEvents.accountUpdated, { key: account.id, data: account });
  await desk.here.heard();
};
const config = (channel: Channel, more: Partial<Ask<typeof webchat.config>> = {}) => desk.here.ask(webchat.config, { widgetKey: channel.widgetKey!, ...more });
const signed = (channel: Channel, claims = {}, more = {}) => desk.token({ sub: newId(), ...claims }, { audience: `parley-widget:${channel.widgetKey}`, ...more });
const returns = { published: true, texts: { en: { question: 'How do I return it?', answer: 'By post.' }, de: { question: 'Wie sende ich es zurück?', answer: 'Mit der Post.' } } };
const sizes = { published: true, texts: { en: { question: 'Which size?', answer: 'Measure first.' } } };
const draft = { published: false, texts: { en: { question: 'Not yet', answer: 'Not yet' } } };

describe('the widget', () => {
  it('CHAT-1 `all`: everybody sees it, and it tells whether the visitor is signed in', async () => {
    expect(await config(desk.channel)).toMatchObject({ visible: true, visibility: 'all', signedIn: false });
    expect(await config(desk.channel, { identity: await signed(desk.channel) })).toMatchObject({ visible: true, signedIn: true });
    await expect(desk.start('nobody’s word')).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
  });

  it('CHAT-1 `signed_in`: others are told nothing to show', async () => {
    const channel = await desk.connect({ visibility: 'signed_in', welcome: 'Only for friends' });
    expect(await config(channel)).toEqual({ visible: false, enabled: true, visibility: 'signed_in' });
    expect(await config(channel, { identity: await signed(channel) })).toMatchObject({ visible: true, signedIn: true, welcome: 'Only for friends' });
    await expect(config(channel, { identity: await signed(desk.channel) })).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_INVALID' });
    await expect(config(channel, { identity: await signed(channel, {}, { lives: '-2m' }) })).rejects.toMatchObject({ code: 'IDENTITY_TOKEN_EXPIRED' });
  });

  it('CHAT-1 switched off, it is not there, and takes nothing from whoever was in it', async () => {
    const channel = await desk.connect();
    const { sessionId, sessionToken } = await desk.start(await signed(channel), { widgetKey: channel.widgetKey! });
    const visitor = Object.assign(await desk.visitor(), { sessionId, token: sessionToken });
    await desk.here.ask(channels.update, { id: channel.id, ifMatch: channel.version, enabled: false });
    await expect(config(channel)).rejects.toMatchObject({ code: 'WIDGET_NOT_FOUND' });
    await expect(visitor.write('anybody there?')).rejects.toMatchObject({ code: 'CHAT_CLOSED' });
  });

  it('CHAT-4 CHAT-5 the welcome message is in the visitor’s language, privacy and terms stand beside it, and no ticket comes of it', async () => {
    const channel = await desk.connect({ welcome: { en: 'Welcome!', de: 'Willkommen!', 'pt-BR': 'Bem-vindo!' } });
    const said = async (locale?: string) => (await config(channel, { locale }) as { welcome: string }).welcome;
    expect([await said('en-GB'), await said('pt'), await said('fr'), await said()]).toEqual(['Welcome!', 'Bem-vindo!', 'Willkommen!', 'Willkommen!']);
    expect(await config(channel)).toMatchObject({ privacyUrl: 'https://shop.example/privacy', termsUrl: 'https://shop.example/terms' });
    expect((await desk.received()).filter(({ channelId }) => channelId === channel.id)).toEqual([]);
  });
});

describe('questions with answers', () => {
  const fill = async (items: Ask<typeof chatSetup.setFaqs>['items'], channel = desk.channel) => {
    const { version } = await desk.here.ask(chatSetup.faqs, { id: channel.id });
    return desk.here.ask(chatSetup.setFaqs, { id: channel.id, ifMatch: version, items });
  };
  const faqs = async (locale?: string, channel = desk.channel) => ((await config(channel, { locale })) as { faqs: { id: string; question: string; answer: string }[] }).faqs;

  it('CHAT-3 are written, ordered, published and taken away; who had an id keeps it', async () => {
    const channel = await desk.connect();
    expect(await desk.here.ask(chatSetup.faqs, { id: channel.id })).toEqual({ channelId: channel.id, items: [], version: 1 });
    const first = await fill([returns, draft, sizes], channel);
    expect(first.version).toBe(2);
    expect((await faqs('en', channel)).map(({ question }) => question)).toEqual(['How do I return it?', 'Which size?']);
    const [one, two, three] = first.items;
    const second = await fill([{ ...three!, published: true }, { ...two!, published: true }], channel);
    expect(second.items.map(({ id }) => id)).toEqual([three!.id, two!.id]);
    expect((await faqs('en', channel)).map(({ id }) => id)).toEqual([three!.id, two!.id]);
    await expect(fill([one!], channel)).rejects.toMatchObject({ code: 'FAQ_NOT_FOUND' });
    await expect(fill([two!, two!], channel)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(desk.here.ask(chatSetup.setFaqs, { id: channel.id, ifMatch: 2, items: [] })).rejects.toMatchObject({ code: 'VERSION_STALE', more: { current: { version: 3 } } });
  });

  it('CHAT-3 each in the language of the visitor, as far as there is one', async () => {
    await fill([returns, sizes]);
    expect((await faqs('de-AT')).map(({ answer }) => answer)).toEqual(['Mit der Post.', 'Measure first.']);
    expect((await faqs('fr')).map(({ answer }) => answer)).toEqual(['Mit der Post.', 'Measure first.']);
    expect((await faqs('en')).map(({ answer }) => answer)).toEqual(['By post.', 'Measure first.']);
  });

  it('CHAT-3 reading one opens nothing; the message that follows shows staff what was read, once', async () => {
    const { items } = await fill([returns, sizes, draft]);
    const [back, size, hidden] = items.map(({ id }) => id) as [string, string, string];
    const { sessionId, sessionToken } = await desk.start(await desk.token({ sub: newId() }), { faqsRead: [back, hidden, newId()], locale: 'en' });
    const visitor = Object.assign(await desk.visitor(), { sessionId, token: sessionToken });
    const read = (faqId: string) => desk.here.ask(webchat.readFaq, { faqId }, visitor.by);
    for (const id of [size, size, back]) await read(id);
    await expect(read(hidden)).rejects.toMatchObject({ code: 'FAQ_NOT_FOUND' });
    expect((await desk.received()).filter((one) => one.sessionId === sessionId)).toEqual([]);
    await visitor.write('and mine?');
    await visitor.write('hello?');
    const [first, second] = (await desk.received()).filter((one) => one.sessionId === sessionId);
    expect(first!.details).toEqual([{ kind: 'faq', id: back, question: 'How do I return it?' }, { kind: 'faq', id: size, question: 'Which size?' }]);
    expect([second!.details, first!.locale]).toEqual([[], 'en']);
    await visitor.end();
    await expect(read(back)).rejects.toMatchObject({ code: 'CHAT_CLOSED' });
  });

  it('ACC-1 ACC-6 belong to the account and to web chats alone, and changes are told to the audit log', async () => {
    const stranger = desk.here.actor({ account: newId() });
    const mail = await desk.here.ask(channels.create, { type: 'email', name: 'Mail', settings: { address: 'faq@shop.example' } });
    for (const asked of [
      desk.here.ask(chatSetup.faqs, { id: desk.channel.id }, stranger), desk.here.ask(chatSetup.setFaqs, { id: desk.channel.id, ifMatch: 1, items: [] }, stranger),
      desk.here.ask(chatSetup.officeHours, { id: desk.channel.id }, stranger), desk.here.ask(chatSetup.setOfficeHours, { id: desk.channel.id, ifMatch: 1 }, stranger),
      desk.here.ask(chatSetup.faqs, { id: mail.id }), desk.here.ask(chatSetup.officeHours, { id: mail.id }),
    ]) await expect(asked).rejects.toMatchObject({ code: 'CHANNEL_NOT_FOUND' });
    const { items: [one] } = await fill([sizes]);
    await fill([{ ...one!, published: false }]);
    const told = (await desk.here.facts('channels.audit_recorded')).map(({ data }) => data).findLast(({ action }) => action === 'channel.faqs_updated');
    expect(told).toMatchObject({ resource: `channel/${desk.channel.id}`, before: { [one!.id]: { published: true } }, after: { [one!.id]: { published: false, texts: sizes.texts } } });
    expect(Object.keys(told!.after!)).toEqual([one!.id]);
    const long = { published: true, texts: Object.fromEntries(['en', 'de', 'fr'].map((tag) => [tag, { question: 'Long?', answer: 'ß'.repeat(5000) }])) };
    await expect(fill(Array.from({ length: 10 }, () => long))).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('office hours', () => {
  const NEVER = { weekly: {}, holidays: [] };
  const ALWAYS = { weekly: Object.fromEntries(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].map((day) => [day, [{ from: '00:00', to: '24:00' }]])), holidays: [] };
  const TEXTS = { during: { en: 'We answer in minutes.', de: 'Wir antworten in Minuten.' }, outside: { en: 'We are asleep.' } };
  const setHours = (channel: Channel, wish: Partial<Ask<typeof chatSetup.setOfficeHours>>, ifMatch = 1) => desk.here.ask(chatSetup.setOfficeHours, { id: channel.id, ifMatch, ...wish });
  /** Somebody new writes twice in this channel; what the chat is then told. */
  const told = async (channel: Channel, locale?: string) => {
    const { sessionId, sessionToken } = await desk.start(await signed(channel), { widgetKey: channel.widgetKey!, locale });
    const visitor = Object.assign(await desk.visitor(), { sessionId, token: sessionToken });
    const ticketId = newId();
    await desk.file((await visitor.write('hello?')).id, ticketId, 1);
    await desk.file((await visitor.write('anybody?')).id, ticketId, 2);
    return (await desk.here.facts('chat.text_due')).filter(({ data }) => data.ticketId === ticketId);
  };

  it('CHAT-9 a new request is told once what holds, in its language, by nobody in person', async () => {
    const [day, night] = [await desk.connect(), await desk.connect()];
    await setHours(day, { hours: ALWAYS as never, ...TEXTS });
    await setHours(night, { hours: NEVER, ...TEXTS });
    const [open, ...more] = await told(day, 'en');
    expect([open, more]).toMatchObject([{ actor: { type: 'automation', id: null }, data: { channelId: day.id, when: 'during', text: 'We answer in minutes.' } }, []]);
    expect((await told(day)).map(({ data }) => data.text)).toEqual(['Wir antworten in Minuten.']);
    expect((await told(night, 'de')).map(({ data }) => [data.when, data.text])).toEqual([['outside', 'We are asleep.']]);
  });

  it('CHAT-9 without hours, or without a text for the occasion, nothing is said; one can write all the same', async () => {
    const [none, silent] = [await desk.connect(), await desk.connect()];
    await setHours(none, { ...TEXTS });
    await setHours(silent, { hours: NEVER, during: TEXTS.during });
    expect([await told(none), await told(silent)]).toEqual([[], []]);
    expect((await desk.received()).filter(({ channelId }) => [none.id, silent.id].includes(channelId))).toHaveLength(4);
  });

  it('CHAT-9 the widget knows whether it is open and when next, by the clocks of the account', async () => {
    const channel = await desk.connect();
    expect(await config(channel)).toMatchObject({ officeHours: null });
    await setHours(channel, { hours: NEVER, ...TEXTS });
    expect(await config(channel)).toMatchObject({ officeHours: { open: false, nextOpening: null } });
    const later = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'long' }).format(Date.now() + 3 * 86_400_000);
    const set = await setHours(channel, { hours: { weekly: { [later.toLowerCase()]: [{ from: '09:00', to: '12:00' }, { from: '13:00', to: '17:30' }] }, holidays: [] } }, 2);
    expect(set).toMatchObject({ timezone: 'Europe/Berlin', during: null, version: 3, open: false, nextOpening: expect.any(String) });
    const answer = await config(channel) as { officeHours: { open: boolean; nextOpening: string } };
    expect(answer.officeHours).toEqual({ open: false, nextOpening: set.nextOpening });
    const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'long', hour: '2-digit', minute: '2-digit' });
    expect(clock.format(new Date(set.nextOpening!)).replace('at ', '')).toBe(`${later} 09:00`);
  });

  it('CHAT-9 two replicas say it once', async () => {
    const channel = await desk.connect();
    await setHours(channel, { hours: NEVER, ...TEXTS });
    const second = await rig(channelsApp, { replicaOf: desk.here });
    const before = (await desk.here.facts('chat.text_due')).length;
    for (let n = 0; n < 5; n++) expect(await told(channel)).toHaveLength(1);
    await second.heard();
    await second.close();
    expect((await desk.here.facts('chat.text_due')).length).toBe(before + 5);
  });

  it('CHAT-9 hours that overlap or end before they begin are refused', async () => {
    const channel = await desk.connect();
    for (const monday of [[{ from: '09:00', to: '12:00' }, { from: '11:00', to: '13:00' }], [{ from: '12:00', to: '09:00' }]]) {
      await expect(setHours(channel, { hours: { weekly: { monday }, holidays: [] } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    }
  });
});

