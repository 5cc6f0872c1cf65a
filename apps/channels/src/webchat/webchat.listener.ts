import { Injectable } from '@nestjs/common';
import { accessEvents } from '@parley/contracts/access';
import type { Data } from '@parley/contracts/events';
import { messageEvents } from '@parley/contracts/messages';
import { ticketEvents } from '@parley/contracts/tickets';
import { Hears } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { ChatService } from './chat.service.js';
import { ProjectionService } from './projection.service.js';

@Injectable()
export class WebchatListener {
  constructor(
    private readonly projection: ProjectionService,
    private readonly chat: ChatService,
  ) {}

  @Hears(messageEvents.received, 'show-the-visitor-their-own-message')
  received(tx: Tx, message: Data<typeof messageEvents.received>) {
    return this.projection.received(tx, message);
  }

  @Hears(messageEvents.sent, 'show-the-visitor-the-answer')
  sent(tx: Tx, message: Data<typeof messageEvents.sent>) {
    return this.projection.sent(tx, message);
  }

  @Hears(ticketEvents.closed, 'close-the-chat-of-a-closed-ticket')
  closed(tx: Tx, ticket: Data<typeof ticketEvents.closed>) {
    return this.chat.closeOf(tx, ticket);
  }

  @Hears(messageEvents.filed, 'begin-a-new-chat-for-what-a-closed-one-refused')
  filed(tx: Tx, filed: Data<typeof messageEvents.filed>) {
    return this.chat.moveOn(tx, filed);
  }

  @Hears(accessEvents.accountCreated, 'remember-the-new-brand')
  opened(tx: Tx, account: Data<typeof accessEvents.accountCreated>) {
    return this.projection.brand(tx, account);
  }

  @Hears(accessEvents.accountUpdated, 'remember-the-changed-brand')
  changed(tx: Tx, account: Data<typeof accessEvents.accountUpdated>) {
    return this.projection.brand(tx, account);
  }
}
