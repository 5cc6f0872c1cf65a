import { type ImapFaults, ImapServer } from '@parley/service/testing/imap-server';
import type { World } from './twilio.js';

/** Who reads the pretended mailbox; the password is that of all pretended accounts. */
export const MAILBOX_USER = 'mailbox';

/** A mailbox at somebody's mail server, to be read over IMAP without encryption. What `deliver` puts there is told to whoever waits. */
export async function startMailbox(port: number, host: string, { faults, authToken }: World) {
  const trouble: ImapFaults = {
    get refuseLogin() { return faults.imapRefusesLogin; },
    get frozen() { return faults.imapFrozen; },
    get delayMs() { return faults.imapLatencyMs; },
    cutAtFetch: 0,
  };
  const server = await new ImapServer({ user: MAILBOX_USER, password: authToken }, trouble).start(port, host);
  return { url: `imap://${host}:${server.port}`, deliver: (raw: string) => server.deliver(raw), close: () => server.close() };
}
