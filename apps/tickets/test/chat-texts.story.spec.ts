import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { channelEvents } from '@parley/contracts/channels';
import { messages } from '@parley/contracts/messages';
import { Desk, type Customer } from './desk.js';

// What a new chat is told by itself (CHAT-9).
let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});
afterAll(() => desk.rig.close());

const due = async (ticketId: string, { sessionId, channelId }: Customer, text = 'We are asleep.') => {
  await desk.rig.say(channelEvents.chatTextDue, { key: ticketId, ticket: ticketId, actor: { type: 'automation', id: null }, data: { ticketId, sessionId: sessionId!, channelId, when: 'outside', text } });
  await desk.rig.heard();
};
const thread = async (ticketId: string) => (await desk.rig.ask(messages.list, { id: ticketId })).items;

it('CHAT-9 the text stands in the thread, by nobody in person; the customer waits on, and the inbox shows what they asked', async () => {
  const { id, customer, ...opened } = await desk.ticket('webchat');
  await due(id, customer);
  expect((await thread(id)).map(({ seq, direction, author, text }) => ({ seq, direction, author: author.type, text }))).toEqual([
    { seq: 1, direction: 'inbound', author: 'customer', text: 'Where is my order?' }, { seq: 2, direction: 'outbound', author: 'automation', text: 'We are asleep.' },
  ]);
  const { waitingSince, unread, preview } = await desk.look(id);
  expect({ waitingSince, unread, preview }).toEqual({ waitingSince: opened.waitingSince, unread: true, preview: opened.preview });
  expect((await desk.rig.facts('message.sent')).filter((fact) => fact.ticket === id)).toMatchObject([{ actor: { type: 'automation', id: null }, data: { route: { sessionId: customer.sessionId } } }]);
});

it('TIME-3 the text is no answer: a chat that nobody has answered does not close by itself', async () => {
  await desk.set('auto-close', { channels: { webchat: { afterSeconds: 600 } } });
  const { id, customer } = await desk.ticket('webchat');
  await due(id, customer);
  await desk.rig.advance(3600);
  expect((await desk.look(id)).status).toBe('open');
});

it('CHAT-7 CHAT-9 a chat that is over by then is told nothing', async () => {
  const { id, customer } = await desk.ticket('webchat');
  await desk.close(id);
  await due(id, customer);
  expect(await thread(id)).toHaveLength(1);
});
