import { createTransport } from 'nodemailer';
import { setTimeout as pause } from 'node:timers/promises';
import type { Brand } from './brands.js';
import type { History, Outcome } from './history.js';

/** People who write mails, each one the beginning of a thread, until `over` says so. */
export async function writeMails(brand: Brand, smtpPorts: number[], history: History, over: () => boolean): Promise<void> {
  for (let nth = 0; !over(); nth++) {
    const sent = history.begin('mail', brand.account, `mail ${nth}`);
    const from = `writer${nth}@customers.example`;
    const mail = { from, to: brand.mail.address ?? '', subject: 'The copper kettle', text: `Is it safe in the dishwasher? #${sent.token}`, messageId: `<${sent.token}@customers.example>`, date: new Date() };
    await history.persist(sent, (attempt, givenUpMs) => handOver(smtpPorts[(nth + attempt) % smtpPorts.length] ?? 0, { ...mail, envelope: { from, to: brand.mail.forwardingAddress ?? '' } }, givenUpMs));
    await pause(1000);
  }
}

/** A mail server tries until it is told that the mail was taken; what it hears too late is unknown to it. */
async function handOver(port: number, mail: object, givenUpMs: number): Promise<Outcome> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, connectionTimeout: givenUpMs, greetingTimeout: givenUpMs, socketTimeout: givenUpMs });
  try {
    await transport.sendMail(mail);
    return 'ok';
  } catch (error) {
    const { code, command } = error as { code?: string; command?: string };
    return code === 'ECONNREFUSED' || command === 'CONN' ? 'fail' : 'unknown';
  } finally {
    transport.close();
  }
}
