import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { Hears, type Fact } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { AmendmentsService } from './amendments.service.js';
import { ChatTextsService } from './chat-texts.service.js';
import { ChatsService } from './chats.service.js';
import { ConversationService } from './conversation.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { EchoesService } from './echoes.service.js';

@Injectable()
export class ConversationListener {
  constructor(
    private readonly conversation: ConversationService,
    private readonly deliveries: DeliveriesService,
    private readonly chats: ChatsService,
    private readonly amendments: AmendmentsService,
    private readonly echoes: EchoesService,
    private readonly texts: ChatTextsService,
  ) {}

  @Hears(channelEvents.messageReceived, 'put-the-message-in-its-ticket')
  received(tx: Tx, message: Data<typeof channelEvents.messageReceived>, fact: Fact) {
    return this.conversation.receive(tx, message, fact.id);
  }

  @Hears(channelEvents.deliveryChanged, 'move-the-delivery-forward')
  delivered(tx: Tx, report: Data<typeof channelEvents.deliveryChanged>) {
    return this.deliveries.reported(tx, report);
  }

  @Hears(channelEvents.messageAmended, 'amend-the-message')
  amended(tx: Tx, amendment: Data<typeof channelEvents.messageAmended>) {
    return this.amendments.amend(tx, amendment);
  }

  @Hears(channelEvents.mediaFetched, 'put-the-file-into-its-message')
  fetched(tx: Tx, fetched: Data<typeof channelEvents.mediaFetched>) {
    return this.amendments.fetched(tx, fetched);
  }

  @Hears(channelEvents.messageEchoed, 'show-what-the-brand-wrote-elsewhere')
  echoed(tx: Tx, echo: Data<typeof channelEvents.messageEchoed>, fact: Fact) {
    return this.echoes.receive(tx, echo, fact.id);
  }

  @Hears(channelEvents.presenceChanged, 'show-whether-the-visitor-is-there')
  presence(tx: Tx, presence: Data<typeof channelEvents.presenceChanged>) {
    return this.chats.presence(tx, presence);
  }

  @Hears(channelEvents.chatRead, 'mark-what-the-visitor-has-seen')
  read(tx: Tx, read: Data<typeof channelEvents.chatRead>) {
    return this.chats.read(tx, read);
  }

  @Hears(channelEvents.chatTextDue, 'write-what-the-office-hours-say')
  textDue(tx: Tx, due: Data<typeof channelEvents.chatTextDue>) {
    return this.texts.write(tx, due);
  }

  @Hears(channelEvents.chatEnded, 'close-the-chat-that-the-visitor-ended')
  ended(tx: Tx, end: Data<typeof channelEvents.chatEnded>) {
    return this.chats.ended(tx, end);
  }
}
