import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { chatSetup } from '@parley/contracts/chat-setup';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import { isOpen, nextOpening } from '@parley/service/office-hours';
import { announce, type Tx } from '@parley/service/tx';
import { BrandRepository } from './brand.repository.js';
import type { Chat } from './chats.repository.js';
import { inLanguage } from './languages.rules.js';
import { SetupService, type Standing } from './setup.service.js';

/** Where the account's own is not known yet. */
const UTC = 'UTC';

/** When a web chat is looked after, and what new requests are told of it (CHAT-9). */
@Injectable()
export class OfficeHoursService {
  constructor(
    private readonly setup: SetupService,
    private readonly brands: BrandRepository,
  ) {}

  get({ id }: Input<typeof chatSetup.officeHours>, by: Actor) {
    return this.setup.show(by, id, 'hours', this.show);
  }

  replace({ id, ifMatch, ...wish }: Input<typeof chatSetup.setOfficeHours>, by: Actor) {
    return this.setup.replace(by, { id, ifMatch }, 'hours', () => wish, this.show);
  }

  /** Whether somebody is there at the transaction's time, and when next; null where no hours are set. */
  async state(tx: Tx, channelId: string) {
    const { open, nextOpening: next } = await this.show(tx, channelId, await this.setup.read(tx, channelId, 'hours'));
    return open === null ? null : { open, nextOpening: next };
  }

  /** Tells a new request what held when it came, by way of its ticket: once, as a chat opens one ticket and facts are heard once. */
  async tell(tx: Tx, chat: Chat, { ticketId, cameAt }: { ticketId: string; cameAt: Date }) {
    const { value } = await this.setup.read(tx, chat.channelId, 'hours');
    const brand = await this.brands.find(tx);
    if (!value.hours) return;
    const when = isOpen(value.hours, cameAt, brand?.timezone ?? UTC) ? 'during' : 'outside';
    const texts = value[when];
    if (!texts) return;
    announce(tx, channelEvents.chatTextDue, {
      key: ticketId, ticket: ticketId, actor: { type: 'automation', id: null },
      data: { ticketId, sessionId: chat.id, channelId: chat.channelId, when, text: inLanguage(texts, [chat.locale, brand?.locale]) },
    });
  }

  private readonly show = async (tx: Tx, channelId: string, { value, version }: Standing<'hours'>): Promise<Output<typeof chatSetup.officeHours>> => {
    const timezone = (await this.brands.find(tx))?.timezone ?? UTC;
    const next = value.hours && nextOpening(value.hours, tx.at, timezone);
    return { channelId, ...value, timezone, open: value.hours && isOpen(value.hours, tx.at, timezone), nextOpening: next?.toISOString() ?? null, version };
  };
}
