import { Injectable } from '@nestjs/common';
import { ContractError } from '@parley/contracts/errors';
import { Secrets } from '@parley/service/secrets';
import type { Tx } from '@parley/service/tx';
import type { ConnectedChannel } from '../adapter.js';
import { contentOf, halves, PURPOSE } from './chat-link.rules.js';
import { type Chat, ChatsRepository } from './chats.repository.js';

/** Links of follow-up e-mails (TIME-2): whoever holds one reads the visitor's mail, and may go on with that chat. */
@Injectable()
export class ChatLinksService {
  constructor(
    private readonly secrets: Secrets,
    private readonly chats: ChatsRepository,
  ) {}

  /** The chat that a link leads to, open or not, by the account's time. @throws ContractError CHAT_LINK_INVALID, CHAT_LINK_EXPIRED */
  async follow(tx: Tx, { id, account }: ConnectedChannel, link: string): Promise<Chat> {
    const parts = halves(link);
    const content = parts && this.secrets.verifyMac(parts.mac, PURPOSE, parts.payload) ? contentOf(parts.payload) : null;
    const chat = content?.account === account ? await this.chats.find(tx, content.session) : null;
    if (!content || chat?.channelId !== id) throw new ContractError('CHAT_LINK_INVALID', 'The link is not one of this widget, or was changed');
    if (content.exp * 1000 <= tx.at.getTime()) throw new ContractError('CHAT_LINK_EXPIRED', 'The link has expired');
    return chat;
  }
}
