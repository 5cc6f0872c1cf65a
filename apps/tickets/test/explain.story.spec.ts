import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explain } from '@parley/contracts/explain';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { tickets } from '@parley/contracts/tickets';
import { newId } from '@parley/service/ids';
import { system, type Transaction } from '@parley/service/tx';
import pg from 'pg';
import { ConversationService } from '../src/conversation/conversation.service.js';
import { Desk, type Customer } from './desk.js';

describe('why, and what happened', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());
  const why = async (id: string, kind: string) => (await desk.rig.ask(explain.explain, { id, limit: 100 })).items.filter((one) => one.kind === kind);
  const timeline = async (id: string) => (await desk.rig.ask(explain.timeline, { id, limit: 100 })).items.toReversed();

  it('TKT-21 why this thread: new, reopened or woken, by which row of the policy', async () => {
    const { id, customer } = await desk.ticket('sms');
    await desk.customerWrites(customer, 'Hello?');
    await desk.snooze(id, { preset: 'tomorrow' });
    await desk.customerWrites(customer, 'Are you there?');
    await desk.close(id);
    await desk.customerWrites(customer, 'It has come, but broken');
    const found = (await why(id, 'thread')).toReversed();
    expect(found.map(({ rule, ruleVersion, outcome }) => [rule, ruleVersion, outcome['does']])).toEqual([['TKT-2', 1, 'new'], ['TKT-2', 1, 'wake'], ['TKT-2', 1, 'reopen']]);
    expect(found[2]).toMatchObject({ inputs: { channel: 'sms', per: ['profile', 'address'], among: 'all', found: 'closed', kind: 'written' } });
  });

  it('TKT-21 TKT-23 the language of the first words that tell it', async () => {
    const customer = desk.customer('sms');
    const { ticketId: id } = await desk.customerWrites(customer, 'Hi');
    expect(await desk.look(id)).toMatchObject({ language: null });
    await desk.customerWrites(customer, 'Wo bleibt meine Bestellung? Ich warte seit zwei Wochen.');
    expect(await desk.look(id)).toMatchObject({ language: 'de' });
    expect((await desk.thread(id)).items.map(({ language }) => language)).toEqual([null, 'de']);
    expect(await why(id, 'language')).toMatchObject([{ rule: 'TKT-23', outcome: { language: 'de' } }]);
  });

  it('TKT-23 words count before what the browser says', async () => {
    const said = await desk.customerWrites(desk.customer('webchat'), 'Je voudrais retourner mes chaussures, elles sont trop petites', { locale: 'en-US' });
    const short = await desk.customerWrites(desk.customer('webchat'), 'ok', { locale: 'en-US' });
    expect([(await desk.look(said.ticketId)).language, (await desk.look(short.ticketId)).language]).toEqual(['fr', 'en-US']);
  });

  it('TKT-21 why it closed by itself', async () => {
    await desk.set('auto-close', { channels: { email: { afterSeconds: 600 } } });
    const timed = await desk.ticket('email');
    await desk.reply(timed.id, 'Done');
    await desk.rig.advance(601);
    expect(await why(timed.id, 'status')).toMatchObject([{ rule: 'TIME-3', outcome: { status: 'closed' }, inputs: { afterSeconds: 600 } }]);
    const chat = await desk.ticket('webchat');
    await desk.visitorEnds(chat.customer);
    expect(await why(chat.id, 'status')).toMatchObject([{ rule: 'CHAT-7' }]);
    const blocked = await desk.ticket('sms');
    await desk.rig.ask(profiles.block, { id: blocked.profile.id });
    expect(await why(blocked.id, 'status')).toMatchObject([{ rule: 'PRO-5' }]);
  });

  it('TKT-21 nothing is decided about a message that only joins its thread', async () => {
    const { id, customer } = await desk.ticket('sms');
    const before = (await desk.rig.ask(explain.explain, { id })).items.length;
    await desk.customerWrites(customer, 'One more thing');
    expect((await desk.rig.ask(explain.explain, { id })).items).toHaveLength(before);
  });

  it('TKT-21 a message that only joins its thread asks the database as often as ever; a new ticket once more', async () => {
    const client = pg.Client.prototype as unknown as { query(...args: unknown[]): unknown };
    const { query } = client;
    const conversation = desk.rig.app.get(ConversationService);
    const statements = async (customer: Customer) => {
      const message = await desk.message(customer, 'Where is my order, please?');
      const asked: string[] = [];
      await desk.rig.tx(async (tx) => {
        client.query = function (...args) {
          const { text } = args[0] as { text?: string };
          // Others work in the background all the time.
          if (this === (tx as Transaction).client && text && /\b(ticket_history|decision|desk_state|spam_|routing_rule|team|setting|account|agent)\b/.test(text) && !text.includes('app_account')) asked.push(text.trim().slice(0, 60));
          return query.apply(this, args);
        };
        try {
          await conversation.receive(tx, message, newId());
        } finally {
          client.query = query;
        }
      }, system(desk.rig.account));
      return asked.filter((text) => !/^(SELECT EXISTS|WITH m AS|WITH i AS|WITH n AS)/.test(text));
    };
    const customer = desk.customer('sms');
    expect(await statements(customer)).toHaveLength(1);
    expect(await statements(customer)).toEqual([]);
  });

  it('TKT-21 the timeline tells everything in order, in pages that neither skip nor repeat, and no subject', async () => {
    const { id, customer } = await desk.ticket('email');
    await desk.reply(id, 'We are looking into it');
    await desk.rig.ask(messages.note, { id, text: 'Ask the warehouse' });
    await desk.rig.ask(tickets.update, { id, ifMatch: (await desk.look(id)).version, subject: 'A secret subject', priority: 'high' });
    await desk.close(id);
    await desk.customerWrites(customer, 'Thank you');
    const all = await timeline(id);
    expect(all.map(({ type }) => type).sort()).toEqual(['message.received', 'message.received', 'message.sent', 'note.added', 'ticket.assigned', 'ticket.closed', 'ticket.created', 'ticket.reopened', 'ticket.updated']);
    expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted());
    expect(all.find(({ type }) => type === 'ticket.updated')).toMatchObject({ actor: { type: 'agent', id: desk.me.id }, changes: { priority: { from: 'normal', to: 'high' }, subject: { from: null, to: null } } });
    expect(all.find(({ type }) => type === 'note.added')).toMatchObject({ note: { text: 'Ask the warehouse' }, message: null });
    expect(JSON.stringify(all)).not.toContain('secret');
    const paged: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const { items, nextCursor } = await desk.rig.ask(explain.timeline, { id, limit: 2, ...(cursor && { cursor }) });
      paged.push(...items.map((one) => one.id));
      if (!nextCursor) break;
      cursor = nextCursor;
    }
    expect(paged).toEqual(all.map((one) => one.id).toReversed());
  });

  it('ACC-1 another account asks in vain', async () => {
    const { id } = await desk.ticket('sms');
    const stranger = desk.rig.actor({ account: '01990000-0000-7000-8000-00000000dead' });
    await expect(desk.rig.ask(explain.explain, { id }, stranger)).rejects.toMatchObject({ code: 'TICKET_NOT_FOUND' });
    await expect(desk.rig.ask(explain.timeline, { id }, stranger)).rejects.toMatchObject({ code: 'TICKET_NOT_FOUND' });
  });
});
