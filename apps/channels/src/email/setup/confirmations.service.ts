import { Injectable } from '@nestjs/common';
import type { Actor, Input } from '@parley/contracts/contract';
import type { mailSetup } from '@parley/contracts/mail-setup';
import { type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../../adapter.js';
import { ChannelsService } from '../../channel/channels.service.js';
import type { Mail } from '../reading.rules.js';
import { SendersRepository } from './senders.repository.js';
import { confirmationIn } from './setup-mail.rules.js';

/** What mail servers ask before they forward to us: shown to whoever sets the channel up, never followed by us (MAIL-4). */
@Injectable()
export class ConfirmationsService {
  constructor(
    private readonly db: DataSource,
    private readonly senders: SendersRepository,
    private readonly channels: ChannelsService,
  ) {}

  /** True: it was one, and is kept for the admins, once for these bytes. */
  async take(tx: Tx, channel: ConnectedChannel, rawId: string, mail: Mail): Promise<boolean> {
    const found = confirmationIn(mail);
    if (found) await this.senders.confirmation(tx, channel.id, { id: rawId, from: mail.author.address ?? '', subject: mail.subject, ...found });
    return found !== null;
  }

  list({ id }: Input<typeof mailSetup.confirmations>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.channels.demand(tx, id);
      return { items: (await this.senders.confirmations(tx, id)).map(({ receivedAt, ...one }) => ({ ...one, receivedAt: receivedAt.toISOString() })) };
    });
  }
}
