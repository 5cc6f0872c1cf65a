import { Injectable } from '@nestjs/common';
import { accessEvents } from '@parley/contracts/access';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { timerEvents } from '@parley/contracts/timers';
import { Hears, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { FollowUpService } from './follow-up.service.js';

@Injectable()
export class FollowUpListener {
  constructor(private readonly followUps: FollowUpService) {}

  @Hears(timerEvents.followUpDue, 'queue-the-follow-up-mail')
  due(tx: Tx, request: Data<typeof timerEvents.followUpDue>) {
    return this.followUps.due(tx, request);
  }

  @Hears(channelEvents.presenceChanged, 'call-the-mail-off-when-the-visitor-is-back')
  async presenceChanged(tx: Tx, { online, sessionId }: Data<typeof channelEvents.presenceChanged>, fact: Fact) {
    if (online) await this.followUps.cancel(tx, sessionId, new Date(fact.time));
  }

  @Hears(channelEvents.chatRead, 'call-the-mail-off-when-the-visitor-has-read')
  chatRead(tx: Tx, { sessionId }: Data<typeof channelEvents.chatRead>, fact: Fact) {
    return this.followUps.cancel(tx, sessionId, new Date(fact.time));
  }

  @Hears(channelEvents.chatEnded, 'call-the-mail-off-when-the-chat-has-ended')
  chatEnded(tx: Tx, { sessionId }: Data<typeof channelEvents.chatEnded>, fact: Fact) {
    return this.followUps.cancel(tx, sessionId, new Date(fact.time));
  }

  @Hears(accessEvents.accountCreated, 'know-the-new-brand')
  accountCreated(tx: Tx, account: Data<typeof accessEvents.accountCreated>) {
    return this.followUps.brandChanged(tx, account);
  }

  @Hears(accessEvents.accountUpdated, 'know-the-changed-brand')
  accountUpdated(tx: Tx, account: Data<typeof accessEvents.accountUpdated>) {
    return this.followUps.brandChanged(tx, account);
  }
}
