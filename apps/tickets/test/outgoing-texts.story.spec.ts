import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { macros } from '@parley/contracts/macros';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { settings } from '@parley/contracts/settings';
import { shortLink } from '@parley/contracts/sms';
import { auditEvents } from '@parley/contracts/audit';
import { Desk } from './desk.js';

describe('answers by SMS', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const answerable = async (channel: 'sms' | 'email' = 'sms') => {
    const ticket = await desk.ticket(channel);
    await desk.consent(ticket.profile.id, 'sms_transactional', 'granted');
    return ticket;
  };
  const preview = (id: string, more: { text?: string; macroId?: string }) => desk.rig.ask(messages.preview, { id, ...more });
  const route = async () => ((await desk.last('message.sent')).data as { route: { shortLinks: { expireAt: string } | null } }).route;
  const SHORT = shortLink(process.env['PARLEY_PUBLIC_URL'] ?? 'http://127.0.0.1:3000', 'x'.repeat(10)).length;

  it('SMS-6 a preview tells encoding, segments, and the cheaper spelling', async () => {
    const { id } = await answerable();
    expect(await preview(id, { text: 'a'.repeat(161) })).toMatchObject({ length: { encoding: 'GSM-7', units: 161, segments: 2, unitsLeft: 145 }, plain: null, canReply: { allowed: true } });
    const { length, plain } = await preview(id, { text: `It’s ${'x'.repeat(90)}` });
    expect([length!.encoding, length!.segments, plain!.text.slice(0, 5), plain!.length.segments]).toEqual(['UCS-2', 2, "It's ", 1]);
  });

  it('SMS-6 TKT-13 a macro is counted as it will be filled, and is not used by that', async () => {
    const { id } = await answerable();
    const macro = await desk.rig.ask(macros.create, { name: 'Hello', text: 'Hi {{profile.first_name}}, all is well' });
    expect(await preview(id, { macroId: macro.id })).toMatchObject({ text: 'Hi Mia, all is well', length: { units: 19, segments: 1 } });
    expect(await desk.rig.ask(macros.get, { id: macro.id })).toMatchObject({ uses: 0 });
  });

  it('SMS-6 other channels have no segments', async () => {
    const { id } = await answerable('email');
    expect(await preview(id, { text: 'Hello' })).toMatchObject({ length: null, plain: null });
  });

  it('SMS-6 whoever answers is told the length, and a repeated command tells the same', async () => {
    const { id } = await answerable();
    const by = desk.rig.actor({ command: '0199a5b0-0000-7000-8000-00000000c0de' });
    const [first, again] = [await desk.reply(id, 'On its way', {}, by), await desk.reply(id, 'On its way', {}, by)];
    expect(first).toMatchObject({ length: { encoding: 'GSM-7', units: 10, segments: 1, unitsLeft: 150 } });
    expect(again).toEqual(first);
  });

  it('SMS-4 links are to be shortened unless the account does not want it, and counted as they leave', async () => {
    const { id } = await answerable();
    const long = `https://shop.example/${'x'.repeat(200)}`;
    expect(await desk.reply(id, long)).toMatchObject({ text: long, length: { segments: 1, units: SHORT } });
    const days = (Date.parse((await route()).shortLinks!.expireAt) - (await desk.now()).getTime()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    await desk.set('sms', { linkDays: 7 });
    await desk.reply(id, long);
    expect(Math.round((Date.parse((await route()).shortLinks!.expireAt) - (await desk.now()).getTime()) / 86_400_000)).toBe(7);
    await desk.reply(id, 'no link at all');
    expect((await route()).shortLinks).toBeNull();
    await desk.set('sms', { shortenLinks: false });
    expect(await desk.reply(id, long)).toMatchObject({ length: { segments: 2 } });
    expect((await route()).shortLinks).toBeNull();
    expect((await desk.rig.facts(auditEvents.tickets.type)).map(({ data }) => data).at(-1)).toMatchObject({ action: 'settings.updated', resource: 'settings/sms', after: { shortenLinks: false } });
    await desk.set('sms', { shortenLinks: true });
    expect(await desk.rig.ask(settings.get, { area: 'sms' })).toMatchObject({ values: { shortenLinks: true, linkDays: 7 } });
  });

  it('SMS-7 the agent is warned at night with the local time, may answer all the same, and can put it off until the morning', async () => {
    const { id, profile } = await answerable();
    const at = await desk.now();
    const zones = Intl.supportedValuesOf('timeZone');
    const hourIn = (timeZone: string) => Number(new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(at));
    const [night, day] = [zones.find((zone) => hourIn(zone) === 2)!, zones.find((zone) => hourIn(zone) === 12)!];
    const live = async (timezone: string) => {
      const { version } = await desk.rig.ask(profiles.get, { id: profile.id });
      await desk.rig.ask(profiles.update, { id: profile.id, ifMatch: version, timezone });
    };
    await live(day);
    expect((await desk.look(id)).canReply.warnings).toBeUndefined();
    await live(night);
    const [warning] = (await desk.look(id)).canReply.warnings!;
    expect(warning).toMatchObject({ kind: 'quiet_hours', timezone: night, localTime: expect.stringMatching(/T02:/) });
    expect((await preview(id, { text: 'Hi' })).canReply.warnings).toEqual([warning]);
    const { warnings } = (await desk.reply(id, 'Sorry for the hour')) as { warnings?: unknown[] };
    expect(warnings).toHaveLength(1);
    expect(await desk.reply(id, 'Good morning', { sendAt: warning!.sendAt })).toMatchObject({ sendAt: warning!.sendAt, timerId: expect.any(String) });
    expect(new Intl.DateTimeFormat('en', { timeZone: night, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(warning!.sendAt))).toBe('08:00');
  });
});
