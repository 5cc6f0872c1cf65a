import { Injectable } from '@nestjs/common';
import { accessEvents } from '@parley/contracts/access';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { DirectoryService } from './directory.service.js';

@Injectable()
export class DirectoryListener {
  constructor(private readonly directory: DirectoryService) {}

  @Hears(accessEvents.accountCreated, 'remember-the-account')
  accountCreated(tx: Tx, account: Data<typeof accessEvents.accountCreated>) {
    return this.directory.keepAccount(tx, account);
  }

  @Hears(accessEvents.accountUpdated, 'remember-what-changed-of-the-account')
  accountUpdated(tx: Tx, account: Data<typeof accessEvents.accountUpdated>) {
    return this.directory.keepAccount(tx, account);
  }

  @Hears(accessEvents.userCreated, 'remember-the-person')
  userCreated(tx: Tx, user: Data<typeof accessEvents.userCreated>) {
    return this.directory.keepAgent(tx, user);
  }

  @Hears(accessEvents.userUpdated, 'remember-what-changed-of-the-person')
  userUpdated(tx: Tx, user: Data<typeof accessEvents.userUpdated>) {
    return this.directory.keepAgent(tx, user);
  }

  @Hears(channelEvents.channelCreated, 'remember-the-channel')
  channelCreated(tx: Tx, channel: Data<typeof channelEvents.channelCreated>) {
    return this.directory.keepChannel(tx, channel);
  }

  @Hears(channelEvents.channelUpdated, 'remember-what-changed-of-the-channel')
  channelUpdated(tx: Tx, channel: Data<typeof channelEvents.channelUpdated>) {
    return this.directory.keepChannel(tx, channel);
  }
}
