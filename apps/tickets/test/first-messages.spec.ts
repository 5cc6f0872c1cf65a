import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelType, type AcceptedMessage } from '@parley/contracts/channels';
import { newId } from '@parley/service/ids';
import { system } from '@parley/service/tx';
import { ConversationService } from '../src/conversation/conversation.service.js';
import { IdentityService } from '../src/profiles/identity.service.js';
import { Desk } from './desk.js';

const TWENTY = Array.from({ length: 20 }, (_, n) => n + 1);

describe('twenty first messages at once', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const twenty = async (channel: ChannelType) => {
    const customer = desk.customer(channel);
    const one = await desk.message(customer, 'Hello');
    return TWENTY.map((n): AcceptedMessage => ({ ...one, inboundId: newId(), conversationSeq: n, text: `Hello ${n}` }));
  };
  const isOneThread = async (sent: AcceptedMessage[]) => {
    const ids = sent.map(({ inboundId }) => inboundId);
    const stands = await desk.rig.tx((tx) => tx.sql<{ id: string; ticket_id: string; seq: number }>('SELECT id, ticket_id, seq FROM message WHERE id = ANY ($1) ORDER BY seq', [ids]));
    expect(stands.map(({ seq }) => seq)).toEqual(TWENTY);
    expect(new Set(stands.map(({ ticket_id }) => ticket_id)).size).toBe(1);
    expect(new Set(stands.map(({ id }) => id))).toEqual(new Set(ids));
    const ticketId = stands[0]!.ticket_id;
    expect(await desk.look(ticketId)).toMatchObject({ lastSeq: 20, version: 20 });
    const told = await desk.told(ticketId);
    expect([told.filter((type) => type === 'ticket.created').length, told.filter((type) => type === 'message.received').length]).toEqual([1, 20]);
  };

  it.each(ChannelType.options)('TKT-3 by %s, heard by the service, open one ticket', async (channel) => {
    const sent = await twenty(channel);
    await desk.arrive(...sent);
    await isOneThread(sent);
  });

  it.each(ChannelType.options)('TKT-3 by %s, over many connections at the same moment, open one ticket', async (channel) => {
    const sent = await twenty(channel);
    const conversation = desk.rig.app.get(ConversationService);
    await Promise.all(sent.map((message) => desk.rig.tx((tx) => conversation.receive(tx, message, newId()), system(desk.rig.account))));
    await isOneThread(sent);
  });

  it.each(ChannelType.options)('TKT-3 by %s, of somebody who is known already, open one ticket', async (channel) => {
    const sent = await twenty(channel);
    await desk.rig.tx((tx) => desk.rig.app.get(IdentityService).meet(tx, sent[0]!));
    const conversation = desk.rig.app.get(ConversationService);
    await Promise.all(sent.map((message) => desk.rig.tx((tx) => conversation.receive(tx, message, newId()), system(desk.rig.account))));
    await isOneThread(sent);
  });

  it('TKT-8 a message that is heard again stands once', async () => {
    const sent = await twenty('sms');
    await desk.arrive(...sent);
    await desk.arrive(...sent.slice(0, 5));
    await isOneThread(sent);
  });

  it('TKT-7 numbers are counted per account, each given once', async () => {
    const { items } = await desk.list({ sort: 'created', limit: 100 });
    const numbers = items.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.min(...numbers)).toBe(1);
  });
});
