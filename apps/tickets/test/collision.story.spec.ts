import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { messages } from '@parley/contracts/messages';
import { Desk } from './desk.js';

describe('two agents and one ticket', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await Desk.open();
  });
  afterAll(() => desk?.shut());

  it('TKT-19 of two agents who answer what they see at the same time, one is told to read first', async () => {
    const bo = await desk.agent('Bo');
    const { id } = await desk.ticket('email');
    const answers = await Promise.allSettled([desk.reply(id, 'From Ada', { lastSeenSeq: 1 }), desk.reply(id, 'From Bo', { lastSeenSeq: 1 }, bo)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'NEWER_MESSAGE', more: { reason: 'newer_message', seq: 2 } } });
    const { items } = await desk.thread(id);
    expect(items.filter(({ direction }) => direction === 'outbound')).toHaveLength(1);
  });

  it('TKT-19 whoever has read the colleague’s answer, or insists, is not kept from answering', async () => {
    const bo = await desk.agent('Bo');
    const { id } = await desk.ticket('email');
    await desk.reply(id, 'From Ada', { lastSeenSeq: 1 });
    await expect(desk.reply(id, 'From Bo', { lastSeenSeq: 1 }, bo)).rejects.toMatchObject({ code: 'NEWER_MESSAGE' });
    await desk.reply(id, 'From Bo', { lastSeenSeq: 2 }, bo);
    await desk.reply(id, 'From Ada again', { lastSeenSeq: 2, force: true });
    expect((await desk.thread(id)).items.map(({ text }) => text)).toEqual(['Where is my order?', 'From Ada', 'From Bo', 'From Ada again']);
  });

  it('TKT-19 neither the customer’s newer message, nor one’s own, nor a note is a collision', async () => {
    const bo = await desk.agent('Bo');
    const { id, customer } = await desk.ticket('email');
    await desk.customerWrites(customer, 'And another thing');
    await desk.rig.ask(messages.note, { id, text: 'VIP' }, bo);
    await desk.reply(id, 'One', { lastSeenSeq: 1 });
    await desk.reply(id, 'Two', { lastSeenSeq: 1 });
    expect((await desk.look(id)).lastSeq).toBe(4);
  });
});
