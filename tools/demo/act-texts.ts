import { ContractError } from '@parley/contracts/errors';
import { messages } from '@parley/contracts/messages';
import { profiles } from '@parley/contracts/profiles';
import { tickets } from '@parley/contracts/tickets';
import { customerTexts } from '../stand-ins/customer.js';
import { DEMO } from './account.js';
import { quote, script } from './script.js';
import { arrived, outside, type Stage } from './stage.js';
import { eventually } from './waiting.js';

/** Texts open one ticket per person; nobody is answered who has not agreed; STOP is obeyed at once. Resolves to the ticket. */
export async function textsAct(stage: Stage): Promise<string> {
  script.act('A customer sends texts');
  const from = `+1503555${stage.run}`;
  const text = (body: string, sid?: string) =>
    customerTexts({ webhookUrl: stage.channels.sms.webhookUrl ?? '', accountSid: DEMO.sms.accountSid, authToken: DEMO.sms.authToken, from, to: DEMO.sms.phoneNumber, body, sid });

  const [first, second] = [`Hi, where is my order? (${stage.run})`, `It is number 1042 (${stage.run})`];
  script.does(`${from} texts ${quote(first)} and ${quote(second)}; the provider delivers the second one twice`);
  await text(first);
  const { sid } = await text(second);
  const repeated = await text(second, sid);
  if (repeated.status >= 300) throw new Error(`a redelivery was answered with ${repeated.status}`);
  const { ticket } = await arrived(stage, first);
  await arrived(stage, second);
  const { items } = await stage.agent(messages.list, { id: ticket.id });
  const bodies = items.map((message) => message.text);
  if (bodies.join('|') !== [first, second].join('|')) throw new Error(`the thread holds ${JSON.stringify(bodies)}`);
  script.came(`one ticket, #${ticket.number}, with both messages, once each, in order`);

  script.does(`${DEMO.agent.name} answers, although the customer has never agreed to texts`);
  await refused('no_consent', () => stage.agent(messages.reply, { id: ticket.id, text: 'It is on its way.' }));
  script.does('the shop records the consent given at the checkout');
  await stage.owner(profiles.setConsent, { id: ticket.profile.id, kind: 'sms_transactional', state: 'granted', source: 'checkout', evidence: 'order 1042' });
  const answer = `It is on its way and arrives tomorrow. (${stage.run})`;
  script.does(`${DEMO.agent.name} answers again: ${quote(answer)}`);
  const sent = await stage.agent(messages.reply, { id: ticket.id, text: answer });
  await eventually('the answer at the provider', async () => (await outside(stage)).sms.find(({ to, body }) => to === from && body === answer));
  await eventually('the delivery report on the agent’s socket', () =>
    stage.live.all.find(({ type, data }) => type === 'message.delivery_changed' && (data['message'] as { id: string; delivery: { state: string } }).id === sent.id && (data['message'] as { delivery: { state: string } }).delivery.state === 'delivered'));
  script.came('the provider took it, and reports it delivered');

  script.does(`${from} texts “Stop.”`);
  await text('Stop.');
  await eventually('the revocation', async () => (await stage.agent(tickets.get, { id: ticket.id })).canReply.reason === 'opted_out');
  await refused('opted_out', () => stage.agent(messages.reply, { id: ticket.id, text: 'Are you sure?' }));
  script.does(`${from} texts “START”`);
  await text('START');
  await eventually('the new consent', async () => (await stage.agent(tickets.get, { id: ticket.id })).canReply.allowed);
  script.came('they can be answered again');
  return ticket.id;
}

async function refused(reason: string, act: () => Promise<unknown>): Promise<void> {
  const error = await act().then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof ContractError) || error.more['reason'] !== reason) throw new Error(`expected a refusal because of ${reason}, got ${error ? String(error) : 'an answer'}`);
  script.came(`refused: ${reason}; nothing was sent`);
}
