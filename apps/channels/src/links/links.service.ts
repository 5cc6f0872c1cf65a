import { randomInt } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { Data } from '@parley/contracts/events';
import { linkEvents, type links } from '@parley/contracts/links';
import type { messageEvents } from '@parley/contracts/messages';
import { LINK_CODE, LINK_CODE_LENGTH, shortLink, withLinks } from '@parley/contracts/sms';
import { newId } from '@parley/service/ids';
import { ENV } from '@parley/service/service';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ChannelsEnv } from '../channels.config.js';
import { type LinkedMessage, LinksRepository } from './links.repository.js';
import { isVisit } from './visits.rules.js';

type Sent = Data<typeof messageEvents.sent>;

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Somebody who hammers at a link fills no timeline. */
const MOST_TOLD = 100;

/** Short links in texts (SMS-4): a code per message and address, which nobody can guess; where it leads is written here and never in the request. */
@Injectable()
export class LinksService {
  constructor(
    private readonly db: DataSource,
    private readonly links: LinksRepository,
    @Inject(ENV) private readonly env: ChannelsEnv,
  ) {}

  /** The answer as it leaves: decided once, when it is written into the outbox, so that every attempt sends the same words. */
  async shortened(tx: Tx, answer: Sent): Promise<Sent> {
    const { message, ticket, route } = answer;
    if (!route.shortLinks) return answer;
    const text = await this.shorten(tx, message.text, { messageId: message.id, channelId: route.channelId, ticketId: ticket.id, profileId: ticket.profile.id }, route.shortLinks.expireAt);
    return { ...answer, message: { ...message, text } };
  }

  /** @throws ContractError LINK_NOT_FOUND, LINK_EXPIRED */
  async open({ code, ...visit }: Input<typeof links.open>): Promise<Output<typeof links.open>> {
    const account = LINK_CODE.test(code) ? await this.links.owner(code) : null;
    if (!account) throw new ContractError('LINK_NOT_FOUND', 'No such link');
    return within(this.db, system(account), async (tx) => {
      const link = await this.links.find(tx, code);
      if (!link) throw new ContractError('LINK_NOT_FOUND', 'No such link');
      if (link.expireAt <= tx.at) throw new ContractError('LINK_EXPIRED', 'The link has expired');
      if (isVisit(visit) && (await this.links.visited(tx, code)) <= MOST_TOLD) {
        const { messageId, ticketId, profileId, channelId, url } = link;
        announce(tx, linkEvents.clicked, { key: profileId, data: { clickId: newId(), messageId, ticketId, profileId, channelId, url, clickedAt: tx.at.toISOString() } });
      }
      return { url: link.url };
    });
  }

  /** Links that expired so many days ago: up to a thousand; how many there were. */
  forget(tx: Tx, days: number): Promise<number> {
    return this.links.forget(tx, days);
  }

  private async shorten(tx: Tx, text: string, message: LinkedMessage, expireAt: string): Promise<string> {
    const urls = new Set<string>();
    withLinks(text, (url) => {
      if (!this.isOurs(url)) urls.add(new URL(url).href);
      return null;
    });
    if (!urls.size) return text;
    const codes = await this.links.keep(tx, message, [...urls].map((url) => ({ url, code: newCode() })), expireAt);
    return withLinks(text, (url) => {
      const code = codes.get(new URL(url).href);
      return code && !this.isOurs(url) ? shortLink(this.env.PARLEY_PUBLIC_URL, code) : null;
    });
  }

  private isOurs(url: string) {
    return url.startsWith(shortLink(this.env.PARLEY_PUBLIC_URL, ''));
  }
}

const newCode = () => Array.from({ length: LINK_CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
