import type { ChannelAdapter, ConnectedChannel, HttpReply, Outbound, Raw, Read, Receipt, Unreadable, WholeMail } from '../../adapter.js';
import type { EmailAdapter } from '../email.adapter.js';
import * as mailgun from './mailgun.rules.js';
import * as postmark from './postmark.rules.js';
import * as sendgrid from './sendgrid.rules.js';

/** How a provider posts the mails it has taken for us. Both functions are pure and total. */
type MailHook = { verify(raw: Raw, credentials: Record<string, unknown>): boolean; read(raw: Raw): WholeMail | Unreadable };

const HOOKS: Record<string, MailHook> = { postmark, sendgrid, mailgun };

/** A provider that takes mail for the brand and posts it to our webhook (MAIL-1). What it posts goes the way of all mail; answers leave by SMTP like everywhere. */
export class MailHookAdapter implements ChannelAdapter {
  readonly channel = 'email' as const;

  constructor(
    readonly provider: string,
    private readonly hook: MailHook,
    private readonly email: EmailAdapter,
  ) {}

  verify(raw: Raw, { credentials }: ConnectedChannel): boolean {
    return this.hook.verify(raw, credentials);
  }

  read(raw: Raw): Read[] {
    return [this.hook.read(raw)];
  }

  ack(): HttpReply {
    return { status: 200, contentType: 'text/plain', body: 'ok' };
  }

  send(message: Outbound, channel: ConnectedChannel): Promise<Receipt> {
    return this.email.send(message, channel);
  }
}

/** One for each provider. */
export const mailHooks = (email: EmailAdapter) => Object.entries(HOOKS).map(([provider, hook]) => new MailHookAdapter(provider, hook, email));
