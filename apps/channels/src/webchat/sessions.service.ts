import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { webchat } from '@parley/contracts/webchat';
import { newId, partitionOf } from '@parley/service/ids';
import { system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import { ChannelsService } from '../channel/channels.service.js';
import { conversationKey } from '../inbound/conversation.rules.js';
import { BrandRepository } from './brand.repository.js';
import { type Chat, ChatsRepository } from './chats.repository.js';
import { mayUse, type Visitor } from './identity.rules.js';
import { IdentityService } from './identity.service.js';
import { TokensRepository } from './tokens.repository.js';

/** Chats of visitors: who begins one, and whose token is whose. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsService,
    private readonly identity: IdentityService,
    private readonly chats: ChatsRepository,
    private readonly tokens: TokensRepository,
    private readonly brands: BrandRepository,
  ) {}

  /** What the widget shows. `name` is the channel's until the account is known here. */
  async config({ widgetKey, origin }: Input<typeof webchat.config>): Promise<Output<typeof webchat.config>> {
    const channel = await this.widget(widgetKey, origin);
    const { visibility, welcome } = channel.settings as { visibility: 'all' | 'signed_in'; welcome: string | null };
    const brand = await within(this.db, system(channel.account), (tx) => this.brands.find(tx));
    return { enabled: channel.enabled, visibility, welcome, ...(brand ?? { ...NO_BRAND, name: channel.name }) };
  }

  /** Begins a chat, or returns to the living one, of the visitor whom the brand's signature proves (CHAT-2). Each call gives a token of its own. */
  async start({ widgetKey, identityToken, origin }: Input<typeof webchat.start>): Promise<Output<typeof webchat.start>> {
    const channel = await this.widget(widgetKey, origin);
    const visitor = await this.identity.verify(channel, identityToken);
    const sessionToken = randomBytes(32).toString('base64url');
    const chat = await within(this.db, { ...system(channel.account), type: 'customer' }, async (tx) => {
      const living = await this.living(tx, channel, visitor);
      await this.chats.keepToken(tx, hashOf(sessionToken), living.id);
      return living;
    });
    return { sessionToken, sessionId: chat.id, profile: { externalId: visitor.id, name: visitor.name, email: visitor.email }, ticket: chat.ticketId ? { id: chat.ticketId } : null };
  }

  /** @throws ContractError SESSION_REVOKED */
  async authenticate({ sessionToken }: Input<typeof webchat.authenticate>): Promise<Output<typeof webchat.authenticate>> {
    const owner = await this.tokens.owner(hashOf(sessionToken));
    const chat = owner && (await within(this.db, system(owner.account), (tx) => this.chats.find(tx, owner.sessionId)));
    if (!owner || !chat) throw new ContractError('SESSION_REVOKED', 'No such session');
    return { account: owner.account, sessionId: chat.id, open: chat.open };
  }

  /** The visitor's living chat, locked; begun if there is none. */
  living(tx: Tx, channel: Pick<ConnectedChannel, 'id' | 'type'>, visitor: Visitor): Promise<Chat> {
    const id = newId();
    const partition = partitionOf(tx.by.account, conversationKey(channel, { from: [], sessionId: id }));
    return this.chats.living(tx, { id, channelId: channel.id, partition }, visitor);
  }

  /** The living chat after one that the brand closed; whoever held the old one's token is in the new one. */
  async successor(tx: Tx, chat: Chat): Promise<Chat> {
    const next = await this.living(tx, { id: chat.channelId, type: 'webchat' }, { id: chat.visitor, name: chat.name, email: chat.email });
    await this.chats.handOver(tx, chat.id, next.id);
    return next;
  }

  private async widget(key: string, origin: string | undefined): Promise<ConnectedChannel> {
    const channel = await this.channels.byWidgetKey(key);
    if (!channel?.enabled) throw new ContractError('WIDGET_NOT_FOUND', 'No such widget, or it is switched off');
    if (!mayUse(channel.settings.allowedOrigins as string[], origin)) throw new ContractError('ORIGIN_NOT_ALLOWED', `${origin} may not use this widget`);
    return channel;
  }
}

const NO_BRAND = { locale: 'en', logoUrl: null, brandColor: null, accentColor: null, privacyUrl: null, termsUrl: null };

/** Tokens are 256 random bits, so a plain hash keeps them (security.md 18). */
const hashOf = (token: string) => createHash('sha256').update(token).digest();

