import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profiles } from '@parley/contracts/profiles';
import { timers } from '@parley/contracts/timers';
import { newId } from '@parley/service/ids';
import { Desk, type Customer } from './desk.js';

describe('a web chat', () => {
  let desk: Desk;
  let email = 0;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  const visitor = (): Customer => {
    const someone = desk.customer('webchat');
    return { ...someone, from: [someone.from[0]!, { type: 'email', value: `chat${++email}@example.com`, verified: true }] };
  };

  it('CHAT-6 the first message of a session opens the ticket; CHAT-2 the proven address is learnt', async () => {
    const mia = visitor();
    const { id, profile } = await desk.ticket('webchat', mia);
    expect(await desk.look(id)).toMatchObject({ channel: 'webchat', canReply: { allowed: true, reason: null, until: null } });
    expect(await desk.rig.ask(profiles.get, { id: profile.id })).toMatchObject({ externalId: mia.from[0]!.value, emails: [mia.from[1]!.value] });
  });

  it('PRO-1 an address that somebody else holds is not taken from them', async () => {
    const mia = visitor();
    const { profile } = await desk.ticket('webchat', mia);
    const tom = visitor();
    const other = await desk.ticket('webchat', { ...tom, from: [tom.from[0]!, mia.from[1]!] });
    expect(other.profile.id).not.toBe(profile.id);
    expect(await desk.rig.ask(profiles.get, { id: other.profile.id })).toMatchObject({ emails: [] });
  });

  it('CHAT-7 the visitor ends the chat: it is closed for good', async () => {
    const { id, customer } = await desk.ticket('webchat');
    await desk.visitorEnds(customer);
    await desk.visitorEnds(customer);
    expect(await desk.look(id)).toMatchObject({ status: 'closed', unread: true, canReply: { allowed: false, reason: 'chat_closed' } });
    expect((await desk.told(id)).filter((type) => type === 'ticket.closed')).toHaveLength(1);
    expect(await desk.last('ticket.closed')).toMatchObject({ actor: { type: 'customer' } });
    await expect(desk.reopen(id)).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED', more: { reason: 'never_reopens' } });
    await expect(desk.reply(id, 'Wait')).rejects.toMatchObject({ code: 'REPLY_NOT_ALLOWED', more: { reason: 'chat_closed' } });
  });

  it('TKT-5 the database refuses it too', async () => {
    const { id } = await desk.ticket('webchat');
    await desk.close(id);
    await expect(desk.rig.tx((tx) => tx.sql(`UPDATE ticket SET status = 'open' WHERE id = $1`, [id]))).rejects.toMatchObject({ code: 'PT409' });
  });

  it('settled 5 a message to a closed chat is handed back, and its new session opens a new ticket', async () => {
    const { id, customer } = await desk.ticket('webchat');
    await desk.close(id);
    const { inboundId, ticketId } = await desk.customerWrites(customer, 'Are you there?');
    expect(ticketId).toBe('');
    expect(await desk.filed()).toContainEqual({ inboundId, outcome: 'refused', reason: expect.any(String) });
    const next = await desk.customerWrites({ ...customer, sessionId: newId() }, 'Are you there?', { inboundId });
    expect(next.ticketId).not.toBe(id);
    expect(await desk.look(next.ticketId)).toMatchObject({ status: 'open', profile: (await desk.look(id)).profile });
  });

  it('TKT-2 one live session per person: another one ends the first', async () => {
    const { id, customer } = await desk.ticket('webchat');
    const { ticketId } = await desk.customerWrites({ ...customer, sessionId: newId() }, 'From my phone');
    expect(await desk.look(id)).toMatchObject({ status: 'closed' });
    expect(await desk.look(ticketId)).toMatchObject({ status: 'open' });
  });

  it('CHAT-8 the agent sees up to where the visitor has read', async () => {
    const { id, customer } = await desk.ticket('webchat');
    await desk.reply(id, 'Hello');
    await desk.reply(id, 'How can I help?');
    await desk.visitorReads(customer, 2);
    await desk.visitorReads(customer, 1);
    const [, first, second] = (await desk.thread(id)).items;
    expect([first!.delivery!.state, first!.readAt !== null, second!.delivery!.state, second!.readAt]).toEqual(['read', true, 'queued', null]);
    const reads = (await desk.rig.facts('message.read')).filter(({ ticket }) => ticket === id);
    expect(reads.map(({ data }) => data)).toEqual([{ ticketId: id, upToSeq: 2, readAt: expect.any(String) }]);
  });

  it('CHAT-10 the ticket shows whether the visitor is there, also from before it was opened', async () => {
    const mia = visitor();
    await desk.visitor(mia, { online: true, episode: 0 });
    const { id } = await desk.ticket('webchat', mia);
    expect(await desk.look(id)).toMatchObject({ presence: { online: true, followUpDueAt: null }, version: 1 });
    await desk.visitor(mia, { online: false });
    expect(await desk.look(id)).toMatchObject({ presence: { online: false, followUpDueAt: null }, version: 1 });
  });

  describe('the follow-up e-mail', () => {
    const dues = async (id: string) => (await desk.rig.facts('follow_up.due')).filter(({ ticket }) => ticket === id);
    const abandoned = async (mia = visitor()) => {
      await desk.visitor(mia, { online: true, episode: 0 });
      const ticket = await desk.ticket('webchat', mia);
      await desk.reply(ticket.id, 'Which order is it?');
      await desk.visitor(mia, { online: false, episode: 1 });
      return ticket;
    };

    it('TIME-1 goes out three minutes after the visitor left with an answer unread, once per absence', async () => {
      const { id, customer } = await abandoned();
      const [timer] = await desk.timers(id);
      expect(timer).toMatchObject({ kind: 'follow_up', reason: { rule: 'TIME-1' } });
      expect((await desk.look(id)).presence).toMatchObject({ online: false, followUpDueAt: timer!.dueAt });
      expect((await desk.last('follow_up.scheduled')).data).toMatchObject({ timer: { id: timer!.id, dueAt: timer!.dueAt } });
      await desk.rig.advance(170);
      expect(await dues(id)).toEqual([]);
      await desk.rig.advance(11);
      await desk.reply(id, 'Are you still there?');
      await desk.rig.advance(1000);
      expect((await dues(id)).map(({ data }) => data)).toEqual([{
        timerId: timer!.id, ticketId: id, sessionId: customer.sessionId, channelId: customer.channelId, to: { email: customer.from[1]!.value, name: 'Mia' }, locale: 'en',
        from: 'help@shop.example', replyTo: null, siteUrl: 'https://shop.example/help',
        recap: [
          { author: 'customer', name: 'Mia', text: 'Where is my order?', at: expect.any(String) },
          { author: 'agent', name: 'Ada', text: 'Which order is it?', at: expect.any(String) },
        ],
      }]);
      expect((await desk.look(id)).presence).toMatchObject({ followUpDueAt: null });
    });

    it('TIME-1 another absence has one of its own', async () => {
      const { id, customer } = await abandoned();
      await desk.rig.advance(181);
      await desk.visitor(customer, { online: true, episode: 1 });
      await desk.reply(id, 'Ah, there you are');
      await desk.visitor(customer, { online: false, episode: 2 });
      await desk.rig.advance(181);
      expect(await dues(id)).toHaveLength(2);
    });

    it('TIME-1 further answers move it', async () => {
      const { id } = await abandoned();
      await desk.rig.advance(120);
      await desk.reply(id, 'Here is what I found');
      expect(await desk.timers(id)).toHaveLength(1);
      await desk.rig.advance(120);
      expect(await dues(id)).toEqual([]);
      await desk.rig.advance(61);
      expect(await dues(id)).toHaveLength(1);
    });

    it.each<{ rule: string; what: string; happens: (chat: { id: string; customer: Customer }) => Promise<unknown> }>`
      rule        | what                   | happens
      ${'TIME-1'} | ${'coming back'}       | ${({ customer }: { customer: Customer }) => desk.visitor(customer, { online: true, episode: 1 })}
      ${'TIME-1'} | ${'reading'}           | ${({ customer }: { customer: Customer }) => desk.visitorReads(customer, 2)}
      ${'TIME-1'} | ${'writing'}           | ${({ customer }: { customer: Customer }) => desk.customerWrites(customer, 'Order 7')}
      ${'TIME-1'} | ${'ending the chat'}   | ${({ customer }: { customer: Customer }) => desk.visitorEnds(customer)}
      ${'TIME-1'} | ${'closing the chat'}  | ${({ id }: { id: string }) => desk.close(id)}
      ${'TIME-5'} | ${'calling it off'}    | ${async ({ id }: { id: string }) => desk.rig.ask(timers.cancel, { id: (await desk.timers(id))[0]!.id })}
    `('$rule $what cancels it', async ({ happens }) => {
      const chat = await abandoned();
      await happens(chat);
      expect(await desk.timers(chat.id)).toEqual([]);
      await desk.rig.advance(400);
      expect(await dues(chat.id)).toEqual([]);
    });

    it('TIME-1 none without an e-mail address of the visitor', async () => {
      const { id } = await abandoned(desk.customer('webchat'));
      expect(await desk.timers(id)).toEqual([]);
    });

    it('TIME-1 from, reply-to and delay are settings; without a support address none is sent', async () => {
      await desk.account({ senderEmail: null });
      expect(await desk.timers((await abandoned()).id)).toEqual([]);
      await desk.set('follow-up', { from: 'care@shop.example', replyTo: 'replies@shop.example', delaySeconds: 10 });
      const { id } = await abandoned();
      await desk.rig.advance(11);
      expect((await dues(id))[0]!.data).toMatchObject({ from: 'care@shop.example', replyTo: 'replies@shop.example' });
      await desk.set('follow-up', { enabled: false });
      expect(await desk.timers((await abandoned()).id)).toEqual([]);
    });
  });
});
