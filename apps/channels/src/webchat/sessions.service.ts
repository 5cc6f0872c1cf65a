import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Input, Output } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { webchat } from '@parley/contracts/webchat';
import { newId, partitionOf } from '@parley/service/ids';
import { system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ConnectedChannel } from '../adapter.js';
import { conversationKey } from '../inbound/conversation.rules.js';
import { type Chat, ChatsRepository } from './chats.repository.js';
import { FaqsService } from './faqs.service.js';
import type { Visitor } from './identity.rules.js';
import { IdentityService } from './identity.service.js';
import { TokensRepository } from './tokens.repository.js';
import { WidgetsService } from './widgets.service.js';

/** Chats of visitors: who begins one, and whose token is whose. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly db: DataSource,
    private readonly widgets: WidgetsService,
    private readonly identity: IdentityService,
    private readonly chats: ChatsRepository,
    private readonly tokens: TokensRepository,
    private readonly faqs: FaqsService,
  ) {}

  /** Begins a chat, or returns to the living one, of the visitor whom the brand's signature proves (CHAT-2). Each call gives a token of its own. */
  async start({ widgetKey, identityToken, origin, locale, faqsRead }: Input<typeof webchat.start>): Promise<Output<typeof webchat.start>> {
    const channel = await this.widgets.find(widgetKey, origin);
    const visitor = await this.identity.verify(channel, identityToken);
    const sessionToken = randomBytes(32).toString('base64url');
    const chat = await within(this.db, { ...system(channel.account), type: 'customer' }, async (tx) => {
      const living = await this.living(tx, channel, { ...visitor, locale: locale ?? null });
      await this.faqs.note(tx, living, faqsRead);
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
  living(tx: Tx, channel: Pick<ConnectedChannel, 'id' | 'type'>, visitor: Visitor & { locale: string | null }): Promise<Chat> {
    const id = newId();
    const partition = partitionOf(tx.by.account, conversationKey(channel, { from: [], sessionId: id }));
    return this.chats.living(tx, { id, channelId: channel.id, partition }, visitor);
  }

  /** The living chat after one that the brand closed; whoever held the old one's token is in the new one. */
  async successor(tx: Tx, chat: Chat): Promise<Chat> {
    const next = await this.living(tx, { id: chat.channelId, type: 'webchat' }, { ...chat, id: chat.visitor });
    await this.chats.handOver(tx, chat.id, next.id);
    return next;
  }
}

/** Tokens are 256 random bits, so a plain hash keeps them (security.md 18). */
const hashOf = (token: string) => createHash('sha256').update(token).digest();

