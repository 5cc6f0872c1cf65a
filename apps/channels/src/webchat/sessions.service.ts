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
import { ChatLinksService } from './chat-links.service.js';
import { type Chat, ChatsRepository } from './chats.repository.js';
import { FaqsService } from './faqs.service.js';
import type { Visitor } from './identity.rules.js';
import { IdentityService, type Proof } from './identity.service.js';
import { ProofsRepository } from './proofs.repository.js';
import { TokensRepository } from './tokens.repository.js';
import { UploadsRepository } from './uploads.repository.js';
import { WidgetsService } from './widgets.service.js';

/** Chats of visitors: who begins one, and whose token is whose. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly db: DataSource,
    private readonly widgets: WidgetsService,
    private readonly identity: IdentityService,
    private readonly links: ChatLinksService,
    private readonly proofs: ProofsRepository,
    private readonly chats: ChatsRepository,
    private readonly tokens: TokensRepository,
    private readonly faqs: FaqsService,
    private readonly uploads: UploadsRepository,
  ) {}

  /** Begins a chat, or returns to the living one, of the visitor whom the brand's signature proves (CHAT-2); or opens the chat of a link. Each call gives a token of its own. */
  async start({ widgetKey, identityToken, chatLink, origin, locale, faqsRead }: Input<typeof webchat.start>): Promise<Output<typeof webchat.start>> {
    const channel = await this.widgets.find(widgetKey, origin);
    const proof = identityToken === undefined ? null : await this.identity.verify(channel, identityToken);
    const sessionToken = randomBytes(32).toString('base64url');
    const chat = await within(this.db, { ...system(channel.account), type: 'customer' }, async (tx) => {
      const opened = proof ? await this.proven(tx, channel, proof, locale ?? null) : await this.linked(tx, channel, chatLink ?? '');
      await this.faqs.note(tx, opened, faqsRead);
      const recent = await this.chats.keepToken(tx, hashOf(sessionToken), opened.id);
      if (recent > STARTS_PER_MINUTE) throw new ContractError('RATE_LIMITED', 'This visitor has started very often', { retryAfterSeconds: 60 });
      return opened;
    });
    return { sessionToken, sessionId: chat.id, profile: { externalId: chat.visitor, name: chat.name, email: chat.email }, ticket: chat.ticketId ? { id: chat.ticketId } : null };
  }

  /** @throws ContractError SESSION_REVOKED, also where the channel is switched off; ORIGIN_NOT_ALLOWED */
  async authenticate({ sessionToken, origin }: Input<typeof webchat.authenticate>): Promise<Output<typeof webchat.authenticate>> {
    const owner = await this.tokens.owner(hashOf(sessionToken));
    const chat = owner && (await within(this.db, system(owner.account), (tx) => this.chats.find(tx, owner.sessionId)));
    if (!owner || !chat || !(await this.widgets.of(owner.account, chat.channelId, origin))) throw new ContractError('SESSION_REVOKED', 'No such session');
    return { account: owner.account, sessionId: chat.id, open: chat.open };
  }

  private async proven(tx: Tx, channel: ConnectedChannel, { visitor, once, until }: Proof, locale: string | null): Promise<Chat> {
    if (once !== null && !(await this.proofs.use(tx, channel.id, once, until))) throw new ContractError('IDENTITY_TOKEN_USED', 'The identity token was used before');
    return this.living(tx, channel, { ...visitor, locale });
  }

  private async linked(tx: Tx, channel: ConnectedChannel, link: string): Promise<Chat> {
    const chat = await this.links.follow(tx, channel, link);
    if (!chat.open) throw new ContractError('CHAT_CLOSED', 'The chat has ended');
    return chat;
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
    await this.uploads.handOver(tx, chat.id, next.id);
    return next;
  }
}

/** Of one visitor; whoever reloads a page does so less often. */
const STARTS_PER_MINUTE = 30;

/** Tokens are 256 random bits, so a plain hash keeps them (security.md 18). */
const hashOf = (token: string) => createHash('sha256').update(token).digest();

