import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Actor, Input } from '@parley/contracts/contract';
import { ContractError } from '@parley/contracts/errors';
import { WAITING_FILES, type webchat } from '@parley/contracts/webchat';
import { Rounds } from '@parley/service/rounds';
import { announce, system, type Tx, within } from '@parley/service/tx';
import { DataSource } from 'typeorm';
import { ChannelsService } from '../channel/channels.service.js';
import { ChatsRepository } from './chats.repository.js';
import { type Uploaded, UploadsRepository } from './uploads.repository.js';

const HOUR_MS = 3_600_000;

/** Files that visitors have uploaded, until they are sent with a message or a day has gone by. */
@Injectable()
export class UploadsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly rounds = new Rounds(() => this.abandon(), HOUR_MS, 'abandoned uploads stay for now');

  constructor(
    private readonly db: DataSource,
    private readonly channels: ChannelsService,
    private readonly chats: ChatsRepository,
    private readonly uploads: UploadsRepository,
  ) {}

  onApplicationBootstrap() {
    this.rounds.start();
  }

  async onApplicationShutdown() {
    await this.rounds.stop();
  }

  /** @throws ContractError CHAT_CLOSED where the visitor has ended the chat, TOO_MANY where too many wait already */
  keep({ file }: Input<typeof webchat.keepFile>, by: Actor) {
    return within(this.db, by, async (tx) => {
      const chat = await this.chats.lock(tx, by.id ?? '');
      if (!chat?.isOn || chat.endedBy === 'visitor') throw new ContractError('CHAT_CLOSED', 'No such chat, or it has ended');
      if ((await this.uploads.count(tx, chat.id)) >= WAITING_FILES) throw new ContractError('TOO_MANY', `${WAITING_FILES} files wait to be sent already`);
      await this.uploads.keep(tx, chat.id, file);
      return {};
    });
  }

  /** The files of a message, in the order of their ids as given. @throws ContractError ATTACHMENT_NOT_FOUND where one is none of the visitor's, or was sent before */
  async take(tx: Tx, sessionId: string, ids: string[]): Promise<Uploaded[]> {
    const wanted = [...new Set(ids)];
    if (!wanted.length) return [];
    const found = new Map((await this.uploads.take(tx, sessionId, wanted)).map((file) => [file.id, file]));
    return wanted.map((id) => found.get(id) ?? notFound(id));
  }

  /** Gives up on what nobody has sent within a day, by the accounts' time; every replica looks once an hour, and finds less to do. */
  async abandon() {
    for (const account of await this.channels.accounts()) while ((await within(this.db, system(account), (tx) => this.abandonSome(tx))) > 0);
  }

  /** Up to 500 of an account; how many there were. */
  async abandonSome(tx: Tx): Promise<number> {
    const fileIds = await this.uploads.abandon(tx);
    if (fileIds.length) announce(tx, channelEvents.uploadsAbandoned, { key: `uploads/${tx.by.account}`, data: { fileIds } });
    return fileIds.length;
  }
}

function notFound(id: string): never {
  throw new ContractError('ATTACHMENT_NOT_FOUND', `No file ${id} waits to be sent here`);
}
