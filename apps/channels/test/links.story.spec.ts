import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { links } from '@parley/contracts/links';
import { RetentionService } from '../src/inbound/retention.service.js';
import { type SmsDesk, smsDesk } from './sms-desk.js';

const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

describe('links of texts', () => {
  let desk: SmsDesk;
  beforeAll(async () => {
    desk = await smsDesk();
  });
  afterAll(() => desk?.close());

  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const sent = (to: string) => desk.here.until(() => desk.twilio.sent.filter(({ fields }) => fields.To === to).map(({ fields }) => fields.Body!)[0], `a text to ${to}`);
  const codesIn = (text: string) => [...text.matchAll(/https:\/\/parley\.example\.com\/l\/([0-9A-Za-z]{10})/g)].map(([, code]) => code!);
  const open = (code: string, more: object = {}) => desk.here.ask(links.open, { code, method: 'GET', userAgent: PHONE, purpose: null, ...more });
  const clicks = async (messageId: string) => (await desk.here.facts('channel.link_clicked')).map(({ data }) => data as { messageId: string; url: string }).filter((one) => one.messageId === messageId);

  it('SMS-4 each link of a text is replaced, one code per link, and the words around it stay', async () => {
    await desk.reply('See https://shop.example/a?x=1&y=ä, (http://shop.example/b_(c)) and https://shop.example/a?x=1&y=ä!', { to: '+15035552001', shortLinks: { expireAt: inDays(90) } });
    const text = await sent('+15035552001');
    const [first, second, third] = codesIn(text);
    expect(text).toBe(`See https://parley.example.com/l/${first}, (https://parley.example.com/l/${second}) and https://parley.example.com/l/${third}!`);
    expect([first === third, first === second]).toEqual([true, false]);
    expect([await open(first!), await open(second!)]).toEqual([{ url: 'https://shop.example/a?x=1&y=%C3%A4' }, { url: 'http://shop.example/b_(c)' }]);
  });

  it('SMS-4 the same address in another message has another code', async () => {
    for (const to of ['+15035552002', '+15035552003']) await desk.reply('https://shop.example', { to, shortLinks: { expireAt: inDays(90) } });
    expect(codesIn(await sent('+15035552002'))).not.toEqual(codesIn(await sent('+15035552003')));
  });

  it('SMS-4 a repeat after trouble sends the same words', async () => {
    desk.twilio.answers.push({ status: 503, body: {} });
    const { id } = await desk.reply('Track it: https://shop.example/track', { to: '+15035552004', shortLinks: { expireAt: inDays(90) } });
    await desk.postponed(id);
    await desk.hurry();
    const texts = await desk.here.until(() => {
      const all = desk.twilio.sent.filter(({ fields }) => fields.To === '+15035552004').map(({ fields }) => fields.Body);
      return all.length === 2 && all;
    }, 'the second try');
    expect(texts[0]).toBe(texts[1]);
    expect(codesIn(texts[0]!)).toHaveLength(1);
  });

  it('SMS-4 links stay where that was chosen, and our own are not shortened again', async () => {
    await desk.reply('https://shop.example/long', { to: '+15035552005' });
    await desk.reply('https://parley.example.com/l/abc ftp://shop.example/x shop.example', { to: '+15035552006', shortLinks: { expireAt: inDays(90) } });
    expect([await sent('+15035552005'), await sent('+15035552006')]).toEqual(['https://shop.example/long', 'https://parley.example.com/l/abc ftp://shop.example/x shop.example']);
  });

  it('SMS-4 each visit of a person is told with its time, looks ahead and programs are not', async () => {
    const { id, profileId, ticketId } = await desk.reply('https://shop.example/visit', { to: '+15035552007', shortLinks: { expireAt: inDays(90) } });
    const [code] = codesIn(await sent('+15035552007'));
    for (const more of [{ method: 'HEAD' }, { userAgent: 'WhatsApp/2.24' }, { userAgent: null }, { purpose: 'prefetch' }]) expect(await open(code!, more)).toEqual({ url: 'https://shop.example/visit' });
    expect(await clicks(id)).toEqual([]);
    await open(code!);
    await open(code!);
    expect(await clicks(id)).toEqual(Array(2).fill(expect.objectContaining({ url: 'https://shop.example/visit', profileId, ticketId, channelId: desk.channel.id, clickedAt: expect.any(String) })));
  });

  it('SMS-4 somebody who hammers at a link fills no timeline', async () => {
    const { id } = await desk.reply('https://shop.example/often', { to: '+15035552008', shortLinks: { expireAt: inDays(90) } });
    const [code] = codesIn(await sent('+15035552008'));
    for (let n = 0; n < 12; n++) await Promise.all(Array.from({ length: 10 }, () => open(code!)));
    expect(await clicks(id)).toHaveLength(100);
  });

  it('SMS-4 an unknown code and an expired one lead nowhere', async () => {
    await desk.reply('https://shop.example/soon', { to: '+15035552009', shortLinks: { expireAt: inDays(1) } });
    const [code] = codesIn(await sent('+15035552009'));
    for (const wrong of ['0000000000', 'https://evil.example', '', `${code}x`]) await expect(open(wrong)).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
    await desk.here.advance(86_400);
    await expect(open(code!)).rejects.toMatchObject({ code: 'LINK_EXPIRED' });
    await desk.here.advance(31 * 86_400);
    await desk.here.app.get(RetentionService, { strict: false }).forget();
    await expect(open(code!)).rejects.toMatchObject({ code: 'LINK_NOT_FOUND' });
    await desk.here.advance(-32 * 86_400);
  });
});
