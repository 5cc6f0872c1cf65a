import { Inject, Injectable } from '@nestjs/common';
import { LINK_SECONDS } from '@parley/contracts/attachments';
import type { Attachment } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import type { ChatMessage, webchat } from '@parley/contracts/webchat';
import { FileLinks } from '@parley/service/links';
import { ENV } from '@parley/service/service';
import { within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import type { ChannelsEnv } from '../channels.config.js';
import { ChatsRepository } from './chats.repository.js';
import { ThreadRepository, type ThreadMessage } from './thread.repository.js';
import { UploadsRepository } from './uploads.repository.js';

/** Files in chats: the visitor gets links that work for minutes, for this chat and while it is open (CHAT-7). */
@Injectable()
export class ChatFilesService {
  private readonly links: FileLinks;

  constructor(
    private readonly db: DataSource,
    private readonly chats: ChatsRepository,
    private readonly thread: ThreadRepository,
    private readonly uploads: UploadsRepository,
    @Inject(ENV) private readonly env: ChannelsEnv,
  ) {
    this.links = new FileLinks(env.PARLEY_SECRET_KEY);
  }

  /** The messages as the visitor sees them now, with fresh links. */
  linked(account: string, sessionId: string, messages: ThreadMessage[]): Promise<ChatMessage[]> {
    const link = async ({ id, name, contentType, sizeBytes }: Attachment) => {
      const { token } = await this.links.make({ file: id, account, kind: 'chat', holder: sessionId }, LINK_SECONDS);
      return { id, name, contentType, sizeBytes, url: `${this.env.PARLEY_PUBLIC_URL}/v1/webchat/attachments/${id}?token=${token}` };
    };
    return Promise.all(messages.map(async ({ attachments, ...message }) => ({ ...message, attachments: await Promise.all(attachments.map(link)) })));
  }

  /** @throws ContractError ATTACHMENT_NOT_FOUND where it neither stands in the chat nor waits to be sent, or the chat is closed. */
  file({ sessionId, attachmentId }: Input<typeof webchat.file>, by: Actor): Promise<Attachment> {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.find(tx, sessionId);
      const file = chat?.open ? ((await this.thread.file(tx, sessionId, attachmentId)) ?? (await this.uploads.find(tx, sessionId, attachmentId))) : null;
      if (!file) throw new ContractError('ATTACHMENT_NOT_FOUND', `No file ${attachmentId} in this chat`);
      return file;
    });
  }
}
