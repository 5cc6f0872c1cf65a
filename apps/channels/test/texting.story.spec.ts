import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { auditEvents } from '@parley/contracts/audit';
import { channels } from '@parley/contracts/channels';
import { texting } from '@parley/contracts/texting';
import { type SmsDesk, smsDesk } from './sms-desk.js';

describe('keywords and auto-responder of a channel', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk();
  });
  afterAll(() => desk?.close());

  const own = { stop: ['Basta'], start: [], help: [], join: [] };
  const none = { stop: [], start: [], help: [], join: [] };
  const keywordOf = async (text: string, from: string) => {
    await desk.post(desk.text(text, { From: from }));
    return (await desk.received()).find((one) => one.conversationKey.endsWith(from))?.keyword;
  };

  it('SMS-2 standard words are told, own ones by language are chosen, and they count at once', async () => {
    const { version, standard, languages } = await desk.here.ask(texting.keywords, { id: desk.channel.id });
    expect([standard.stop.includes('ARRET'), standard.join, languages]).toEqual([true, ['JOIN'], {}]);
    const now = await desk.here.ask(texting.setKeywords, {
      id: desk.channel.id, ifMatch: version, keywords: own, stopText: 'Bye', languages: { it: { keywords: { ...none, stop: ['Silenzio'] }, stopText: 'Ciao' } },
    });
    expect(now).toMatchObject({ version: version + 1, keywords: own, languages: { it: { stopText: 'Ciao' } } });
    expect([await keywordOf('basta!', '+15035550021'), await keywordOf('silenzio', '+15035550022'), await keywordOf('nothing of that', '+15035550023')]).toEqual(['stop', 'stop', null]);
    const sent = () => desk.twilio.sent.map(({ fields }) => [fields.To, fields.Body]);
    await desk.here.until(() => sent().length === 2, 'two confirmations');
    expect(sent()).toEqual(expect.arrayContaining([['+15035550021', 'Bye'], ['+15035550022', 'Ciao']]));
  });

  it('SMS-3 the auto-responder answers everybody unless told otherwise', async () => {
    const { audience, text, version, standardText, suggestedText } = await desk.here.ask(texting.autoResponder, { id: desk.channel.id });
    expect([audience, text]).toEqual(['all', null]);
    expect([standardText, suggestedText]).toEqual([expect.stringMatching(/not monitored.*\{\{account\.sender_email.*Reply STOP to cancel/), expect.stringMatching(/have not agreed.*\{\{account\.sender_email/)]);
    const wish = { audience: 'not_consented' as const, text: 'Hi {{profile.first_name|default:"there"}}, write to {{account.sender_email}}' };
    expect(await desk.here.ask(texting.setAutoResponder, { id: desk.channel.id, ifMatch: version, ...wish })).toMatchObject({ ...wish, version: version + 1 });
  });

  it('SMS-3 an unknown placeholder is refused when it is saved', async () => {
    const { version } = await desk.here.ask(texting.autoResponder, { id: desk.channel.id });
    await expect(desk.here.ask(texting.setAutoResponder, { id: desk.channel.id, ifMatch: version, text: 'Hi {{profile.shoe_size}}' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('SMS-2 SMS-3 other settings of the channel leave them as they are, and a stale version is refused', async () => {
    const { version } = await desk.here.ask(channels.get, { id: desk.channel.id });
    const now = await desk.here.ask(channels.update, { id: desk.channel.id, ifMatch: version, settings: { phoneNumber: '+15005550100', messagingServiceSid: 'MG1' } });
    expect(now.settings).toMatchObject({ messagingServiceSid: 'MG1', keywords: own, stopText: 'Bye', autoResponder: { audience: 'not_consented' } });
    await expect(desk.here.ask(texting.setKeywords, { id: desk.channel.id, ifMatch: version })).rejects.toMatchObject({ code: 'VERSION_STALE' });
  });

  it('ACC-6 each change is told to the audit log, with what differs', async () => {
    const entries = (await desk.here.facts(auditEvents.channels.type)).map(({ data }) => data as { action: string; before: object | null; after: object });
    expect(entries.filter(({ before }) => before).map(({ action, after }) => [action, Object.keys(after).sort()])).toEqual(Array(3).fill(['channel.updated', ['settings', 'version']]));
  });

  it('SMS-2 a channel that is not for texts has none', async () => {
    const mail = await desk.here.ask(channels.create, { type: 'email', name: 'Mail', settings: { address: 'help@shop.example' } });
    for (const ask of [texting.keywords, texting.autoResponder]) await expect(desk.here.ask(ask, { id: mail.id })).rejects.toMatchObject({ code: 'CHANNEL_WITHOUT_KEYWORDS' });
  });

  it('SMS-6 an alphanumeric sender is refused for a channel, by either provider', async () => {
    const number = { phoneNumber: 'ACMESHOP' };
    await expect(desk.here.ask(channels.create, { type: 'sms', name: 'A', settings: number, credentials: { accountSid: 'ACtest', authToken: 'not-a-token' } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    const key = Buffer.alloc(32).toString('base64');
    await expect(desk.here.ask(channels.create, { type: 'sms', provider: 'telnyx', name: 'B', settings: number, credentials: { apiKey: 'KEY-none', publicKey: key } })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});
