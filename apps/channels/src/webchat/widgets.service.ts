import { Injectable } from '@nestjs/common';
import type { Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { webchat } from '@parley/contracts/webchat';
import { system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import { ChannelsService } from '../channel/channels.service.js';
import { ChatLinksService } from './chat-links.service.js';
import { BrandRepository } from './brand.repository.js';
import { FaqsService } from './faqs.service.js';
import { mayUse } from './identity.rules.js';
import { IdentityService } from './identity.service.js';
import { inLanguage } from './languages.rules.js';
import { OfficeHoursService } from './office-hours.service.js';

type Settings = { visibility: 'all' | 'signed_in'; welcome: string | Record<string, string> | null };

/** What stands on the brand's pages before anybody writes. */
@Injectable()
export class WidgetsService {
  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsService,
    private readonly identity: IdentityService,
    private readonly links: ChatLinksService,
    private readonly brands: BrandRepository,
    private readonly faqs: FaqsService,
    private readonly hours: OfficeHoursService,
  ) {}

  /** CHAT-1, CHAT-3, CHAT-4, CHAT-5, CHAT-9. The name is the channel's until the account is known here. */
  async config({ widgetKey, origin, locale, identity, chatLink }: Input<typeof webchat.config>): Promise<Output<typeof webchat.config>> {
    const channel = await this.find(widgetKey, origin);
    const { enabled, settings } = channel as ConnectedChannel & { settings: Settings };
    if (identity !== undefined) await this.identity.verify(channel, identity);
    return within(this.db, system(channel.account), async (tx) => {
      const chat = chatLink === undefined ? null : await this.links.follow(tx, channel, chatLink);
      const signedIn = identity !== undefined || chat !== null;
      if (settings.visibility === 'signed_in' && !signedIn) return { visible: false, enabled, visibility: settings.visibility };
      const shown = await this.shown(tx, channel, settings, locale);
      return { visible: true, enabled, visibility: settings.visibility, signedIn, chat: chat && { sessionId: chat.id, open: chat.open }, ...shown };
    });
  }

  /** For a page that asks before it asks. @throws ContractError WIDGET_NOT_FOUND */
  async admits({ widgetKey, origin }: Input<typeof webchat.admits>): Promise<Output<typeof webchat.admits>> {
    const channel = await this.channels.byWidgetKey(widgetKey);
    if (!channel?.enabled) throw new ContractError('WIDGET_NOT_FOUND', 'No such widget, or it is switched off');
    return { allowed: isAllowed(channel, origin) };
  }

  /** The channel of a session whose page is of this origin; null: it is switched off. @throws ContractError ORIGIN_NOT_ALLOWED */
  async of(account: string, channelId: string, origin: string | undefined): Promise<ConnectedChannel | null> {
    const channel = await this.channels.byId(account, channelId);
    if (channel && !isAllowed(channel, origin)) throw new ContractError('ORIGIN_NOT_ALLOWED', `${origin} may not use this widget`);
    return channel?.enabled ? channel : null;
  }

  /** A widget that a page of this origin may use. @throws ContractError WIDGET_NOT_FOUND, ORIGIN_NOT_ALLOWED */
  async find(key: string, origin: string | undefined): Promise<ConnectedChannel> {
    const channel = await this.channels.byWidgetKey(key);
    if (!channel?.enabled) throw new ContractError('WIDGET_NOT_FOUND', 'No such widget, or it is switched off');
    if (!isAllowed(channel, origin)) throw new ContractError('ORIGIN_NOT_ALLOWED', `${origin} may not use this widget`);
    return channel;
  }

  private async shown(tx: Tx, { id, name }: ConnectedChannel, { welcome }: Settings, locale: string | undefined) {
    const brand = (await this.brands.find(tx)) ?? { ...NO_BRAND, name };
    const wanted = [locale, brand.locale];
    return {
      ...brand,
      welcome: welcome === null || typeof welcome === 'string' ? welcome : inLanguage(welcome, wanted),
      faqs: await this.faqs.published(tx, id, wanted),
      officeHours: await this.hours.state(tx, id),
    };
  }
}

const isAllowed = ({ settings }: ConnectedChannel, origin: string | undefined) => mayUse(settings.allowedOrigins as string[], origin);
const NO_BRAND = { locale: 'en', logoUrl: null, brandColor: null, accentColor: null, privacyUrl: null, termsUrl: null };
