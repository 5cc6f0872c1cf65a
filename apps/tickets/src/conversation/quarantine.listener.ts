import { Injectable } from '@nestjs/common';
import { channelEvents } from '@parley/contracts/channels';
import type { Data } from '@parley/contracts/events';
import { quarantineEvents } from '@parley/contracts/quarantine';
import { type Fact, Hears, Parked } from '@parley/service/hears';
import type { Tx } from '@parley/service/tx';
import { QuarantineService } from './quarantine.service.js';

@Injectable()
export class QuarantineListener {
  constructor(private readonly quarantine: QuarantineService) {}

  @Parked(channelEvents.messageReceived, 'tell-the-books-that-a-message-is-in-quarantine')
  parked(tx: Tx, fact: Fact, error: string) {
    return this.quarantine.parked(tx, fact.data as Data<typeof channelEvents.messageReceived>, error);
  }

  @Hears(quarantineEvents.retryAsked, 'file-a-message-once-more')
  again(tx: Tx, { inboundId }: Data<typeof quarantineEvents.retryAsked>) {
    return this.quarantine.again(tx, inboundId);
  }
}
