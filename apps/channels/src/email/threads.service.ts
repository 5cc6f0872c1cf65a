import { Inject, Injectable } from '@nestjs/common';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { ENV } from '@parley/service/service';
import type { Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import type { ChannelsEnv } from '../channels.config.js';
import { hopsOf } from './automatic.rules.js';
import type { Mail } from './reading.rules.js';
import { clues, threadOf } from './threading.rules.js';
import { type KnownMail, type MailThread, ThreadsRepository } from './threads.repository.js';

/** Where a mail belongs. `reused`: another mail came under its Message-ID before (MAIL-8). */
export type Place = { thread: MailThread; reused: boolean };

@Injectable()
export class ThreadsService {
  constructor(
    private readonly threads: ThreadsRepository,
    private readonly secrets: Secrets,
    private readonly db: DataSource,
    @Inject(ENV) private readonly env: ChannelsEnv,
  ) {}

  /** The thread of a mail by MAIL-2, if it has one already. */
  async find(tx: Tx, mail: Mail, except?: string): Promise<string | null> {
    const ordered = clues({ ...mail, ownHeader: this.ownHeader(mail) });
    const known = await this.threads.known(tx, ordered);
    return threadOf(ordered, known.filter(({ threadId }) => threadId !== except));
  }

  /** The thread of a mail, begun here if there is none: mails of one new thread that arrive at the same moment end in one. */
  async place(tx: Tx, channel: ConnectedChannel, mail: Mail): Promise<Place> {
    const fresh = newId();
    await this.threads.claim(tx, fresh, [mail.messageId, ...mail.inReplyTo, ...mail.references.slice(-20)]);
    const known = await this.threads.mail(tx, mail.messageId);
    const again = standsIn(known, mail);
    const id = again ?? (await this.find(tx, mail, fresh)) ?? (known?.kind === 'mentioned' ? known.threadId : fresh);
    if (id !== fresh) await this.threads.join(tx, fresh, id);
    const thread = (await this.threads.thread(tx, id)) ?? (await this.open(tx, channel, mail.author.address, id));
    await this.threads.seen(tx, { messageId: mail.messageId, threadId: id, kind: 'customer', fingerprint: mail.fingerprint });
    if (hopsOf(mail.headers) !== thread.hops) await this.threads.hop(tx, id, hopsOf(mail.headers));
    return { thread, reused: again === null && known?.kind !== 'mentioned' };
  }

  /** A new thread of this customer. */
  async open(tx: Tx, channel: ConnectedChannel, customer: string | null, id = newId()): Promise<MailThread> {
    const thread = { id, channelId: channel.id, customer, hops: 0 };
    await this.threads.create(tx, thread, this.tokenOf(id, channel.id));
    return thread;
  }

  /** A mail that nobody could read yet belongs here, unless its own clues lead elsewhere. */
  async expect(tx: Tx, thread: MailThread, messageId: string) {
    await this.threads.claim(tx, thread.id, [messageId]);
  }

  /** The marks of a message of ours (`parley.<id>.<mac>@…`: nobody else can make one up), the same at every attempt, and the thread's mails so far. Remembers the message as ours. */
  async prepare(tx: Tx, channel: ConnectedChannel, threadId: string | null, messageId: string) {
    const id = `parley.${messageId}.${this.secrets.mac('mail-id', messageId)}@${this.env.PARLEY_INBOUND_DOMAIN}`;
    const loopMark = this.secrets.mac('mail-loop', this.env.PARLEY_INBOUND_DOMAIN);
    if (!threadId) return { messageId: id, token: null, threadMark: null, loopMark, hops: 0, chain: [] };
    const chain = (await this.threads.chain(tx, threadId)).filter((mail) => mail.messageId !== id);
    await this.threads.seen(tx, { messageId: id, threadId, kind: 'ours', fingerprint: null });
    const thread = await this.threads.thread(tx, threadId);
    const home = thread?.channelId ?? channel.id;
    return { messageId: id, loopMark, hops: thread?.hops ?? 0, token: this.tokenOf(threadId, home), threadMark: `${threadId}.${this.secrets.mac('mail-thread', threadId)}`, chain };
  }

  /** Does it bear the mark of an automatic mail of ours? */
  isOurLoop(mail: Mail): boolean {
    const [, mac] = /^\s*([a-z2-7]{26})\s*(?:;|$)/i.exec(mail.headers.get('x-parley-loop') ?? '') ?? [];
    return mac !== undefined && this.secrets.verifyMac(mac.toLowerCase(), 'mail-loop', this.env.PARLEY_INBOUND_DOMAIN);
  }

  /** The id of our message behind a Message-ID of ours. Null: not ours, or forged. */
  ourMessage(mailId: string): string | null {
    const [, id, mac] = /^parley\.([0-9a-f-]{36})\.([a-z2-7]{26})@/i.exec(mailId) ?? [];
    return id && mac && this.secrets.verifyMac(mac.toLowerCase(), 'mail-id', id) ? id : null;
  }

  /** A reply token tells the account before anything else is known of a mail. */
  async channelOfToken(token: string): Promise<{ account: string; channelId: string } | null> {
    const [found] = (await this.db.query('SELECT account_id AS account, channel_id AS "channelId" FROM mail_token WHERE token = $1', [token])) as { account: string; channelId: string }[];
    return found ?? null;
  }


  /** Of security.md 10: for this thread and channel alone, 128 bit, in letters that survive any mail server. */
  private tokenOf(threadId: string, channelId: string): string {
    return this.secrets.mac('mail-token', threadId, channelId);
  }

  private ownHeader(mail: Mail): string | null {
    const [, id, mac] = /^\s*([0-9a-f-]{36})\.([a-z2-7]{26})\s*$/i.exec(mail.headers.get('x-parley-thread') ?? '') ?? [];
    return id && mac && this.secrets.verifyMac(mac.toLowerCase(), 'mail-thread', id) ? id : null;
  }
}

/** The thread in which this very mail stands already. A mail that is only mentioned there has been overtaken by an answer to it. */
const standsIn = (known: KnownMail | null, mail: Mail): string | null => (known?.fingerprint?.equals(mail.fingerprint) ? known.threadId : null);
