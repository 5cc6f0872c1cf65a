import { clock } from '@parley/contracts/clock';
import { ContractError } from '@parley/contracts/errors';
import { messages, type Message } from '@parley/contracts/messages';
import { templates } from '@parley/contracts/templates';
import { customerInstagrams, customerWhatsapps } from '../stand-ins/meta/customer.js';
import { DEMO } from './account.js';
import { quote, script } from './script.js';
import { advance, arrived, outside, type Stage } from './stage.js';
import { eventually } from './waiting.js';

const DAY = 24 * 3600;

/** WhatsApp and Instagram: files are fetched, reactions stand where they belong, what is taken back is gone, and after 24 hours a template goes. */
export async function directAct(stage: Stage): Promise<void> {
  script.act('Customers write by WhatsApp and Instagram');
  await whatsapp(stage);
  await instagram(stage);
}

async function whatsapp(stage: Stage): Promise<void> {
  const userId = `US.${stage.run}13491208655302741918`;
  const write = async (said: Partial<Parameters<typeof customerWhatsapps>[0]>) =>
    customerWhatsapps({ webhookUrl: stage.channels.whatsapp.webhookUrl ?? '', phoneNumberId: DEMO.whatsapp.phoneNumberId, userId, name: 'Ines Ito', at: await now(stage), ...said });

  const words = `The zip is broken (${stage.run})`;
  script.does(`Ines Ito, who shows no number, sends a picture: ${quote(words)}`);
  await write({ more: { type: 'image', image: { id: '1003383421387256', mime_type: 'image/png', caption: words } } });
  const { ticket, message } = await arrived(stage, words);
  const fetched = await eventually('the picture', async () => (await inThread(stage, ticket.id, message.id)).attachments.find(({ sha256 }) => sha256));
  script.came(`ticket #${ticket.number} is open, and the picture was fetched: ${fetched.name}, ${fetched.sizeBytes} bytes`);

  const answer = `We send you a new one. (${stage.run})`;
  script.does(`${DEMO.agent.name} answers: ${quote(answer)}`);
  const sent = await stage.agent(messages.reply, { id: ticket.id, text: answer });
  const taken = await eventually('the answer at Meta', async () => (await outside(stage)).meta.find(({ to, text }) => to === userId && text === answer));
  await eventually('the delivery report', async () => (await inThread(stage, ticket.id, sent.id)).delivery?.state === 'delivered');
  script.came('Meta took it for her business-scoped id, and reports it delivered');

  script.does('Ines Ito reacts with 🧡');
  await write({ more: { type: 'reaction', reaction: { message_id: taken.id, emoji: '🧡' } } });
  await eventually('the reaction', async () => (await inThread(stage, ticket.id, sent.id)).reactions.some(({ emoji }) => emoji === '🧡'));
  script.came('it stands at the answer, and opens nothing');

  script.does('a day passes');
  await advance(stage, DAY + 60);
  const late = await stage.agent(messages.reply, { id: ticket.id, text: 'Has it arrived?' }).then(() => undefined, (error: unknown) => error);
  if (!(late instanceof ContractError) || late.more['reason'] !== 'window_closed') throw new Error('words went out after 24 hours');
  const { items } = await stage.agent(templates.list, { id: stage.channels.whatsapp.id });
  script.came(`words are refused: window_closed; ${items.filter(({ problem }) => problem === null).length} of ${items.length} templates may go`);
  script.does(`${DEMO.agent.name} sends the template order_shipped`);
  const template = { name: 'order_shipped', language: 'en_US', variables: ['Ines', stage.run] };
  const { text } = (await stage.agent(messages.reply, { id: ticket.id, template })) as Message;
  await eventually('the template at Meta', async () => (await outside(stage)).meta.some(({ to, template: one }) => to === userId && one));
  script.came(`it went, and reads ${quote(text)}`);
}

async function instagram(stage: Stage): Promise<void> {
  const from = `17841453${stage.run}`;
  const write = async (said: Partial<Parameters<typeof customerInstagrams>[0]>) =>
    customerInstagrams({ webhookUrl: stage.channels.instagram.webhookUrl ?? '', accountId: DEMO.instagram.accountId, from, at: await now(stage), ...said });

  const [words, mid] = [`Love this tea 😍 (${stage.run})`, `aWdf-demo-${stage.run}`];
  script.does(`somebody answers a story: ${quote(words)}`);
  await write({ said: { message: { mid, text: words, reply_to: { story: { id: '17858893269000001', url: 'https://cdn.example.com/story' } } } } });
  const { ticket, message } = await arrived(stage, words);
  script.came(`ticket #${ticket.number} is open and shows which story: ${message.details.find(({ kind }) => kind === 'story') ? 'by reference alone' : 'not at all'}`);

  const answer = `Thank you! (${stage.run})`;
  script.does(`${DEMO.agent.name} answers, and Instagram repeats it as an echo`);
  await stage.agent(messages.reply, { id: ticket.id, text: answer });
  const sent = await eventually('the answer at Instagram', async () => (await outside(stage)).meta.find(({ to, text }) => to === from && text === answer));
  await eventually('the echo', async () => (await outside(stage)).callbacks.find(({ sid, answered }) => sid === sent.id && answered === 200));
  const { items } = await stage.agent(messages.list, { id: ticket.id });
  if (items.filter(({ text }) => text === answer).length !== 1) throw new Error('the echo became a second message');
  script.came('it stands there once');

  script.does('the customer takes the message back');
  await write({ said: { message: { mid, is_deleted: true } } });
  await eventually('the words to be gone', async () => {
    const { text, deletedAt } = await inThread(stage, ticket.id, message.id);
    return deletedAt !== null && text === '';
  });
  script.came('its words are gone, and a mark stays');
}

const now = async ({ owner }: Stage) => new Date((await owner(clock.get, {})).now);

async function inThread({ agent }: Stage, ticketId: string, messageId: string): Promise<Message> {
  const found = (await agent(messages.list, { id: ticketId })).items.find(({ id }) => id === messageId);
  if (!found) throw new Error('the message is not in its thread');
  return found;
}
