import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { auditEvents } from '@parley/contracts/audit';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { MailSender, mailSetup } from '@parley/contracts/mail-setup';
import { recordChange } from '@parley/service/audit';
import { newId } from '@parley/service/ids';
import { Secrets } from '@parley/service/secrets';
import { type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../../adapter.js';
import { ChannelsService } from '../../channel/channels.service.js';
import { DeliveriesService } from '../../outbound/deliveries.service.js';
import { canonical } from '../address.rules.js';
import { type SenderRow, SendersRepository } from './senders.repository.js';

const MOST = 20;
/** Between two codes to one address: nobody's mailbox is filled by us. */
const PAUSE_MS = 60_000;
const GOOD_FOR_MS = 86_400_000;
const MOST_TRIES = 5;

/** From which addresses an e-mail channel may write: only from those whose mail somebody of the brand reads, as a code shows. */
@Injectable()
export class SendersService {
  constructor(
    private readonly db: DataSource,
    private readonly senders: SendersRepository,
    private readonly channels: ChannelsService,
    private readonly deliveries: DeliveriesService,
    private readonly secrets: Secrets,
  ) {}

  list({ id }: Input<typeof mailSetup.senders>, by: Actor) {
    return within(this.db, by, async (tx) => {
      await this.channels.demand(tx, id);
      return { items: (await this.senders.all(tx, id)).map(toSender) };
    });
  }

  async add({ id, address }: Input<typeof mailSetup.addSender>, by: Actor) {
    const channel = await this.channels.byId(by.account, id);
    if (channel?.type !== 'email') throw new ContractError('CHANNEL_NOT_FOUND', `No e-mail channel ${id}`);
    return within(this.db, by, async (tx) => {
      await this.senders.alone(tx, id);
      const all = await this.senders.all(tx, id);
      const known = all.find((one) => one.address === canonical(address));
      if (known?.verifiedAt) return toSender(known);
      if (!known && all.length >= MOST) throw new ContractError('TOO_MANY', `A channel has ${MOST} senders at most`);
      if (known && tx.at.getTime() - known.askedAt.getTime() < PAUSE_MS) throw new ContractError('RATE_LIMITED', 'A code was mailed a moment ago', { retryAfterSeconds: 60 });
      return this.ask(tx, channel, known?.id ?? newId(), canonical(address));
    }, async (tx, senderId) => toSender(await this.demand(tx, id, senderId)));
  }

  /** A wrong code is counted, whatever else the transaction does: it is refused after the commit. */
  async verify({ id, senderId, code }: Input<typeof mailSetup.verifySender>, by: Actor) {
    const settled = await within(this.db, by, async (tx) => {
      const row = await this.demand(tx, id, senderId);
      if (row.verifiedAt) return row;
      const isOver = row.tries >= MOST_TRIES || tx.at.getTime() - row.askedAt.getTime() > GOOD_FOR_MS;
      const isRight = !isOver && this.secrets.verifyMac(row.code, 'mail-sender', senderId, code);
      const now = { ...row, tries: row.tries + 1, verifiedAt: isRight ? tx.at : null };
      await this.senders.save(tx, id, now);
      if (isRight) recordChange(tx, auditEvents.channels, { action: 'mail_sender.verified', resource: `channel/${id}`, after: { sender: row.address } });
      return now;
    });
    if (!settled.verifiedAt) throw new ContractError('CODE_WRONG', settled.tries >= MOST_TRIES ? 'Have another one mailed' : 'Look into the newest mail');
    return toSender(settled);
  }

  remove({ id, senderId }: Input<typeof mailSetup.removeSender>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const row = await this.demand(tx, id, senderId);
      await this.senders.remove(tx, senderId);
      recordChange(tx, auditEvents.channels, { action: 'mail_sender.removed', resource: `channel/${id}`, before: { sender: row.address } });
      return toSender(row);
    });
  }

  /** Where an answer leaves from: the verified address that the customer wrote to, the channel's own where it is verified, else its generated one. */
  async from(tx: Tx, channel: ConnectedChannel, threadId: string | null): Promise<string> {
    const own = canonical(channel.address ?? '');
    return (await this.senders.from(tx, threadId, channel.id, own)) ?? channel.forwardingAddress ?? own;
  }

  /** A customer's mail came to these addresses. */
  async wroteTo(tx: Tx, threadId: string, channel: ConnectedChannel, recipients: readonly string[]) {
    await this.senders.writtenTo(tx, threadId, channel.id, recipients);
  }

  /** Mail from these is the brand's own. Canonical. */
  async addresses(tx: Tx, channel: ConnectedChannel): Promise<string[]> {
    const verified = (await this.senders.all(tx, channel.id)).filter(({ verifiedAt }) => verifiedAt).map(({ address }) => address);
    return [...[channel.address, channel.forwardingAddress].flatMap((address) => (address ? [canonical(address)] : [])), ...verified];
  }

  private async ask(tx: Tx, channel: ConnectedChannel, id: string, address: string): Promise<MailSender> {
    const code = String(randomInt(100_000_000)).padStart(8, '0');
    const row: SenderRow = { id, address, code: this.secrets.mac('mail-sender', id, code), tries: 0, askedAt: tx.at, verifiedAt: null };
    await this.senders.save(tx, channel.id, row);
    await this.deliveries.answerAlone(tx, channel, { to: { type: 'email', value: address, verified: false }, subject: `${code} is your code`, text: WORDS(code), inboundId: newId() });
    recordChange(tx, auditEvents.channels, { action: 'mail_sender.asked', resource: `channel/${channel.id}`, after: { sender: address } });
    return toSender(row);
  }

  private async demand(tx: Tx, channelId: string, id: string): Promise<SenderRow> {
    const row = await this.senders.lock(tx, channelId, id);
    if (!row) throw new ContractError('SENDER_NOT_FOUND', `No sender ${id} of this channel`);
    return row;
  }
}

/** Nothing in it is anybody's words: it may reach a stranger. */
const WORDS = (code: string) => `Somebody wants to answer customers from this address, with Parley.\n\nIf that is you, enter this code within a day: ${code}\n\nIf not, do nothing: without the code no mail leaves from your address.`;

const toSender = ({ id, address, askedAt, verifiedAt }: SenderRow): MailSender => ({ id, address, verified: verifiedAt !== null, askedAt: askedAt.toISOString(), verifiedAt: verifiedAt?.toISOString() ?? null });
