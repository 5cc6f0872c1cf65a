import { messages } from '@parley/contracts/messages';
import { tickets } from '@parley/contracts/tickets';
import { DEMO } from './account.js';
import { customerMails } from './customers.js';
import { quote, script } from './script.js';
import { arrived, outside, shown, type Stage } from './stage.js';
import { eventually } from './waiting.js';

/** A mail opens a ticket; the answer reaches the customer's mailbox; their answer finds the same ticket, even a closed one. */
export async function mailAct(stage: Stage): Promise<void> {
  script.act('A customer writes a mail');
  const customer = { name: 'Marit Tan', address: `marit.${stage.run}@customer.demo.parley.test` };
  const brand = DEMO.email.address;
  const question = `Is the kettle safe in the dishwasher? (${stage.run})`;

  script.does(`${customer.name} mails ${brand}: ${quote(question)}`);
  const asked = await customerMails(stage.smtpPort, { from: customer, to: brand, via: stage.channels.email.forwardingAddress ?? '', subject: 'The copper kettle', text: question });
  const { ticket } = await arrived(stage, question);
  script.came(`ticket #${ticket.number} is open: ${quote(ticket.subject ?? '')} from ${ticket.profile.name}`);

  const answer = `No, please wash it by hand. Warm water is enough. (${stage.run})`;
  script.does(`${DEMO.agent.name} answers: ${quote(answer)}`);
  await stage.agent(messages.reply, { id: ticket.id, text: answer });
  const inMailbox = await eventually('the answer in the customer’s mailbox', async () => (await outside(stage)).mails.find(({ envelope, text }) => envelope.to.includes(customer.address) && text.includes(answer)));
  if (inMailbox.headers['in-reply-to'] !== asked) throw new Error(`the answer refers to ${inMailbox.headers['in-reply-to']}, not to ${asked}`);
  script.came(`it is in the mailbox, in the thread of the question: ${quote(inMailbox.subject)}`);
  const assigned = await stage.agent(tickets.get, { id: ticket.id });
  if (assigned.assigneeId !== stage.agentId) throw new Error('the ticket does not belong to who answered first');
  script.came(`#${ticket.number} belongs to ${DEMO.agent.name}, who answered first`);

  script.does(`${DEMO.agent.name} closes #${ticket.number}`);
  await stage.agent(tickets.close, { id: ticket.id, ifMatch: assigned.version });
  await shown(stage, 'ticket.closed', ticket.id);
  const thanks = `Thank you! And the lid? (${stage.run})`;
  script.does(`${customer.name} answers that mail: ${quote(thanks)}`);
  const to = /[^\s<]+@[^\s>]+/.exec(inMailbox.headers['reply-to'] ?? inMailbox.headers['from'] ?? '')?.[0] ?? brand;
  await customerMails(stage.smtpPort, { from: customer, to, subject: `Re: ${inMailbox.subject}`, text: thanks, answers: inMailbox });
  const again = await arrived(stage, thanks);
  if (again.ticket.id !== ticket.id) throw new Error('the answer opened another ticket');
  await shown(stage, 'ticket.reopened', ticket.id);
  script.came(`it stands in #${ticket.number}, which is open again`);
}
