import { createTransport } from 'nodemailer';
import type { OutgoingMail } from './follow-up-mail.rules.js';
import { verdictOn, type Outcome } from './sending.rules.js';

/** From the first byte to the server's last word. */
const LIMIT_MS = 30_000;

/** Hands mails to a mail server. Text never names a file or an address to fetch. */
export class Mailer {
  private readonly transport;

  /** @param url smtp:// or smtps://, with credentials where the server wants them; without one nothing can be sent. */
  constructor(url: string | undefined) {
    this.transport = url === undefined ? null : createTransport({
      url, disableFileAccess: true, disableUrlAccess: true, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000,
    });
  }

  /** Never throws: what went wrong is the outcome. */
  async send(mail: OutgoingMail): Promise<Outcome> {
    if (!this.transport) return { kind: 'failed', reason: 'no outgoing mail server is configured' };
    try {
      await this.transport.sendMail({ ...mail, signal: AbortSignal.timeout(LIMIT_MS) });
      return { kind: 'sent' };
    } catch (error) {
      return verdictOn(error as Error & { code?: string; responseCode?: number });
    }
  }

  close() {
    this.transport?.close();
  }
}
