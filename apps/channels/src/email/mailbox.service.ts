import { createHash } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { newId } from '@parley/service/ids';
import { errorFields, logger } from '@parley/service/logging';
import { actingAs, isInfrastructure, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel, Raw } from '../adapter.js';
import { ChannelsService } from '../channel/channels.service.js';
import { storable } from '../inbound/content.rules.js';
import { IntakeService } from '../inbound/intake.service.js';
import { ShelfService } from '../quarantine/shelf.service.js';
import { IncomingService } from './incoming.service.js';
import { MailReaderService, UnreadableMail } from './mail-reader.service.js';
import { MailboxRepository, type Waiting } from './mailbox.repository.js';
import { glance, mailOf, type ParsedMail } from './reading.rules.js';
import { unpacked } from './unpacking.rules.js';

/** One mail for one mailbox, as SMTP brought it. */
export type Arrived = { channel: ConnectedChannel; sender: string; recipient: string; raw: Buffer };

const POLL_MS = 1_000;
const AT_ONCE = 8;
const MAX_STARTS = 3;
/** A mail of which not even a note can be filed by then must not hold up those behind it. */
const LAST_START = 2 * MAX_STARTS;

/** Keeps mail before it is answered, then reads it: from a queue, so that no mail waits for another and none is lost (MAIL-6). */
@Injectable()
export class MailboxService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;
  private closed = false;

  constructor(
    private readonly db: DataSource,
    private readonly mailbox: MailboxRepository,
    private readonly reader: MailReaderService,
    private readonly incoming: IncomingService,
    private readonly intake: IntakeService,
    private readonly channels: ChannelsService,
    private readonly shelf: ShelfService,
  ) {}

  onApplicationBootstrap() {
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.wake();
  }

  /** Between the door, which is closed before, and the reader, which is needed until here. */
  async beforeApplicationShutdown() {
    this.closed = true;
    if (this.timer) clearInterval(this.timer);
    await this.running;
  }

  /** The bytes are committed when this resolves: only then may the sender be told 250. */
  async keep({ channel, sender, recipient, raw }: Arrived): Promise<void> {
    await within(this.db, system(channel.account), (tx) => this.keepIn(tx, { channel, sender, recipient, raw, via: 'SMTP' }));
  }

  /** The same in the transaction of whoever took the mail. `once`: a mail that the provider hands over again under the same mark is a duplicate, whatever is in it. */
  async keepIn(tx: Tx, { channel, sender, recipient, raw, via, once = null }: Arrived & { via: string; once?: string | null }): Promise<void> {
    const rawId = newId();
    if (once && !(await this.mailbox.isFirst(tx, channel.id, storable(once)))) return this.intake.setAside(tx, [{ channel, rawId: null, outcome: 'duplicate', reason: 'handed over again' }]);
    const headers = { sender, recipient };
    await this.intake.keep(tx, [{ id: rawId, channel, raw: { method: via, url: '', headers, body: raw, receivedAt: tx.at }, items: 1 }]);
    await this.mailbox.put(tx, rawId, channel.id, laneOf(channel, raw, sender));
    tx.after(() => this.wake());
  }

  /** Once more from the beginning, as a person asked (MAIL-6). */
  async readAgain(tx: Tx, channel: ConnectedChannel, { id, headers, body }: Pick<Raw, 'headers' | 'body'> & { id: string }): Promise<void> {
    await this.mailbox.put(tx, id, channel.id, laneOf(channel, body, headers['sender'] ?? ''));
    tx.after(() => this.wake());
  }

  /** Reads what waits, until nothing does. */
  wake() {
    this.again = true;
    if (this.closed) return;
    this.running ??= this.drain().finally(() => {
      this.running = null;
      if (this.again) this.wake();
    });
  }

  private async drain() {
    while (this.again && !this.closed) {
      this.again = false;
      const waiting = await this.mailbox.claim(AT_ONCE).catch((error: unknown) => {
        logger.warn(errorFields(error), 'mail cannot be claimed');
        return [];
      });
      if (waiting.length > 0) this.again = true;
      await Promise.all(waiting.map((one) => this.read(one)));
    }
  }

  private async read(waiting: Waiting) {
    try {
      await this.readOnce(waiting);
    } catch (error) {
      const counted = !isInfrastructure(error);
      logger.warn({ ...errorFields(error), rawId: waiting.rawId, starts: waiting.starts, counted }, 'mail not read');
      await this.mailbox.giveBack(waiting, waiting.starts, counted).catch(() => undefined);
    }
  }

  private async readOnce(waiting: Waiting) {
    const by = system(waiting.account);
    const kept = await within(this.db, by, (tx) => this.mailbox.bytes(tx, waiting.rawId));
    const channel = await this.channels.byId(waiting.account, waiting.channelId);
    const told = waiting.starts > MAX_STARTS ? { reason: `${MAX_STARTS} attempts did not come to an end` } : await this.parse(kept.body);
    await within(this.db, by, async (now) => {
      if (!(await this.mailbox.finish(now, waiting))) return;
      // A mail was received when it was kept, however long it waited to be read.
      const tx = actingAs(now, { at: kept.receivedAt });
      if (!channel) return this.putAside(tx, waiting, 'the channel was disconnected');
      if (waiting.starts > LAST_START) return this.putAside(tx, waiting, 'it could be neither read nor filed');
      if ('reason' in told) return this.incoming.quarantine(tx, channel, waiting.rawId, { ...told, ...glance(kept.body, kept.sender) }, kept.receivedAt);
      await this.incoming.file(tx, channel, waiting.rawId, unpacked(mailOf(told, kept, kept.receivedAt)));
    });
  }

  /** Only its bytes and its line in the books are left: nothing that is in it can be at fault any more. */
  private async putAside(tx: Tx, { channelId, rawId }: Waiting, reason: string): Promise<void> {
    if (await this.shelf.putBack(tx, rawId, reason)) return;
    await this.intake.setAside(tx, [{ channel: { id: channelId }, rawId, outcome: 'quarantined', reason }]);
  }

  /** A mail that breaks a limit is quarantined at once; one that took too long is tried again, it may have been the machine. */
  private async parse(raw: Buffer): Promise<ParsedMail | { reason: string }> {
    try {
      return await this.reader.read(raw);
    } catch (error) {
      if (error instanceof UnreadableMail) return { reason: error.message };
      throw error;
    }
  }
}

/** Mails of one sender to one channel are read in the order they came. */
const laneOf = (channel: ConnectedChannel, raw: Buffer, sender: string) => createHash('sha256').update(`${channel.id} ${glance(raw, sender).sender}`).digest();
