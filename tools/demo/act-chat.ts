import { ContractError } from '@parley/contracts/errors';
import { httpClient, type HttpClient } from '@parley/contracts/http-client';
import { messages } from '@parley/contracts/messages';
import { tickets, type TicketSnapshot } from '@parley/contracts/tickets';
import { webchat } from '@parley/contracts/webchat';
import { DEMO } from './account.js';
import { identityToken, type Visitor } from './customers.js';
import { openFrames, type Frames } from './frames.js';
import { quote, script } from './script.js';
import { advance, arrived, outside, shown, type Stage } from './stage.js';
import { eventually } from './waiting.js';

/** A chat: answers at once; a visitor who leaves gets one mail; who comes back gets what was missed; an ended chat is over. */
export async function chatAct(stage: Stage): Promise<void> {
  script.act('A visitor of the shop starts a chat');
  const chat = await begin(stage, { id: `shop-${stage.run}`, name: 'Noor Visser', email: `noor.${stage.run}@customer.demo.parley.test` });
  const seen = await talk(chat);
  const missed = await leave(chat);
  await comeBack(chat, seen, missed);
}

interface Chat {
  stage: Stage;
  visitor: Visitor;
  /** Asks as the visitor. */
  ask: HttpClient;
  /** Opens the window at a message. */
  connect: (afterSeq: number) => Promise<Frames<unknown>>;
  window: Frames<unknown>;
  ticket: TicketSnapshot;
}

async function begin(stage: Stage, visitor: Visitor): Promise<Chat> {
  const widgetKey = stage.channels.webchat.widgetKey ?? '';
  const token = await identityToken(visitor, { widgetKey, secret: DEMO.webchat.identitySecret });
  const { sessionToken, profile } = await httpClient(stage.gatewayUrl)(webchat.start, { widgetKey, identityToken: token });
  script.came(`the shop vouches for ${profile.name} by a signed token`);
  const ask = httpClient(stage.gatewayUrl, { authorization: `Bearer ${sessionToken}` });
  const connect = (afterSeq: number) => openFrames<unknown>(stage.gatewayUrl, `/v1/webchat/socket?token=${sessionToken}&afterSeq=${afterSeq}`);
  const window = await connect(0);
  const hello = `Do you ship to Norway? (${stage.run})`;
  script.does(`${visitor.name} writes ${quote(hello)}`);
  window.send({ type: 'message', clientId: `hello-${stage.run}`, text: hello });
  const { ticket } = await arrived(stage, hello);
  script.came(`ticket #${ticket.number} is open`);
  return { stage, visitor, ask, connect, window, ticket };
}

/** Resolves to the number of the last message the visitor has seen. */
async function talk({ stage, ask, window, ticket }: Chat): Promise<number> {
  const yes = `Yes, within three days. (${stage.run})`;
  await answer(stage, ticket, [yes]);
  await got(window, yes);
  const { items } = await ask(webchat.messages, {});
  const seen = items.at(-1)?.seq ?? 0;
  await ask(webchat.read, { upToSeq: seen });
  await shown(stage, 'message.read', ticket.id);
  script.came('it is in the visitor’s window, and the agent sees that it was read');
  return seen;
}

/** Resolves to what was written while the visitor was away. */
async function leave({ stage, visitor, window, ticket }: Chat): Promise<string[]> {
  const frame = stage.live.all.length;
  script.does(`${visitor.name} closes the browser, and fifteen seconds pass`);
  await window.close();
  await eventually('the visitor is seen to be gone', async () => (await stage.agent(tickets.get, { id: ticket.id })).presence?.online === false || void (await advance(stage, 5)), 60);
  script.came('the ticket shows that nobody is there');
  const missed = [`Shipping costs 9 euros. (${stage.run})`, `Shall I reserve one for you? (${stage.run})`];
  await answer(stage, ticket, missed);
  await shown(stage, 'follow_up.scheduled', ticket.id, frame);
  script.came('a follow-up mail is due in three minutes');
  script.does('three minutes pass, on the test clock of the account');
  await advance(stage, 181);
  const mails = async () => (await outside(stage)).mails.filter(({ envelope }) => envelope.to.includes(visitor.email));
  const { subject, text } = await eventually('the follow-up mail in the visitor’s mailbox', async () => (await mails())[0]);
  if (missed.some((one) => !text.includes(one))) throw new Error(`the follow-up mail does not hold what was missed: ${text}`);
  await shown(stage, 'follow_up.sent', ticket.id, frame);
  if ((await mails()).length !== 1) throw new Error('more than one follow-up mail');
  script.came(`one mail is in the visitor’s mailbox: ${quote(subject)}, with the conversation`);
  return missed;
}

async function comeBack({ stage, visitor, ask, connect, ticket }: Chat, seen: number, missed: string[]): Promise<void> {
  script.does(`${visitor.name} comes back to the chat`);
  const window = await connect(seen);
  for (const text of missed) await got(window, text);
  script.came('everything missed is in the window, once');
  script.does(`${visitor.name} ends the chat`);
  await ask(webchat.end, {});
  await shown(stage, 'ticket.closed', ticket.id);
  const { version } = await stage.agent(tickets.get, { id: ticket.id });
  const refusal: unknown = await stage.agent(tickets.reopen, { id: ticket.id, ifMatch: version }).catch((error: unknown) => error);
  if (!(refusal instanceof ContractError) || refusal.code !== 'MOVE_NOT_ALLOWED') throw new Error('a closed chat could be reopened');
  script.came(`#${ticket.number} is closed for good: reopening is refused (${String(refusal.more['reason'])})`);
  await window.close();
}

async function answer(stage: Stage, { id }: TicketSnapshot, texts: string[]): Promise<void> {
  for (const text of texts) {
    script.does(`${DEMO.agent.name} answers ${quote(text)}`);
    await stage.agent(messages.reply, { id, text });
  }
}

/** The window shows the text, exactly once. */
async function got(window: Frames<unknown>, text: string): Promise<void> {
  const times = () => JSON.stringify(window.all).split(text).length - 1;
  await eventually(`${quote(text)} in the visitor's window`, () => times() > 0);
  if (times() > 1) throw new Error(`${quote(text)} came ${times()} times`);
}
