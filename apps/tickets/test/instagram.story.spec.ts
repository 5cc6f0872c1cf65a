import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { Desk } from './desk.js';

describe('an Instagram conversation', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  it('TKT-2 messages join the ticket that is not closed', async () => {
    const { id, customer } = await desk.ticket('instagram');
    expect((await desk.customerWrites(customer, 'Hello?')).ticketId).toBe(id);
    expect((await desk.look(id)).lastSeq).toBe(2);
  });

  it('TKT-2 a message after the ticket was closed opens a new one', async () => {
    const { id, customer } = await desk.ticket('instagram');
    await desk.close(id);
    const { ticketId } = await desk.customerWrites(customer, 'Me again');
    expect(ticketId).not.toBe(id);
    expect(await desk.look(ticketId)).toMatchObject({ status: 'open', lastSeq: 1 });
    expect(await desk.look(id)).toMatchObject({ status: 'closed', lastSeq: 1 });
  });

  it('TKT-5 nobody reopens a closed one', async () => {
    const { id } = await desk.ticket('instagram');
    await desk.close(id);
    await expect(desk.reopen(id)).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED', more: { reason: 'never_reopens' } });
    expect((await desk.look(id)).status).toBe('closed');
  });

  it('TKT-11 can be answered for 24 hours after the customer’s last message', async () => {
    const { id, customer } = await desk.ticket('instagram');
    await desk.rig.advance(23 * 3600);
    expect((await desk.look(id)).canReply).toMatchObject({ allowed: true, until: expect.any(String) });
    await desk.rig.advance(3601);
    await expect(desk.reply(id, 'Sorry for the delay')).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'window_closed' } });
    await desk.customerWrites(customer, 'Anybody?');
    await expect(desk.reply(id, 'Here!')).resolves.toMatchObject({ seq: 3 });
  });

  it('PRO-1 META-2 a name that Instagram tells later is learnt, and never takes the place of another', async () => {
    const { id, customer, profile } = await desk.ticket('instagram', desk.customer('instagram', { name: null }));
    expect(profile.name).toBeNull();
    const introduce = async (name: string) => {
      await desk.rig.say(channelEvents.customerIntroduced, { key: 'x', data: { channelId: customer.channelId, identifier: customer.from[0]!, name } });
      await desk.rig.heard();
    };
    await introduce('Ida Ito');
    await introduce('Somebody Else');
    expect((await desk.look(id)).profile.name).toBe('Ida Ito');
    expect((await desk.rig.facts('profile.updated')).filter(({ data }) => (data as { id: string }).id === profile.id)).toHaveLength(1);
  });

  it('TKT-11 where Meta has allowed it people may answer for 7 days, and nothing else', async () => {
    const { id, customer } = await desk.ticket('instagram');
    const data = { id: customer.channelId, type: 'instagram' as const, provider: 'meta', name: 'x', enabled: true, address: null, settings: { humanAgent: true }, webhookUrl: null, forwardingAddress: null, widgetKey: null, createdAt: '2026-11-01T00:00:00.000Z', version: 2 };
    await desk.rig.say(channelEvents.channelUpdated, { key: customer.channelId, data });
    await desk.rig.heard();
    await desk.rig.advance(6 * 24 * 3600);
    await expect(desk.reply(id, 'I am a robot', {}, desk.rig.actor({ type: 'ai_agent' }))).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'window_closed' } });
    await expect(desk.reply(id, 'Sorry for the delay')).resolves.toMatchObject({ seq: 2 });
    await desk.rig.advance(24 * 3600 + 1);
    await expect(desk.reply(id, 'Too late')).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'window_closed' } });
  });
});
