import { Inject, Injectable } from '@nestjs/common';
import type { Actor, Input, Output } from '@parley/contracts/contract';
import type { Message, messages, Route } from '@parley/contracts/messages';
import { lengthOf, LINK_CODE_LENGTH, plainSpelling, shortLink, withLinks } from '@parley/contracts/sms';
import { ENV } from '@parley/service/service';
import { within, type Tx } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { MacrosService } from '../macros/macros.service.js';
import { SettingsService } from '../settings/settings.service.js';
import type { TicketEntity } from '../ticket/ticket.entity.js';
import { TicketsService, toTicket, warningsOf } from '../ticket/tickets.service.js';
import type { TicketsEnv } from '../tickets.config.js';

const DAY = 86_400_000;
const A_CODE = 'x'.repeat(LINK_CODE_LENGTH);

/** How answers leave by SMS: with short links (SMS-4), in how many segments (SMS-6), at what time of the recipient's day (SMS-7). */
@Injectable()
export class OutgoingTextsService {
  constructor(
    private readonly db: DataSource,
    private readonly tickets: TicketsService,
    private readonly macros: MacrosService,
    private readonly settings: SettingsService,
    @Inject(ENV) private readonly env: TicketsEnv,
  ) {}

  /** What a reply would be, before anybody sends it. Nothing changes. */
  preview({ id, text, macroId }: Input<typeof messages.preview>, by: Actor): Promise<Output<typeof messages.preview>> {
    return within(this.db, by, async (tx) => {
      const ticket = await this.tickets.find(tx, id);
      const written = macroId ? await this.macros.show(tx, ticket, await this.macros.checkUse(tx, macroId, text)) : (text ?? '');
      const { canReply } = toTicket(ticket, tx.at);
      if (ticket.channelType !== 'sms') return { text: written, length: null, plain: null, canReply };
      const plain = plainSpelling(written);
      return { text: written, length: await this.length(tx, written), plain: plain === null ? null : { text: plain, length: await this.length(tx, plain) }, canReply };
    });
  }

  /** Whether the links of this answer are to be shortened, and until when they lead on. Asks nobody where there is none. */
  async shortLinks(tx: Tx, ticket: TicketEntity, text: string): Promise<z.output<typeof Route>['shortLinks']> {
    if (ticket.channelType !== 'sms' || withLinks(text, () => '') === text) return null;
    const { shortenLinks, linkDays } = await this.settings.read(tx, 'sms');
    return shortenLinks ? { expireAt: new Date(tx.at.getTime() + linkDays * DAY).toISOString() } : null;
  }

  /** The answer with what whoever sent it should know. */
  async measured(tx: Tx, ticket: TicketEntity, message: Message): Promise<Message> {
    return ticket.channelType === 'sms' ? { ...message, length: await this.length(tx, message.text), warnings: warningsOf(ticket, tx.at) } : message;
  }

  private async length(tx: Tx, text: string) {
    const { shortenLinks } = await this.settings.read(tx, 'sms');
    return lengthOf(shortenLinks ? withLinks(text, () => shortLink(this.env.PARLEY_PUBLIC_URL, A_CODE)) : text);
  }
}
